using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Servers.Password;
using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

/// <summary>What hosts tell of guests, and what guests told of themselves, called directly.</summary>
[Collection(nameof(ServerCloud))]
public class DiagnosticsTests(ServerCloud cloud) : DiagnosticsExamples(cloud);

/// <summary>The same over gRPC.</summary>
public class WiredDiagnosticsTests(WiredSnapshotTests.Cloud cloud) : DiagnosticsExamples(cloud), IClassFixture<WiredSnapshotTests.Cloud>;

/// <summary>What holds in both.</summary>
public abstract class DiagnosticsExamples(ServerCloud cloud)
{
    [Fact]
    public async Task Diagnostics_have_the_drivers_form_until_247_and_one_form_from_248()
    {
        var (ada, admin) = (cloud.NewMember(), cloud.As("admin"));
        var id = await cloud.Boot(ada, more: """, "config_drive": true""");
        var address = $"/v2.1/servers/{id}/diagnostics";

        foreach (var version in new[] { "2.1", "2.47" })
        {
            var old = (await admin.At(version).Get(address)).Is(200).Json;
            Assert.Equal(64 << 10, old.GetProperty("memory").GetInt64());
            Assert.All(["cpu0_time", "vda_read", "vda_read_req", "vda_write", "vda_write_req"], name => Assert.True(old.GetProperty(name).GetInt64() > 0));
            Assert.Equal(0, old.GetProperty("vda_errors").GetInt64());
        }

        foreach (var version in new[] { "2.48", "2.104" })
        {
            var all = (await admin.At(version).Get(address)).Is(200).Json;
            Assert.Equal(("running", "libvirt", "fake", "linux", true), (Text(all, "state"), Text(all, "driver"), Text(all, "hypervisor"), Text(all, "hypervisor_os"), all.GetProperty("config_drive").GetBoolean()));
            Assert.Equal((1, 0, 2, 64), (Int(all, "num_cpus"), Int(all, "num_nics"), Int(all, "num_disks"), Int(all.GetProperty("memory_details"), "maximum")));
            Assert.True(Int(all, "uptime") >= 0);
            Assert.True(all.GetProperty("cpu_details")[0].GetProperty("time").GetInt64() > 0);
            Assert.Equal(2, all.GetProperty("disk_details").GetArrayLength());
        }

        (await admin.At("2.101").Get(address + "?x=1")).Is(200);
        (await admin.At("2.102").Get(address + "?x=1")).Is(400);
    }

    [Fact]
    public async Task A_server_that_does_not_run_has_none()
    {
        var (ada, admin) = (cloud.NewMember(), cloud.As("admin").At("2.104"));
        var id = await cloud.Boot(ada);
        var address = $"/v2.1/servers/{id}/diagnostics";
        foreach (var (action, power) in new[] { ("pause", "paused"), ("unpause", ""), ("suspend", "suspended"), ("resume", ""), ("os-stop", "shutdown") })
        {
            await cloud.Act(ada, id, $$"""{"{{action}}": null}""");
            if (power.Length == 0)
                (await admin.Get(address)).Is(200);
            else
                (await admin.Get(address)).Is(409, $"Cannot 'get_diagnostics' instance {id} while it is in power state {power}");
        }

        (await admin.Put($"/v2.1/os-quota-sets/{ada.Token.Split(':')[1]}", """{"quota_set": {"cores": -1}}""")).Is(200);
        var huge = (await ada.At("2.90").Post("/v2.1/servers", cloud.Body().Replace("f-small", "f-huge", StringComparison.Ordinal))).Is(202)["server", "id"].GetString()!;
        await cloud.Settled(huge);
        (await admin.Get($"/v2.1/servers/{huge}/diagnostics")).Is(409, $"Instance {huge} is not ready");
        (await admin.Get("/v2.1/servers/nowhere/diagnostics")).Is(404, "Instance nowhere could not be found.");
    }

    [Fact]
    public async Task Diagnostics_are_for_administrators()
    {
        var ada = cloud.NewMember().At("2.104");
        var id = await cloud.Boot(ada);

        (await ada.Get($"/v2.1/servers/{id}/diagnostics")).Is(403);
        (await cloud.NewMember().At("2.104").Get($"/v2.1/servers/{id}/diagnostics")).Is(403);
        (await cloud.As("").At("2.104").Get($"/v2.1/servers/{id}/diagnostics")).Is(401);
    }

    [Fact]
    public async Task A_host_that_fails_says_so()
    {
        var ada = cloud.NewMember();
        var id = await cloud.Boot(ada, more: """, "metadata": {"fake:fail_at": "diagnose", "fake:fail_kind": "transient", "fake:fail_times": "1"}""");

        (await cloud.As("admin").At("2.104").Get($"/v2.1/servers/{id}/diagnostics")).Is(503);
        (await cloud.As("admin").At("2.104").Get($"/v2.1/servers/{id}/diagnostics")).Is(200);
    }

    [Fact]
    public async Task A_password_that_the_guest_stored_is_shown_and_cleared()
    {
        var ada = cloud.NewMember().At("2.104");
        var id = await cloud.Boot(ada);
        var address = $"/v2.1/servers/{id}/os-server-password";
        var stored = cloud.Services.GetRequiredService<StoredPasswords>();
        Assert.Equal("", Text((await ada.Get(address)).Is(200).Json, "password"));

        Assert.True(await stored.TrySet(Guid.Parse(id), "sealed==", default));
        Assert.False(await stored.TrySet(Guid.Parse(id), "another", default));
        foreach (var version in new[] { "2.1", "2.104" })
            Assert.Equal("sealed==", Text((await ada.At(version).Get(address)).Is(200).Json, "password"));
        (await cloud.As(ada.Token).At("2.104").With("x-roles", "reader").Get(address)).Is(200);
        (await cloud.As(ada.Token).At("2.104").With("x-roles", "reader").Delete(address)).Is(403);
        (await cloud.NewMember().At("2.104").Get(address)).Is(404, $"Instance {id} could not be found.");
        (await cloud.NewMember().At("2.104").Delete(address)).Is(404, $"Instance {id} could not be found.");
        (await cloud.As("").At("2.104").Get(address)).Is(401);
        (await ada.At("2.101").Get(address + "?x=1")).Is(200);
        (await ada.At("2.102").Get(address + "?x=1")).Is(400);

        (await ada.At("2.1").Delete(address)).Is(204);
        (await ada.Delete(address)).Is(204);
        Assert.Equal("", Text((await ada.Get(address)).Is(200).Json, "password"));
        Assert.True(await stored.TrySet(Guid.Parse(id), "new", default));

        (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);
        (await ada.Get(address)).Is(404);
        Assert.False(await stored.TrySet(Guid.Parse(id), "late", default));
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();

    private static int Int(JsonElement of, string name) => of.GetProperty(name).GetInt32();
}
