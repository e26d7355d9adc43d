using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Create;
using Nova.Modules.Servers.Delete;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Operations;

/// <summary>What an operator asks over HTTP.</summary>
public class OperationEndpointTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private const string Root = "/nova-host/v1/operations";

    [Theory]
    [InlineData("GET", Root)]
    [InlineData("GET", Root + "/11111111-1111-1111-1111-111111111111")]
    [InlineData("POST", Root + "/11111111-1111-1111-1111-111111111111/resume")]
    [InlineData("POST", Root + "/11111111-1111-1111-1111-111111111111/unwind")]
    [InlineData("GET", "/nova-host/v1/audit")]
    public async Task Only_an_administrator_may_ask(string method, string path)
    {
        (await cloud.As("someone:demo").Send(new(method), path, null)).Is(403);
        (await cloud.As("").Send(new(method), path, null)).Is(401);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("POST", "/resume")]
    [InlineData("POST", "/unwind")]
    public async Task An_unknown_operation_is_404(string method, string suffix)
    {
        foreach (var id in (string[])["11111111-1111-1111-1111-111111111111", "nonsense"])
            (await cloud.As("admin").Send(new(method), $"{Root}/{id}{suffix}", null)).Is(404, $"Operation {id} could not be found.");
    }

    [Fact]
    public async Task Ended_operations_are_listed_by_server_and_cannot_be_resumed()
    {
        var server = await Server();

        var listed = (await cloud.As("admin").Get($"{Root}?server={server}")).Is(200)["operations"];
        var create = Assert.Single(listed.EnumerateArray());
        Assert.Equal(("server.create", "done"), (create.GetProperty("kind").GetString(), create.GetProperty("status").GetString()));
        Assert.Empty((await cloud.As("admin").Get($"{Root}?server={server}&status=stuck")).Is(200)["operations"].EnumerateArray());
        var id = create.GetProperty("id").GetString();
        Assert.Equal(id, (await cloud.As("admin").Get($"{Root}/{id}")).Is(200)["operation", "id"].GetString());
        (await cloud.As("admin").Post($"{Root}/{id}/resume", null)).Is(409, $"Operation {id} is not stuck.");
    }

    [Fact]
    public async Task Pages_follow_one_another()
    {
        var server = await Server();
        var ids = new List<string?>();
        await Stuck(server);
        for (var path = $"{Root}?server={server}&limit=1"; path is not null;)
        {
            var page = (await cloud.As("admin").Get(path)).Is(200);
            ids.Add(Assert.Single(page["operations"].EnumerateArray()).GetProperty("id").GetString());
            path = page["operations_links"].EnumerateArray().Select(l => new Uri(l.GetProperty("href").GetString()!).PathAndQuery).SingleOrDefault();
        }

        Assert.Equal(2, ids.Distinct().Count());
        (await cloud.As("admin").Get($"{Root}?status=strange")).Is(400);
        (await cloud.As("admin").Get($"{Root}?marker=strange")).Is(400);
    }

    [Theory]
    [InlineData("resume", "deleted")]
    [InlineData("unwind", "error")]
    public async Task A_stuck_operation_is_shown_by_the_audit_and_set_free(string how, string expected)
    {
        var server = await Server();
        var id = await Stuck(server);

        Assert.Contains((await cloud.As("admin").Get("/nova-host/v1/audit")).Is(200)["differences"].EnumerateArray(), d => d.GetProperty("subject").GetString() == id);
        Assert.Contains((await cloud.As("admin").Get($"{Root}?status=stuck")).Is(200)["operations"].EnumerateArray(), o => o.GetProperty("id").GetString() == id);
        (await cloud.As("admin").Post($"{Root}/{id}/{how}", null)).Is(202);

        await Eventually.Is(async () => (await cloud.As("admin").Get($"{Root}/{id}"))["operation", "finished_at"].ValueKind == System.Text.Json.JsonValueKind.String);
        Assert.Equal(expected, (await cloud.Services.GetRequiredService<ServerStore>().FindAny(server, default))!.VmState);
        Assert.DoesNotContain((await cloud.As("admin").Get("/nova-host/v1/audit")).Is(200)["differences"].EnumerateArray(), d => d.GetProperty("subject").GetString() == id || d.GetProperty("subject").GetString() == server.ToString());
    }

    private async Task<Guid> Server()
    {
        var flavor = new ServerFlavor { Id = "1", Name = "small", Vcpus = 1, MemoryMb = 64, RootGb = 1 };
        var accepted = await cloud.Services.GetRequiredService<CreateService>().Create(
            FakeCloud.Caller(), new() { Name = "vm", Flavor = flavor, Networks = NetworkRequest.None }, default);
        var id = accepted.Servers[0].Id;
        var servers = cloud.Services.GetRequiredService<ServerStore>();
        await Eventually.Is(async () => (await servers.Find(id, default))!.VmState == VmStates.Active);
        return id;
    }

    // A delete that gave up at its host.
    private async Task<string> Stuck(Guid serverId)
    {
        var database = cloud.Services.GetRequiredService<Database>();
        var server = (await cloud.Services.GetRequiredService<ServerStore>().Find(serverId, default))!;
        var id = cloud.Services.GetRequiredService<Ids>().Next();
        var start = new OperationStart { Id = id, ServerId = serverId, ProjectId = server.ProjectId, Action = "delete", Kind = DeleteServer.OperationKind, Caller = CallerRecords.Of(FakeCloud.Caller()) };
        var row = cloud.Services.GetRequiredService<OperationRunner>().NewRow(start, new DeleteServerState(), server.Epoch, "destroy") with
        {
            Status = OperationStatus.Stuck, Steps = """{"StuckFrom":1,"Events":[]}""",
        };
        var fault = FaultJson.Write(Fault.Unavailable($"The server's host is not connected at the moment."));
        await database.Write(
            tx =>
            {
                cloud.Services.GetRequiredService<OperationStore>().Insert(tx, row);
                tx.Execute("UPDATE operations SET fault = @fault WHERE id = @id", new { id, fault });
            }, default);
        return id.ToString();
    }
}
