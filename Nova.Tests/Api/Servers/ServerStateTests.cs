using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

/// <summary>Actions that change a server's state without moving it.</summary>
[Collection(nameof(ServerCloud))]
public class ServerStateTests(ServerCloud cloud)
{
    [Theory]
    [InlineData("pause", "unpause", "PAUSED", "paused")]
    [InlineData("suspend", "resume", "SUSPENDED", "suspended")]
    public async Task A_server_rests_and_goes_on(string rest, string goOn, string status, string vmState)
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada);
        var address = $"/v2.1/servers/{id}/action";

        (await ada.Post(address, $$"""{"{{goOn}}": null}""")).Is(409, $"Cannot '{goOn}' instance {id} while it is in vm_state active");
        await cloud.Act(ada, id, $$"""{"{{rest}}": null}""");
        Assert.Equal(status, (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        (await ada.Post(address, $$$"""{"{{{rest}}}": {}}""")).Is(409, $"Cannot '{rest}' instance {id} while it is in vm_state {vmState}");
        (await ada.Post(address, """{"reboot": {"type": "SOFT"}}""")).Is(409);
        await cloud.Act(ada, id, $$"""{"{{goOn}}": null}""");
        Assert.Equal("ACTIVE", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        await cloud.Act(ada, id, $$"""{"{{rest}}": null}""");
        await cloud.Act(ada, id, """{"reboot": {"type": "HARD"}}""");
        Assert.Equal("ACTIVE", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());

        var actions = (await ada.Get($"/v2.1/servers/{id}/os-instance-actions")).Is(200)["instanceActions"].EnumerateArray().Select(a => a.GetProperty("action").GetString());
        Assert.Equal(["reboot", rest, goOn, rest, "create"], actions);
    }

    [Fact]
    public async Task A_lock_is_the_owners_or_an_administrators_and_has_a_reason_from_273()
    {
        var ada = cloud.NewMember().At("2.73");
        var admin = cloud.As("admin").At("2.73");
        var id = await cloud.Boot(ada);
        var address = $"/v2.1/servers/{id}/action";

        (await ada.At("2.72").Post(address, """{"lock": {"locked_reason": "no reasons before 2.73"}}""")).Is(202);
        Assert.Equal("null", (await ServerCloud.Show(ada, id)).GetProperty("locked_reason").GetRawText());
        (await ada.Post(address, """{"unlock": null}""")).Is(202);
        (await ada.Post(address, """{"lock": {"locked_reason": ""}}""")).Is(400);
        (await ada.Post(address, """{"lock": {"why": "x"}}""")).Is(400);
        (await ada.Post(address, """{"lock": {"locked_reason": "mine"}}""")).Is(202);
        var shown = await ServerCloud.Show(ada, id);
        Assert.Equal((true, "mine"), (shown.GetProperty("locked").GetBoolean(), shown.GetProperty("locked_reason").GetString()));
        (await ada.Post(address, """{"os-stop": null}""")).Is(409, $"Instance {id} is locked");
        (await ada.Delete($"/v2.1/servers/{id}")).Is(409, $"Instance {id} is locked");
        Assert.Equal(1, (await ada.Get("/v2.1/servers?locked=true")).Is(200)["servers"].GetArrayLength());
        Assert.Equal(0, (await ada.Get("/v2.1/servers?locked=false")).Is(200)["servers"].GetArrayLength());

        (await admin.Post(address, """{"lock": {"locked_reason": "theirs"}}""")).Is(202);
        (await ada.Post(address, """{"lock": {"locked_reason": "mine again"}}""")).Is(202);
        Assert.Equal("theirs", (await ServerCloud.Show(ada, id)).GetProperty("locked_reason").GetString());
        (await ada.Post(address, """{"unlock": null}""")).Is(403);
        (await admin.Post(address, """{"unlock": null}""")).Is(202);
        Assert.False((await ServerCloud.Show(ada, id)).GetProperty("locked").GetBoolean());
        var list = (await ada.Get($"/v2.1/servers/{id}/os-instance-actions")).Is(200)["instanceActions"];
        Assert.Equal("unlock", list[0].GetProperty("action").GetString());
        var last = (await ada.Get($"/v2.1/servers/{id}/os-instance-actions/{list[0].GetProperty("request_id").GetString()}")).Is(200);
        Assert.Equal("api_unlock", last["instanceAction", "events"][0].GetProperty("event").GetString());
    }

    [Fact]
    public async Task An_administrator_says_how_a_server_is()
    {
        var ada = cloud.NewMember().At("2.90");
        var admin = cloud.As("admin").At("2.90");
        var id = await cloud.Boot(ada);
        var address = $"/v2.1/servers/{id}/action";

        (await ada.Post(address, """{"os-resetState": {"state": "error"}}""")).Is(403);
        (await admin.Post(address, """{"os-resetState": {"state": "stopped"}}""")).Is(400);
        (await admin.Post(address, """{"os-resetState": {"state": "error"}}""")).Is(202);
        Assert.Equal("ERROR", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        (await ada.Post(address, """{"pause": null}""")).Is(409, $"Cannot 'pause' instance {id} while it is in vm_state error");
        (await admin.Post(address, """{"os-resetState": {"state": "active"}}""")).Is(202);
        Assert.Equal("ACTIVE", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        Assert.Equal("resetState", (await ada.Get($"/v2.1/servers/{id}/os-instance-actions")).Is(200)["instanceActions"][0].GetProperty("action").GetString());
    }
}

/// <summary>A cloud that keeps deleted servers for an hour.</summary>
public sealed class SoftDeleteCloud : ServerCloud
{
    /// <inheritdoc />
    protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string> { ["servers.reclaim_interval_seconds"] = "3600" };
}

public class SoftDeleteTests(SoftDeleteCloud cloud) : IClassFixture<SoftDeleteCloud>
{
    [Fact]
    public async Task A_deleted_server_is_kept_restored_and_deleted_for_good()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada);
        var address = $"/v2.1/servers/{id}/action";
        (await ada.Post(address, """{"restore": null}""")).Is(409, $"Cannot 'restore' instance {id} while it is in vm_state active");

        (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);
        Assert.Equal("SOFT_DELETED", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        Assert.Equal(0, (await ada.Get("/v2.1/limits")).Is(200)["limits", "absolute"].GetProperty("totalInstancesUsed").GetInt32());

        await cloud.Act(ada, id, """{"restore": null}""");
        Assert.Equal("ACTIVE", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        Assert.Equal(1, (await ada.Get("/v2.1/limits")).Is(200)["limits", "absolute"].GetProperty("totalInstancesUsed").GetInt32());

        (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);
        (await ada.Post(address, """{"forceDelete": null}""")).Is(202);
        await cloud.Settled(id);
        (await ada.Get($"/v2.1/servers/{id}")).Is(404);
        Assert.Equal(0, (await ada.Get("/v2.1/limits")).Is(200)["limits", "absolute"].GetProperty("totalInstancesUsed").GetInt32());
    }

    [Fact]
    public async Task A_restore_needs_quota()
    {
        var ada = cloud.NewMember().At("2.90");
        var project = ada.Token.Split(':')[1];
        var id = await cloud.Boot(ada);
        (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);
        (await cloud.As("admin").At("2.90").Put($"/v2.1/os-quota-sets/{project}", """{"quota_set": {"instances": 0}}""")).Is(200);

        (await ada.Post($"/v2.1/servers/{id}/action", """{"restore": null}""")).Is(403, "Quota exceeded for instances: Requested 1, but already used 0 of 0 instances");
        Assert.Equal("SOFT_DELETED", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
    }
}
