using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

[Collection(nameof(ServerCloud))]
public class ServerActionTests(ServerCloud cloud)
{
    [Fact]
    public async Task A_server_is_stopped_started_and_rebooted()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada);

        await cloud.Act(ada, id, """{"os-stop": null}""");
        Assert.Equal("SHUTOFF", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        (await ada.Post($"/v2.1/servers/{id}/action", """{"os-stop": null}""")).Is(409, $"Cannot 'stop' instance {id} while it is in vm_state stopped");
        (await ada.Post($"/v2.1/servers/{id}/action", """{"reboot": {"type": "SOFT"}}""")).Is(409, $"Cannot 'reboot' instance {id} while it is in vm_state stopped");
        await cloud.Act(ada, id, """{"os-start": null}""");
        (await ada.Post($"/v2.1/servers/{id}/action", """{"os-start": null}""")).Is(409, $"Cannot 'start' instance {id} while it is in vm_state active");
        await cloud.Act(ada, id, """{"reboot": {"type": "Hard"}}""");
        await cloud.Act(ada, id, """{"reboot": {"type": "soft"}}""");
        Assert.Equal("ACTIVE", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        (await ada.Post($"/v2.1/servers/{id}/action", """{"reboot": {"type": "sOfT"}}""")).Is(400);
        (await ada.Post($"/v2.1/servers/{id}/action", """{"fly": null}""")).Is(400, "There is no such action: fly");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_deleted_server_is_gone(bool force)
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada);

        if (force)
            (await ada.Post($"/v2.1/servers/{id}/action", """{"forceDelete": {}}""")).Is(202);
        else
            (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);

        (await ada.Get($"/v2.1/servers/{id}")).Is(404, $"Instance {id} could not be found.");
        (await ada.Delete($"/v2.1/servers/{id}")).Is(404, $"Instance {id} could not be found.");
        var used = (await ada.Get("/v2.1/limits")).Is(200)["limits", "absolute"];
        Assert.Equal(0, used.GetProperty("totalInstancesUsed").GetInt32());
    }

    public static TheoryData<string, string, string?> Calls => new()
    {
        { "GET", "", null },
        { "PUT", "", """{"server": {"name": "x"}}""" },
        { "DELETE", "", null },
        { "POST", "/action", """{"os-start": null}""" },
        { "POST", "/action", """{"os-stop": null}""" },
        { "POST", "/action", """{"reboot": {"type": "HARD"}}""" },
        { "POST", "/action", """{"forceDelete": null}""" },
        { "POST", "/action", """{"os-getConsoleOutput": {}}""" },
        { "GET", "/ips", null },
        { "GET", "/ips/x", null },
        { "GET", "/metadata", null },
        { "POST", "/metadata", """{"metadata": {}}""" },
        { "PUT", "/metadata", """{"metadata": {}}""" },
        { "GET", "/metadata/a", null },
        { "PUT", "/metadata/a", """{"meta": {"a": "b"}}""" },
        { "DELETE", "/metadata/a", null },
        { "GET", "/tags", null },
        { "PUT", "/tags", """{"tags": []}""" },
        { "DELETE", "/tags", null },
        { "GET", "/tags/a", null },
        { "PUT", "/tags/a", null },
        { "DELETE", "/tags/a", null },
        { "GET", "/os-instance-actions", null },
        { "GET", "/os-instance-actions/req-1", null },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task What_belongs_to_another_project_is_not_there(string method, string path, string? body)
    {
        var id = await Shared();
        var eve = cloud.As("eve:elsewhere").At("2.90");

        (await eve.Send(new(method), $"/v2.1/servers/{id}{path}", body)).Is(404, $"Instance {id} could not be found.");
        (await eve.Send(new(method), $"/v2.1/servers/no-uuid{path}", body)).Is(404, "Instance no-uuid could not be found.");
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_reader_reads_and_changes_nothing(string method, string path, string? body)
    {
        var id = await Shared();
        var answer = await cloud.As("rita:shared").At("2.90").With("x-roles", "reader").Send(new(method), $"/v2.1/servers/{id}{path}", body);

        if (method == "GET")
            Assert.NotEqual(403, answer.Status);
        else
            answer.Is(403);
    }

    [Fact]
    public async Task The_console_log_is_read_from_its_end()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada);

        var all = (await ada.Post($"/v2.1/servers/{id}/action", """{"os-getConsoleOutput": {}}""")).Is(200)["output"].GetString()!;
        var last = (await ada.Post($"/v2.1/servers/{id}/action", """{"os-getConsoleOutput": {"length": "1"}}""")).Is(200)["output"].GetString()!;
        Assert.NotEmpty(all);
        Assert.EndsWith(last, all, StringComparison.Ordinal);
        Assert.Equal(all, (await ada.Post($"/v2.1/servers/{id}/action", """{"os-getConsoleOutput": {"length": -1}}""")).Is(200)["output"].GetString());
        Assert.Equal(string.Join('\n', all.Split('\n')[^3..]), (await ada.Post($"/v2.1/servers/{id}/action", """{"os-getConsoleOutput": {"length": 3}}""")).Is(200)["output"].GetString());
        Assert.Equal("", (await ada.Post($"/v2.1/servers/{id}/action", """{"os-getConsoleOutput": {"length": 0}}""")).Is(200)["output"].GetString());
        (await ada.Post($"/v2.1/servers/{id}/action", """{"os-getConsoleOutput": {"length": -2}}""")).Is(400);
    }

    [Fact]
    public async Task Actions_are_remembered_with_their_steps()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada);
        await cloud.Act(ada, id, """{"os-stop": null}""");

        var list = (await ada.Get($"/v2.1/servers/{id}/os-instance-actions")).Is(200)["instanceActions"];
        Assert.Equal(["stop", "create"], list.EnumerateArray().Select(a => a.GetProperty("action").GetString()));
        var stop = list[0].GetProperty("request_id").GetString();
        var shown = (await ada.Get($"/v2.1/servers/{id}/os-instance-actions/{stop}")).Is(200)["instanceAction"];
        var step = shown.GetProperty("events")[0];
        Assert.Equal("compute_stop_instance", step.GetProperty("event").GetString());
        Assert.Equal("Success", step.GetProperty("result").GetString());
        Assert.False(step.TryGetProperty("traceback", out _));
        Assert.False((await ada.At("2.50").Get($"/v2.1/servers/{id}/os-instance-actions/{stop}")).Is(200)["instanceAction"].TryGetProperty("events", out _));
        var whole = (await cloud.As("admin").At("2.84").Get($"/v2.1/servers/{id}/os-instance-actions/{stop}")).Is(200)["instanceAction", "events"][0];
        Assert.True(whole.TryGetProperty("traceback", out _) && whole.TryGetProperty("details", out _));

        var page = (await ada.Get($"/v2.1/servers/{id}/os-instance-actions?limit=1")).Is(200);
        Assert.Contains($"marker={stop}", page["links"][0].GetProperty("href").GetString()!, StringComparison.Ordinal);
        var next = (await ada.Get($"/v2.1/servers/{id}/os-instance-actions?limit=1&marker={stop}")).Is(200)["instanceActions"];
        Assert.Equal("create", next[0].GetProperty("action").GetString());
        Assert.Equal(0, (await ada.Get($"/v2.1/servers/{id}/os-instance-actions?changes-since=2999-01-01T00:00:00Z")).Is(200)["instanceActions"].GetArrayLength());
        (await ada.Get($"/v2.1/servers/{id}/os-instance-actions?marker=req-x")).Is(400, "Marker req-x could not be found.");
        (await ada.Get($"/v2.1/servers/{id}/os-instance-actions/req-x")).Is(404, "Action req-x not found");
        (await ada.Get($"/v2.1/servers/{id}/os-instance-actions?changes-since=2999-01-01T00:00:00Z&changes-before=2000-01-01T00:00:00Z")).Is(400);
    }

    [Fact]
    public async Task Actions_of_a_deleted_server_are_there_from_221()
    {
        var ada = cloud.NewMember();
        var id = await cloud.Boot(ada);
        (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);

        (await ada.At("2.20").Get($"/v2.1/servers/{id}/os-instance-actions")).Is(404);
        Assert.Equal("delete", (await ada.At("2.21").Get($"/v2.1/servers/{id}/os-instance-actions")).Is(200)["instanceActions"][0].GetProperty("action").GetString());
    }

    private static readonly SemaphoreSlim Making = new(1);
    private static string? _shared;

    private async Task<string> Shared()
    {
        await Making.WaitAsync();
        try
        {
            return _shared ??= await cloud.Boot(cloud.As("ada:shared"));
        }
        finally
        {
            Making.Release();
        }
    }
}
