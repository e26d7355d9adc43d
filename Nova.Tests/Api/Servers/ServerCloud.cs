using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Operations;
using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

/// <summary>A cloud with a flavor and an image, and one that waits for operations instead of asking again and again.</summary>
public class ServerCloud : TestCloud, IAsyncLifetime
{
    private readonly SemaphoreSlim _making = new(1);
    private CloudClient? _three;
    private int _projects;

    /// <summary>An active image of 1 KiB.</summary>
    public string Image { get; private set; } = "";

    /// <summary>Fits everywhere.</summary>
    public string Flavor => "f-small";

    /// <inheritdoc />
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        (await As("admin").Post("/v2.1/flavors", """{"flavor": {"id": "f-small", "name": "small", "ram": 64, "vcpus": 1, "disk": 1}}""")).Is(200);
        (await As("admin").Post("/v2.1/flavors", """{"flavor": {"id": "f-none", "name": "diskless", "ram": 64, "vcpus": 1, "disk": 0}}""")).Is(200);
        (await As("admin").Post("/v2.1/flavors", """{"flavor": {"id": "f-huge", "name": "huge", "ram": 1024, "vcpus": 100, "disk": 1}}""")).Is(200);
        Image = await MakeImage("""{"name": "tiny", "disk_format": "raw", "container_format": "bare", "visibility": "public"}""");
    }

    /// <summary>A member of a project that nobody else uses.</summary>
    public CloudClient NewMember() => As($"ada:project-{Interlocked.Increment(ref _projects)}");

    /// <summary>An image with bytes.</summary>
    public async Task<string> MakeImage(string body)
    {
        var id = (await As("admin").Post("/image/v2/images", body)).Is(201)["id"].GetString()!;
        (await As("admin").Send(HttpMethod.Put, $"/image/v2/images/{id}/file", new string('x', 1024), "application/octet-stream")).Is(204);
        return id;
    }

    /// <summary>The body of a create; more members as JSON, beginning with a comma.</summary>
    public string Body(string name = "vm", string more = "", string networks = "\"none\"") =>
        $$$"""{"server": {"name": "{{{name}}}", "flavorRef": "{{{Flavor}}}", "imageRef": "{{{Image}}}", "networks": {{{networks}}}{{{more}}} }}""";

    /// <summary>Creates a server and waits until it runs.</summary>
    public async Task<string> Boot(CloudClient caller, string name = "vm", string more = "", string networks = "\"none\"")
    {
        var at = caller.Version is null ? caller.At("2.90") : caller;
        var id = (await at.Post("/v2.1/servers", Body(name, more, networks))).Is(202)["server", "id"].GetString()!;
        await Settled(id);
        return id;
    }

    /// <summary>Completes when no operation works on the server.</summary>
    public async Task Settled(string server)
    {
        var runner = Services.GetRequiredService<OperationRunner>();
        var store = Services.GetRequiredService<OperationStore>();
        while ((await store.OfServer(Guid.Parse(server), default)).FirstOrDefault(o => o.FinishedAt is null) is { } open)
            await runner.WhenEnded(open.WaitsFor ?? open.Id).WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>The owner of three servers a, b and c, made once.</summary>
    public async Task<CloudClient> Three()
    {
        await _making.WaitAsync();
        try
        {
            return _three ??= await MakeThree();
        }
        finally
        {
            _making.Release();
        }
    }

    private async Task<CloudClient> MakeThree()
    {
        var ada = NewMember().At("2.90");
        await Boot(ada, "a", """, "tags": ["red"]""");
        await Boot(ada, "b", """, "tags": ["red", "blue"]""");
        await Boot(ada, "c", """, "tags": ["green"], "config_drive": true""");
        return ada;
    }

    /// <summary>The server as its owner sees it.</summary>
    public static async Task<JsonElement> Show(CloudClient caller, string id) => (await caller.Get($"/v2.1/servers/{id}")).Is(200)["server"];

    /// <summary>An action, and its end.</summary>
    public async Task Act(CloudClient caller, string id, string body)
    {
        (await caller.Post($"/v2.1/servers/{id}/action", body)).Is(202);
        await Settled(id);
    }
}

/// <summary>All tests of servers share one cloud; each has a project of its own.</summary>
[CollectionDefinition(nameof(ServerCloud))]
public sealed class ServerCloudGroup : ICollectionFixture<ServerCloud>;

/// <summary>The same over PostgreSQL.</summary>
public sealed class PostgresServerCloud : ServerCloud
{
    private string _connection = "";

    /// <inheritdoc />
    protected override IReadOnlyDictionary<string, string> Changed =>
        new Dictionary<string, string> { ["database.kind"] = "postgres", ["database.connection"] = _connection };

    /// <inheritdoc />
    public override async Task InitializeAsync()
    {
        _connection = await PostgresServer.Shared.CreateEmpty();
        await base.InitializeAsync();
    }

    /// <summary>Ends it, and removes its database.</summary>
    public async Task Remove()
    {
        await DisposeAsync();
        await PostgresServer.Shared.Drop(_connection);
    }
}
