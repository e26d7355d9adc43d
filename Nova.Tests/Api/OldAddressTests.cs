using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Shared.Database;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

[Collection(nameof(ServerCloud))]
public sealed class OldAddressTests(ServerCloud cloud)
{
    private CloudClient Admin => cloud.As("admin");

    [Fact]
    public async Task Extensions_are_a_fixed_list()
    {
        var all = (await cloud.NewMember().Get("/v2.1/extensions")).Is(200)["extensions"];
        Assert.Equal(99, all.GetArrayLength());
        Assert.Equal(100, (await cloud.NewMember().Get("/v2/extensions")).Is(200)["extensions"].GetArrayLength());
        Assert.Equal("Keypairs", (await cloud.NewMember().Get("/v2.1/extensions/os-keypairs")).Is(200)["extension", "name"].GetString());
        (await cloud.NewMember().Get("/v2.1/extensions/no-such")).Is(404);
        (await cloud.NewMember().At("2.101").Get("/v2.1/extensions?a=b")).Is(200);
        (await cloud.NewMember().At("2.102").Get("/v2.1/extensions?a=b")).Is(400);
    }

    [Fact]
    public async Task Hosts_are_listed_shown_and_disabled_until_2_42()
    {
        await cloud.Boot(cloud.As("ada:old-host").At("2.90"));
        var host = (await Admin.At("2.42").Get("/v2.1/os-hosts?zone=nova")).Is(200)["hosts"][0];
        Assert.Equal("compute", host.GetProperty("service").GetString());
        var name = host.GetProperty("host_name").GetString();

        var rows = (await Admin.Get($"/v2.1/os-hosts/{name}")).Is(200)["host"].EnumerateArray().Select(r => r.GetProperty("resource")).ToDictionary(r => r.GetProperty("project").GetString()!);
        Assert.Equal((1, 64), (rows["old-host"].GetProperty("cpu").GetInt32(), rows["old-host"].GetProperty("memory_mb").GetInt32()));
        Assert.True(rows["(used_now)"].GetProperty("memory_mb").GetInt32() >= 64);

        (await Admin.Put($"/v2.1/os-hosts/{name}", """{"maintenance_mode": "enable"}""")).Is(501);
        (await Admin.Get($"/v2.1/os-hosts/{name}/reboot")).Is(501, "The requested functionality is not supported.");
        (await Admin.Get("/v2.1/os-hosts/elsewhere/startup")).Is(404, "Compute host elsewhere could not be found.");
        Assert.Equal("enabled", (await Admin.Put($"/v2.1/os-hosts/{name}", """{"status": "Enable"}""")).Is(200)["status"].GetString());
        (await Admin.Put($"/v2.1/os-hosts/{name}", "{}")).Is(400);
        (await Admin.At("2.43").Get("/v2.1/os-hosts")).Is(404);
        (await cloud.NewMember().Get("/v2.1/os-hosts")).Is(403);
    }

    [Fact]
    public async Task There_are_no_volumes_until_2_35_and_no_such_address_after()
    {
        var ada = cloud.NewMember().At("2.35");
        foreach (var kind in new[] { "volumes", "snapshots" })
        {
            Assert.Equal(0, (await ada.Get($"/v2.1/os-{kind}")).Is(200)[kind].GetArrayLength());
            Assert.Equal(0, (await ada.Get($"/v2.1/os-{kind}/detail")).Is(200)[kind].GetArrayLength());
            (await ada.Get($"/v2.1/os-{kind}/1")).Is(404);
            (await ada.Delete($"/v2.1/os-{kind}/1")).Is(404);
            (await ada.At("2.36").Get($"/v2.1/os-{kind}")).Is(404);
        }

        (await ada.Post("/v2.1/os-volumes", """{"volume": {"size": 1}}""")).Is(400, "This cloud has no volume service.");
        (await ada.Post("/v2.1/os-snapshots", """{"snapshot": {"volume_id": "v"}}""")).Is(400, "Volume v could not be found.");
    }

    [Fact]
    public async Task A_volume_service_is_told_that_nothing_is_attached()
    {
        var service = cloud.As("cinder:service").With("X-Roles", "service");
        const string body = """{"snapshot": {"volume_id": "v", "create_info": {"snapshot_id": "s", "type": "qcow2", "new_file": "f"}}}""";
        (await service.Post("/v2.1/os-assisted-volume-snapshots", body)).Is(400, "No volume Block Device Mapping with id v.");
        (await cloud.NewMember().Post("/v2.1/os-assisted-volume-snapshots", body)).Is(403);
        (await service.Delete("/v2.1/os-assisted-volume-snapshots/1?delete_info=" + Uri.EscapeDataString("""{"volume_id": "v"}"""))).Is(400, "No volume Block Device Mapping with id v.");
        (await service.Delete("/v2.1/os-assisted-volume-snapshots/1?delete_info={}")).Is(400, "'volume_id'");
        (await service.Delete("/v2.1/os-assisted-volume-snapshots/1?delete_info=v")).Is(400, "delete_info is not JSON.");
        (await service.Delete("/v2.1/os-assisted-volume-snapshots/1")).Is(400, "'delete_info'");
    }

    [Fact]
    public async Task Bare_metal_is_not_seen_from_here()
    {
        (await Admin.At("2.35").Get("/v2.1/os-baremetal-nodes")).Is(501, "The requested functionality is not supported.");
        (await Admin.Get("/v2.1/os-baremetal-nodes/1")).Is(501);
        (await cloud.NewMember().Post("/v2.1/os-baremetal-nodes", "{}")).Is(400, "Command Not supported. Please use Ironic command node-create to perform this action.");
        (await cloud.NewMember().Post("/v2.1/os-baremetal-nodes/1/action", """{"add_interface": {}}""")).Is(400, "Command Not supported. Please use Ironic command port-create to perform this action.");
        (await Admin.At("2.36").Get("/v2.1/os-baremetal-nodes")).Is(404);
    }

    [Fact]
    public async Task Servers_have_a_second_address_until_2_102()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = (await ada.Post("/v2.1/os-volumes_boot", cloud.Body())).Is(202)["server", "id"].GetString()!;
        await cloud.Settled(id);
        Assert.Equal("ACTIVE", (await ada.Get($"/v2.1/os-volumes_boot/{id}")).Is(200)["server", "status"].GetString());
        Assert.Equal(1, (await ada.Get("/v2.1/os-volumes_boot/detail")).Is(200)["servers"].GetArrayLength());
        (await ada.Post($"/v2.1/os-volumes_boot/{id}/action", """{"os-stop": null}""")).Is(202);
        await cloud.Settled(id);
        (await ada.Post($"/v2.1/os-volumes_boot/{id}/action", """{"os-getConsoleOutput": {}}""")).Is(400, "There is no such action: os-getConsoleOutput");
        (await ada.At("2.103").Get("/v2.1/os-volumes_boot")).Is(404);
        (await ada.Delete($"/v2.1/os-volumes_boot/{id}")).Is(204);
    }

    [Fact]
    public async Task Neighbours_tell_events_and_hear_what_became_of_each()
    {
        var server = await cloud.Boot(cloud.As("ada:told").At("2.90"));
        var neutron = cloud.As("neutron:service").With("X-Roles", "service").At("2.93");
        var mixed = (await neutron.Post("/v2.1/os-server-external-events", $$"""
            {"events": [
                {"name": "network-changed", "server_uuid": "{{server}}", "tag": "port"},
                {"name": "volume-extended", "server_uuid": "{{server}}"},
                {"name": "network-vif-plugged", "server_uuid": "4b7ebcda-1d9c-4a8b-9c0f-0123456789ab", "status": "failed"}]}
            """)).Is(207)["events"];
        Assert.Equal([200, 400, 404], mixed.EnumerateArray().Select(e => e.GetProperty("code").GetInt32()));
        Assert.Equal(["completed", "failed", "failed"], mixed.EnumerateArray().Select(e => e.GetProperty("status").GetString()));
        (await neutron.Post("/v2.1/os-server-external-events", $$"""{"events": [{"name": "network-changed", "server_uuid": "{{server.ToUpperInvariant()}}"}]}""")).Is(200);

        var told = await cloud.Services.GetRequiredService<Database>().Read(
            rows => rows.Query<string>("SELECT body FROM events WHERE kind = 'server.external_event' AND subject = @server ORDER BY id", new { server }), default);
        Assert.Equal("""{"name":"network-changed","status":"completed","tag":"port"}""", told[0]);
        (await neutron.At("2.50").Post("/v2.1/os-server-external-events", $$"""{"events": [{"name": "volume-extended", "server_uuid": "{{server}}", "tag": "v"}]}""")).Is(400);
        (await cloud.NewMember().Post("/v2.1/os-server-external-events", """{"events": []}""")).Is(403);
    }
}
