using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Drivers.Identity.Embedded;
using Nova.Modules.Operations;

namespace Nova.Tests.Support;

/// <summary>The whole program with its own identity service, whose tokens count.</summary>
public class EmbeddedCloud : TestCloud, IAsyncLifetime
{
    private readonly string _kind;
    private readonly Dictionary<string, string> _changed;
    private string _connection = "";
    private string _demoPassword = "";

    /// <summary>Over SQLite or PostgreSQL, with settings that differ.</summary>
    public EmbeddedCloud(string kind, Dictionary<string, string> changed) => (_kind, _changed) = (kind, changed);

    /// <summary>The first administrator, in the project admin.</summary>
    public CloudClient Admin { get; private set; } = null!;

    /// <summary>A member of the project demo.</summary>
    public CloudClient Demo { get; private set; } = null!;

    /// <summary>An active image of 1 KiB.</summary>
    public string Image { get; private set; } = "";

    /// <summary>Of the first administrator.</summary>
    public string AdminPassword { get; private set; } = "";

    /// <inheritdoc />
    protected override IReadOnlyDictionary<string, string> Changed
    {
        get
        {
            var settings = new Dictionary<string, string>(_changed) { ["identity.kind"] = "embedded" };
            if (_kind == "postgres")
                (settings["database.kind"], settings["database.connection"]) = ("postgres", _connection);
            return settings;
        }
    }

    /// <summary>Starts one.</summary>
    public static async Task<EmbeddedCloud> Start(string kind, params (string Key, string Value)[] changed)
    {
        var cloud = new EmbeddedCloud(kind, changed.ToDictionary(c => c.Key, c => c.Value));
        await cloud.InitializeAsync();
        return cloud;
    }

    /// <inheritdoc />
    public override async Task InitializeAsync()
    {
        if (_kind == "postgres")
            _connection = await PostgresServer.Shared.CreateEmpty();
        await base.InitializeAsync();
        Admin = await Login("admin", AdminPassword, """{"project": {"name": "admin", "domain": {"id": "default"}}}""");
        Demo = await Login("demo", _demoPassword, """{"project": {"name": "demo", "domain": {"id": "default"}}}""");
        (await Admin.Post("/v2.1/flavors", """{"flavor": {"id": "f-small", "name": "small", "ram": 64, "vcpus": 1, "disk": 1}}""")).Is(200);
        Image = (await Admin.Post("/image/v2/images", """{"name": "tiny", "disk_format": "raw", "container_format": "bare", "visibility": "public"}""")).Is(201)["id"].GetString()!;
        (await Admin.Send(HttpMethod.Put, $"/image/v2/images/{Image}/file", new string('x', 1024), "application/octet-stream")).Is(204);
    }

    /// <inheritdoc />
    protected override async Task BeforeStart()
    {
        var first = (await Services.GetRequiredService<IdentityBootstrap>().Run(default))!;
        (AdminPassword, _demoPassword) = (first.AdminPassword.Reveal, first.DemoPassword.Reveal);
    }

    /// <summary>Ends it, and removes what it had.</summary>
    public async Task Remove()
    {
        await DisposeAsync();
        if (_kind == "postgres")
            await PostgresServer.Shared.Drop(_connection);
    }

    /// <summary>A caller with a password and a scope, at 2.90.</summary>
    public Task<CloudClient> Login(string user, string password, string scope) => Login(
        $$$"""{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "{{{user}}}", "domain": {"id": "default"}, "password": {{{JsonSerializer.Serialize(password)}}} } } }, "scope": {{{scope}}} } }""");

    /// <summary>A caller by any authentication request, at 2.90.</summary>
    public async Task<CloudClient> Login(string request) =>
        As((await As("").Post("/identity/v3/auth/tokens", request)).Is(201).Headers["X-Subject-Token"]).At("2.90");

    /// <summary>The body of a create.</summary>
    public string Server(string more = "") =>
        $$$"""{"server": {"name": "vm", "flavorRef": "f-small", "imageRef": "{{{Image}}}", "networks": "none"{{{more}}} }}""";

    /// <summary>Completes when no operation works on the server.</summary>
    public async Task Settled(string server)
    {
        var store = Services.GetRequiredService<OperationStore>();
        while ((await store.OfServer(Guid.Parse(server), default)).FirstOrDefault(o => o.FinishedAt is null) is { } open)
            await Services.GetRequiredService<OperationRunner>().WhenEnded(open.WaitsFor ?? open.Id).WaitAsync(TimeSpan.FromSeconds(60));
    }
}
