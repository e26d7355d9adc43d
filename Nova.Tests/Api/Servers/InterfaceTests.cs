using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Drivers.Hypervisor.Fake;
using Nova.Modules.Compute;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Audit;
using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

/// <summary>Interfaces and fixed addresses of servers that exist.</summary>
[Collection(nameof(ServerCloud))]
public class InterfaceTests(ServerCloud cloud)
{
    private const string Nothing = "00000000-0000-4000-8000-000000000000";

    private static CloudClient Admin(ServerCloud cloud) => cloud.As("admin");

    private CloudClient Neutron => cloud.As("neutron:service").With("X-Roles", "service");

    [Fact]
    public async Task An_interface_is_attached_on_a_network_with_address_and_tag_and_detached_again()
    {
        var (ada, network) = await Networked("10.80.0.0/24");
        var id = await cloud.Boot(ada);
        var server = $"/v2.1/servers/{id}";

        var made = (await ada.Post($"{server}/os-interface", $$$"""{"interfaceAttachment": {"net_id": "{{{network}}}", "fixed_ips": [{"ip_address": "10.80.0.77"}], "tag": "lan"}}""")).Is(200)["interfaceAttachment"];
        Assert.Equal(network, made.GetProperty("net_id").GetString());
        Assert.Equal("10.80.0.77", made.GetProperty("fixed_ips")[0].GetProperty("ip_address").GetString());
        Assert.Equal("ACTIVE", made.GetProperty("port_state").GetString());
        Assert.Equal("lan", made.GetProperty("tag").GetString());
        var port = made.GetProperty("port_id").GetString()!;

        Assert.Equal(made.ToString(), (await ada.Get($"{server}/os-interface/{port}")).Is(200)["interfaceAttachment"].ToString());
        Assert.Equal("10.80.0.77", Addresses(await ServerCloud.Show(ada, id)).Single());
        var guest = cloud.Services.GetRequiredService<HostJournal>().AllGuests().Single(e => e.ServerId == Guid.Parse(id)).Guest!;
        Assert.Equal(("lan", port), (guest.Nics.Single().Tag, guest.Nics.Single().PortId.ToString()));
        Assert.Equal([Guid.Parse(port)], NicsOf(id));
        var bound = (await Admin(cloud).Get($"/network/v2.0/ports/{port}")).Is(200)["port"];
        Assert.Equal((id, "compute:nova"), (bound.GetProperty("device_id").GetString(), bound.GetProperty("device_owner").GetString()));

        (await ada.Delete($"{server}/os-interface/{port}")).Is(202);
        await cloud.Settled(id);
        Assert.Empty(NicsOf(id)!);
        Assert.Equal(0, (await ada.Get($"{server}/os-interface")).Is(200)["interfaceAttachments"].GetArrayLength());
        (await ada.Get($"/network/v2.0/ports/{port}")).Is(404);
        (await ada.Delete($"{server}/os-interface/{port}")).Is(404, $"Port {port} is not attached");
        (await ada.Delete($"{server}/os-interface/not-an-id")).Is(404, "Port not-an-id is not attached");
        Assert.Equal(
            ["detach_interface", "attach_interface", "create"],
            (await ada.Get($"{server}/os-instance-actions")).Is(200)["instanceActions"].EnumerateArray().Select(a => a.GetProperty("action").GetString()));
        Assert.DoesNotContain((await cloud.Services.GetRequiredService<ServerAudit>().Run(default)).Findings, f => f.Subject == id || f.Subject == port);
    }

    [Fact]
    public async Task A_port_of_the_user_is_lent_and_comes_back()
    {
        var (ada, network) = await Networked("10.81.0.0/24");
        var id = await cloud.Boot(ada, networks: $$"""[{"uuid": "{{network}}"}]""");
        var port = await NewPort(ada, network);
        var body = $$$"""{"interfaceAttachment": {"port_id": "{{{port}}}"}}""";
        Assert.Equal(port, (await ada.Post($"/v2.1/servers/{id}/os-interface", body)).Is(200)["interfaceAttachment", "port_id"].GetString());
        (await ada.Post($"/v2.1/servers/{id}/os-interface", body)).Is(409, $"Port {port} is still in use.");
        Assert.Equal(2, (await ada.Get($"/v2.1/servers/{id}/os-interface")).Is(200)["interfaceAttachments"].GetArrayLength());

        (await ada.Delete($"/v2.1/servers/{id}/os-interface/{port}")).Is(202);
        await cloud.Settled(id);
        Assert.Equal("", (await ada.Get($"/network/v2.0/ports/{port}")).Is(200)["port", "device_id"].GetString());

        // What is attached when the server goes is treated as what it was made with.
        (await ada.Post($"/v2.1/servers/{id}/os-interface", body)).Is(200);
        var own = (await ada.Post($"/v2.1/servers/{id}/os-interface", $$$"""{"interfaceAttachment": {"net_id": "{{{network}}}"}}""")).Is(200)["interfaceAttachment", "port_id"].GetString();
        (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);
        Assert.Equal("", (await ada.Get($"/network/v2.0/ports/{port}")).Is(200)["port", "device_id"].GetString());
        (await ada.Get($"/network/v2.0/ports/{own}")).Is(404);
    }

    [Fact]
    public async Task Without_network_and_port_the_only_network_is_taken()
    {
        var ada = cloud.NewMember().At("2.70");
        var id = await cloud.Boot(ada);
        var path = $"/v2.1/servers/{id}/os-interface";
        (await ada.Post(path, "{}")).Is(400, $"No specific network was requested and none are available for project '{Project(ada)}'.");
        var first = await NewNetwork(ada, "10.82.0.0/24");
        Assert.Equal(first, (await ada.Post(path, "{}")).Is(200)["interfaceAttachment", "net_id"].GetString());
        Assert.Equal(first, (await ada.Post(path, """{"interfaceAttachment": {}}""")).Is(200)["interfaceAttachment", "net_id"].GetString());
        await NewNetwork(ada, "10.83.0.0/24");
        (await ada.Post(path, "{}")).Is(400, "More than one possible network found. Specify network ID(s) to select which one(s) to connect to.");
    }

    [Fact]
    public async Task What_cannot_be_attached_is_refused_in_the_words_of_the_original()
    {
        var (ada, network) = await Networked("10.84.0.0/29");
        var eve = cloud.NewMember().At("2.70");
        var theirs = await NewPort(eve, await NewNetwork(eve, "10.84.0.0/24"));
        var id = await cloud.Boot(ada);
        var path = $"/v2.1/servers/{id}/os-interface";
        var port = await NewPort(ada, network);

        await Refused($$"""{"net_id": "{{network}}", "port_id": "{{port}}"}""", 400, "Must not input both network_id and port_id");
        await Refused("""{"fixed_ips": [{"ip_address": "10.84.0.3"}]}""", 400, "Must input network_id when request IP address");
        await Refused($$"""{"net_id": "{{Nothing}}"}""", 404, $"Network {Nothing} could not be found.");
        await Refused($$"""{"port_id": "{{Nothing}}"}""", 404, $"Port id {Nothing} could not be found.");
        await Refused($$"""{"port_id": "{{theirs}}"}""", 404, $"Port id {theirs} could not be found.");
        (await Admin(cloud).At("2.70").Post(path, $$$"""{"interfaceAttachment": {"port_id": "{{{theirs}}}"}}""")).Is(400, $"Port {theirs} not usable for instance {id}.");
        await Refused($$"""{"net_id": "{{network}}", "fixed_ips": [{"ip_address": "192.0.2.1"}]}""", 400, $"Invalid input received: Fixed IP 192.0.2.1 is not a valid ip address for network {network}.");
        var taken = (await ada.Get($"/network/v2.0/ports/{port}")).Is(200)["port", "fixed_ips"][0].GetProperty("ip_address").GetString();
        await Refused($$"""{"net_id": "{{network}}", "fixed_ips": [{"ip_address": "{{taken}}"}]}""", 409, $"Fixed IP {taken} is already in use.");
        var empty = (await ada.Post("/network/v2.0/networks", """{"network": {"name": "empty"}}""")).Is(201)["network", "id"].GetString();
        await Refused($$"""{"net_id": "{{empty}}"}""", 400, $"Network {empty} requires a subnet in order to boot instances on.");
        var outside = (await Admin(cloud).Post("/network/v2.0/networks", """{"network": {"name": "out", "router:external": true}}""")).Is(201)["network", "id"].GetString();
        await Refused($$"""{"net_id": "{{outside}}"}""", 403, $"It is not allowed to create an interface on external network {outside}");
        (await Admin(cloud).Delete($"/network/v2.0/networks/{outside}")).Is(204);

        (await Admin(cloud).Put($"/network/v2.0/quotas/{Project(ada)}", """{"quota": {"port": 1}}""")).Is(200);
        await Refused($$"""{"net_id": "{{network}}"}""", 403, "Maximum number of ports exceeded");
        (await Admin(cloud).Delete($"/network/v2.0/quotas/{Project(ada)}")).Is(204);
        for (var free = 4; free > 0; free--)
            (await ada.Post(path, $$$"""{"interfaceAttachment": {"net_id": "{{{network}}}"}}""")).Is(200);
        await Refused($$"""{"net_id": "{{network}}"}""", 400, $"No fixed IP addresses available for network: {network}");
        Assert.Equal(4, (await ada.Get(path)).Is(200)["interfaceAttachments"].GetArrayLength());
        Assert.DoesNotContain((await cloud.Services.GetRequiredService<ServerAudit>().Run(default)).Findings, f => f.Kind is "ports" or "addresses");

        async Task Refused(string asked, int status, string fault) => (await ada.Post(path, $$"""{"interfaceAttachment": {{asked}}}""")).Is(status, fault);
    }

    [Fact]
    public async Task Versions_change_what_may_be_asked_and_what_is_shown()
    {
        var (ada, network) = await Networked("10.85.0.0/24");
        var id = await cloud.Boot(ada);
        var path = $"/v2.1/servers/{id}/os-interface";
        string Body(string more) => $$$"""{"interfaceAttachment": {"net_id": "{{{network}}}"{{{more}}}}}""";

        (await ada.At("2.48").Post(path, Body(""", "tag": "t" """))).Is(400);
        var early = (await ada.At("2.49").Post(path, Body(""", "tag": "t" """))).Is(200)["interfaceAttachment"];
        Assert.False(early.TryGetProperty("tag", out _));
        (await ada.At("2.49").Post(path, Body(""", "tag": "a,b" """))).Is(400);
        Assert.False((await ada.At("2.69").Post(path, Body(""))).Is(200)["interfaceAttachment"].TryGetProperty("tag", out _));
        Assert.Equal(JsonValueKind.Null, (await ada.At("2.70").Post(path, Body(""))).Is(200)["interfaceAttachment", "tag"].ValueKind);
        Assert.Equal("t", (await ada.At("2.70").Get($"{path}/{early.GetProperty("port_id").GetString()}")).Is(200)["interfaceAttachment", "tag"].GetString());
        (await ada.At("2.1").Post(path, """{"interfaceAttachment": {"net_id": "x"}}""")).Is(400);
        (await ada.At("2.1").Post(path, Body(""", "fixed_ips": []"""))).Is(400);
        (await ada.At("2.1").Post(path, Body(""", "fixed_ips": [{"ip_address": "10.85.0.300"}]"""))).Is(400);
        (await ada.At("2.1").Post(path, Body(""", "fixed_ips": [{"ip_address": "10.85.0.50"}, {"ip_address": "10.85.0.51"}]"""))).Is(400);
        (await ada.At("2.104").Post(path, Body(""", "device": 1"""))).Is(400);
    }

    [Fact]
    public async Task Only_its_owner_changes_a_servers_interfaces_and_not_while_it_is_locked()
    {
        var (ada, network) = await Networked("10.86.0.0/24");
        var id = await cloud.Boot(ada, networks: $$"""[{"uuid": "{{network}}"}]""");
        var path = $"/v2.1/servers/{id}/os-interface";
        var body = $$$"""{"interfaceAttachment": {"net_id": "{{{network}}}"}}""";
        var port = (await ada.Get(path)).Is(200)["interfaceAttachments"][0].GetProperty("port_id").GetString();

        foreach (var stranger in new[] { cloud.NewMember().At("2.70"), cloud.NewMember().At("2.70").With("X-Roles", "reader") })
        {
            (await stranger.Post(path, body)).Is(stranger.Headers.Count > 0 ? 403 : 404);
            (await stranger.Delete($"{path}/{port}")).Is(stranger.Headers.Count > 0 ? 403 : 404);
        }

        var reader = ada.With("X-Roles", "reader");
        (await reader.Post(path, body)).Is(403);
        (await reader.Delete($"{path}/{port}")).Is(403);
        (await reader.Get($"{path}/{port}")).Is(200);

        (await ada.Post($"/v2.1/servers/{id}/action", """{"lock": null}""")).Is(202);
        (await ada.Post(path, body)).Is(409, $"Instance {id} is locked");
        (await ada.Delete($"{path}/{port}")).Is(409, $"Instance {id} is locked");
        (await ada.At("2.43").Post($"/v2.1/servers/{id}/action", $$$"""{"addFixedIp": {"networkId": "{{{network}}}"}}""")).Is(409, $"Instance {id} is locked");
        (await Admin(cloud).At("2.70").Post(path, body)).Is(200);
        (await ada.Post($"/v2.1/servers/{id}/action", """{"unlock": null}""")).Is(202);
        (await ada.Delete($"{path}/{port}")).Is(202);
        await cloud.Settled(id);
    }

    [Theory]
    [InlineData("""{"os-stop": null}""", 200)]
    [InlineData("""{"pause": null}""", 200)]
    [InlineData("""{"suspend": null}""", 409)]
    public async Task The_state_of_the_server_decides(string action, int status)
    {
        var (ada, network) = await Networked("10.87.0.0/24");
        var id = await cloud.Boot(ada, networks: $$"""[{"uuid": "{{network}}"}]""");
        await cloud.Act(ada, id, action);
        var path = $"/v2.1/servers/{id}/os-interface";
        var port = (await ada.Get(path)).Is(200)["interfaceAttachments"][0].GetProperty("port_id").GetString();

        var attached = await ada.Post(path, $$$"""{"interfaceAttachment": {"net_id": "{{{network}}}"}}""");
        if (status == 409)
        {
            attached.Is(409, $"Cannot 'attach_interface' instance {id} while it is in vm_state suspended");
            (await ada.Delete($"{path}/{port}")).Is(409, $"Cannot 'detach_interface' instance {id} while it is in vm_state suspended");
            return;
        }

        attached.Is(status);
        (await ada.Delete($"{path}/{port}")).Is(202);
        await cloud.Settled(id);
        Assert.Equal([attached["interfaceAttachment", "port_id"].GetGuid()], NicsOf(id));
    }

    [Fact]
    public async Task What_the_host_refuses_leaves_no_port()
    {
        var (ada, network) = await Networked("10.88.0.0/24");
        const string FailsOnce = """, "metadata": {"fake:fail_at": "interfaces", "fake:fail_times": "1"}""";
        var id = await cloud.Boot(ada, more: FailsOnce, networks: $$"""[{"uuid": "{{network}}"}]""");
        var path = $"/v2.1/servers/{id}/os-interface";
        (await ada.Post(path, $$$"""{"interfaceAttachment": {"net_id": "{{{network}}}"}}""")).Is(500, $"Failed to attach network adapter device to {id}");
        Assert.Equal(1, (await ada.Get(path)).Is(200)["interfaceAttachments"].GetArrayLength());
        Assert.Equal(1, (await ada.Get($"/network/v2.0/ports?device_id={id}")).Is(200)["ports"].GetArrayLength());
        Assert.Equal("ACTIVE", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        (await ada.Post(path, $$$"""{"interfaceAttachment": {"net_id": "{{{network}}}"}}""")).Is(200);

        var other = await cloud.Boot(ada, more: FailsOnce, networks: $$"""[{"uuid": "{{network}}"}]""");
        path = $"/v2.1/servers/{other}/os-interface";
        var port = (await ada.Get(path)).Is(200)["interfaceAttachments"][0].GetProperty("port_id").GetString();
        (await ada.Delete($"{path}/{port}")).Is(202);
        await cloud.Settled(other);
        Assert.Equal(port, (await ada.Get(path)).Is(200)["interfaceAttachments"][0].GetProperty("port_id").GetString());
        (await ada.Delete($"{path}/{port}")).Is(202);
        await cloud.Settled(other);
        (await ada.Get($"{path}/{port}")).Is(404);
    }

    [Fact]
    public async Task Several_changes_at_once_follow_each_other()
    {
        var (ada, network) = await Networked("10.89.0.0/24");
        var id = await cloud.Boot(ada);
        var path = $"/v2.1/servers/{id}/os-interface";
        var made = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ada.Post(path, $$$"""{"interfaceAttachment": {"net_id": "{{{network}}}"}}""")));
        var ports = made.Select(m => m.Is(200)["interfaceAttachment", "port_id"].GetGuid()).ToHashSet();
        Assert.Equal(6, ports.Count);
        foreach (var gone in await Task.WhenAll(ports.Select(port => ada.Delete($"{path}/{port}"))))
            gone.Is(202);
        await cloud.Settled(id);
        Assert.Empty(NicsOf(id)!);
    }

    [Fact]
    public async Task A_port_that_is_deleted_is_detached()
    {
        var (ada, network) = await Networked("10.90.0.0/24");
        var id = await cloud.Boot(ada, networks: $$"""[{"uuid": "{{network}}"}, {"uuid": "{{network}}"}, {"uuid": "{{network}}"}]""");
        var ports = (await ada.Get($"/v2.1/servers/{id}/os-interface")).Is(200)["interfaceAttachments"].EnumerateArray().Select(p => p.GetProperty("port_id").GetGuid()).ToList();

        (await ada.Delete($"/network/v2.0/ports/{ports[1]}")).Is(204);
        await Eventually.Is(async () => await Task.FromResult(NicsOf(id) is { } nics && nics.SequenceEqual([ports[0], ports[2]])));
        Assert.Equal(2, Addresses(await ServerCloud.Show(ada, id)).Count());

        // The same as another network service would tell it.
        var events = $$"""{"events": [{"name": "network-vif-deleted", "server_uuid": "{{id}}", "tag": "{{ports[0]}}"}]}""";
        (await Neutron.Post("/v2.1/os-server-external-events", events)).Is(200);
        await Eventually.Is(async () => await Task.FromResult(NicsOf(id) is { } nics && nics.SequenceEqual([ports[2]])));
        (await ada.Get($"/network/v2.0/ports/{ports[0]}")).Is(404);
        (await Neutron.Post("/v2.1/os-server-external-events", events)).Is(200);
        (await Neutron.Post("/v2.1/os-server-external-events", $$"""{"events": [{"name": "network-vif-plugged", "server_uuid": "{{id}}", "tag": "{{ports[2]}}"}]}""")).Is(200);
        Assert.Single(Addresses(await ServerCloud.Show(ada, id)));
    }

    [Fact]
    public async Task Fixed_addresses_come_and_go_until_2_43()
    {
        var (ada, network) = await Networked("10.91.0.0/29");
        ada = ada.At("2.43");
        var id = await cloud.Boot(ada.At("2.70"), networks: $$"""[{"uuid": "{{network}}"}]""");
        var action = $"/v2.1/servers/{id}/action";
        var first = Addresses(await ServerCloud.Show(ada, id)).Single();

        (await ada.Post(action, $$$"""{"addFixedIp": {"networkId": "{{{network}}}"}}""")).Is(202);
        var both = Addresses(await ServerCloud.Show(ada, id)).ToList();
        Assert.Equal(2, both.Distinct().Count());
        Assert.Equal(both, (await ada.Get($"/v2.1/servers/{id}/os-interface")).Is(200)["interfaceAttachments"][0].GetProperty("fixed_ips").EnumerateArray().Select(a => a.GetProperty("ip_address").GetString()));
        await Eventually.Is(async () => await Task.FromResult(cloud.Services.GetRequiredService<HostJournal>().AllGuests().Single(e => e.ServerId == Guid.Parse(id)).Guest!.Nics[0].Addresses.Count == 2));

        (await ada.Post(action, $$$"""{"removeFixedIp": {"address": "{{{first}}}"}}""")).Is(202);
        Assert.Equal([both[1]], Addresses(await ServerCloud.Show(ada, id)));
        (await ada.Post(action, $$$"""{"removeFixedIp": {"address": "{{{first}}}"}}""")).Is(400, $"Instance {id} does not have fixed IP '{first}'.");
        (await ada.Post(action, """{"removeFixedIp": {"address": "10.91.0.256"}}""")).Is(400);
        (await ada.Post(action, $$$"""{"addFixedIp": {"networkId": "{{{Nothing}}}"}}""")).Is(404, $"Network could not be found for instance {id}.");
        (await ada.Post(action, """{"addFixedIp": {"networkId": 1}}""")).Is(404, $"Network could not be found for instance {id}.");
        (await ada.Post(action, """{"addFixedIp": {"networkId": ""}}""")).Is(400);
        (await ada.Post(action, """{"addFixedIp": {}}""")).Is(400);
        for (var free = 4; free > 0; free--)
            (await ada.Post(action, $$$"""{"addFixedIp": {"networkId": "{{{network}}}"}}""")).Is(202);
        (await ada.Post(action, $$$"""{"addFixedIp": {"networkId": "{{{network}}}"}}""")).Is(400, $"No fixed IP addresses available for network: {network}");

        (await ada.At("2.44").Post(action, $$$"""{"addFixedIp": {"networkId": "{{{network}}}"}}""")).Is(404);
        (await ada.At("2.44").Post(action, $$$"""{"removeFixedIp": {"address": "{{{first}}}"}}""")).Is(404);
        (await ada.With("X-Roles", "reader").Post(action, $$$"""{"addFixedIp": {"networkId": "{{{network}}}"}}""")).Is(403);
        (await cloud.NewMember().At("2.43").Post(action, $$$"""{"removeFixedIp": {"address": "{{{first}}}"}}""")).Is(404);
        Assert.DoesNotContain((await cloud.Services.GetRequiredService<ServerAudit>().Run(default)).Findings, f => f.Kind is "ports" or "addresses");
    }

    private async Task<(CloudClient Ada, string Network)> Networked(string cidr)
    {
        var ada = cloud.NewMember().At("2.70");
        return (ada, await NewNetwork(ada, cidr));
    }

    private static async Task<string> NewNetwork(CloudClient owner, string cidr)
    {
        var network = (await owner.Post("/network/v2.0/networks", """{"network": {"name": "n"}}""")).Is(201)["network", "id"].GetString()!;
        (await owner.Post("/network/v2.0/subnets", $$$"""{"subnet": {"network_id": "{{{network}}}", "ip_version": 4, "cidr": "{{{cidr}}}"}}""")).Is(201);
        return network;
    }

    private static async Task<string> NewPort(CloudClient owner, string network) =>
        (await owner.Post("/network/v2.0/ports", $$$"""{"port": {"network_id": "{{{network}}}"}}""")).Is(201)["port", "id"].GetString()!;

    private static string Project(CloudClient caller) => caller.Token.Split(':')[1];

    private static IEnumerable<string> Addresses(JsonElement server) =>
        server.GetProperty("addresses").EnumerateObject().SelectMany(n => n.Value.EnumerateArray()).Select(a => a.GetProperty("addr").GetString()!);

    private IReadOnlyList<Guid>? NicsOf(string server) =>
        cloud.Services.GetRequiredService<FakeHypervisors>().Hosts.Select(h => h.NicsOf(Guid.Parse(server))).FirstOrDefault(n => n is not null);
}
