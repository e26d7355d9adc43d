using System.Security.Cryptography;
using Nova.Drivers.Database.Postgres;
using Nova.Drivers.Database.Sqlite;
using Nova.Tests.Support;
using Database = Nova.Modules.Shared.Database.Database;

namespace Nova.Tests.Cluster;

/// <summary>The processes of one installation in a temporary directory, and its database.</summary>
internal sealed class ClusterLayout : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("nova-roles-").FullName;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly List<RoleProcess> _processes = [];
    private string? _postgres;

    public IReadOnlyList<RoleProcess> Processes => _processes;

    /// <summary>Where hosts find a conductor.</summary>
    public string ConductorAddress { get; private set; } = "";

    /// <summary>Where the API is.</summary>
    public List<Uri> Apis { get; } = [];

    public RoleProcess this[string name] => _processes.Single(process => process.Name == name);

    /// <summary>The processes that have a host.</summary>
    public IEnumerable<RoleProcess> Computes => _processes.Where(process => process.Environment.ContainsKey("NOVA__FAKE__NAME_PREFIX"));

    /// <summary>All roles in one process on SQLite, whose calls to each other travel as told.</summary>
    public static ClusterLayout Whole(string wire, int hosts = 1)
    {
        var layout = new ClusterLayout();
        layout.AddApi("control", "--wire", wire, "--rpc-listen", $"127.0.0.1:{RoleProcess.FreePort()}", "--hosts", $"{hosts}");
        layout["control"].Environment["NOVA__FAKE__NAME_PREFIX"] = "control-";
        return layout;
    }

    /// <summary>SQLite: one process holds the database, computes are elsewhere.</summary>
    public static ClusterLayout OnSqlite(int computes)
    {
        var rpc = $"127.0.0.1:{RoleProcess.FreePort()}";
        var layout = new ClusterLayout { ConductorAddress = rpc };
        layout.AddApi("control", "--role", "api,scheduler,conductor", "--rpc-listen", rpc);
        for (var i = 1; i <= computes; i++)
            layout.AddCompute($"compute{i}", rpc);
        return layout;
    }

    /// <summary>PostgreSQL: one process per role, of api and conductor two.</summary>
    public static async Task<ClusterLayout> OnPostgres(int computes)
    {
        var layout = new ClusterLayout { _postgres = await PostgresServer.Shared.CreateEmpty() };
        var (scheduler, conductors) = ($"127.0.0.1:{RoleProcess.FreePort()}", new[] { $"127.0.0.1:{RoleProcess.FreePort()}", $"127.0.0.1:{RoleProcess.FreePort()}" });
        layout.ConductorAddress = conductors[0];
        string[] database = ["--database", "postgres", "--connection", layout._postgres];
        layout.Add("scheduler", ["--role", "scheduler", "--rpc-listen", scheduler, .. database]);
        foreach (var (address, i) in conductors.Select((address, i) => (address, i + 1)))
            layout.Add($"conductor{i}", ["--role", "conductor", "--rpc-listen", address, "--schedulers", scheduler, .. database]);
        layout.AddApi("api1", ["--role", "api", "--schedulers", scheduler, .. database]);
        layout.AddApi("api2", ["--role", "api", "--schedulers", scheduler, .. database]);
        for (var i = 1; i <= computes; i++)
            layout.AddCompute($"compute{i}", conductors[0]);
        return layout;
    }

    /// <summary>Starts them in the order in which they were named: the first one makes the schema.</summary>
    public async Task Start()
    {
        foreach (var process in _processes)
            await process.Start();
    }

    /// <summary>The database, from outside: with SQLite when nobody holds it.</summary>
    public Database Open() => _postgres is null ? new SqliteDatabase(Path.Combine(this["control"].Data, "nova.db")) : new PostgresDatabase(_postgres);

    /// <summary>A further process, not started.</summary>
    public RoleProcess Add(string name, params string[] options)
    {
        var data = Path.Combine(_directory, name);
        Directory.CreateDirectory(data);

        // Conductors open what an API sealed, so that one key is given to all.
        File.WriteAllBytes(Path.Combine(data, "master.key"), _key);
        var process = new RoleProcess(name, data, ["--admin-listen", $"127.0.0.1:{RoleProcess.FreePort()}", .. options]);
        process.Environment["NOVA__IMAGE__DIRECTORY"] = Path.Combine(_directory, "images");
        _processes.Add(process);
        return process;
    }

    public RoleProcess AddCompute(string name, string conductor)
    {
        var process = Add(name, "--role", "compute", "--conductors", conductor);
        process.Environment["NOVA__FAKE__NAME_PREFIX"] = name + "-";
        return process;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
        if (_postgres is not null)
            await PostgresServer.Shared.Drop(_postgres);
    }

    private void AddApi(string name, params string[] options)
    {
        var port = RoleProcess.FreePort();
        Add(name, ["--port", $"{port}", .. options]);
        Apis.Add(new($"http://127.0.0.1:{port}"));
    }
}
