using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Nova.Drivers.Database.Migrations;
using Nova.Drivers.Database.Postgres;
using Nova.Host;

namespace Nova.Tests.Support;

/// <summary>
/// A PostgreSQL server of the tests' own, on a unix socket in its own directory: started at the first use, ended with
/// the process. It is a child of this process, because a postmaster that was killed and not reaped blocks its successor.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private const string Port = "5432";
    private const string Prefix = "nova-pg-";
    private const string Template = "nova_template";

    private static readonly Lazy<PostgresServer> Instance = new(() => Start());
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory;
    private readonly SemaphoreSlim _templates = new(1);
    private Process _process;
    private bool _hasTemplate;
    private int _databases;

    private PostgresServer(string directory, Process process) => (_directory, _process) = (directory, process);

    /// <summary>The server that all tests share; a test that stops its server starts one of its own.</summary>
    public static PostgresServer Shared => Instance.Value;

    /// <summary>Starts a server in a new directory.</summary>
    public static PostgresServer Start()
    {
        SweepDirectoriesOfDeadRuns();
        var directory = Path.Combine(Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}-{Guid.CreateVersion7().ToString("N")[^6..]}");
        Directory.CreateDirectory(directory);
        Execute("chmod", "0755", directory);
        if (Environment.IsPrivilegedProcess)
            Execute("chown", "postgres", directory);
        Run(["initdb", "-D", directory + "/d", "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"]);
        var server = new PostgresServer(directory, Launch(directory));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Dispose();
        server.WaitUntilReady();
        return server;
    }

    /// <summary>The process id of the postmaster; all other processes of the server are its children.</summary>
    public int ProcessId => _process.Id;

    /// <summary>The address of a database of this server.</summary>
    public string ConnectionString(string database) => $"Host={_directory};Port={Port};Username=postgres;Database={database}";

    /// <summary>A new, empty database.</summary>
    public async Task<string> CreateEmpty()
    {
        var name = NextName();
        await Admin($"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>A new database with the whole schema.</summary>
    public async Task<string> CreateMigrated()
    {
        await MakeTemplate();
        var name = NextName();
        await Admin($"CREATE DATABASE {name} TEMPLATE {Template}");
        return ConnectionString(name);
    }

    /// <summary>Removes a database, ending whoever still uses it.</summary>
    public async Task Drop(string connectionString)
    {
        await using (var pool = new NpgsqlConnection(connectionString))
            NpgsqlConnection.ClearPool(pool);
        await Admin($"DROP DATABASE {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");
    }

    /// <summary>Ends the server at once, as a crash would (SIGQUIT: no shutdown checkpoint).</summary>
    public void Crash()
    {
        Execute("kill", "-QUIT", _process.Id.ToString(CultureInfo.InvariantCulture));
        _process.WaitForExit(Patience);
    }

    /// <summary>Starts it again on the same data.</summary>
    public void Restart()
    {
        _process.Dispose();
        _process = Launch(_directory);
        WaitUntilReady();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (!Directory.Exists(_directory))
            return;

        if (!_process.HasExited)
            Crash();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private string NextName() => $"t{Interlocked.Increment(ref _databases)}";

    private async Task MakeTemplate()
    {
        await _templates.WaitAsync();
        try
        {
            if (_hasTemplate)
                return;

            await Admin($"CREATE DATABASE {Template}");
            await using var database = new PostgresDatabase(ConnectionString(Template), writers: 1);
            await new MigrationRunner(database, Migration.In(typeof(NovaApp).Assembly), TimeProvider.System).Expand(CancellationToken.None);
            _hasTemplate = true;
        }
        finally
        {
            _templates.Release();
        }
    }

    private async Task Admin(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private void WaitUntilReady()
    {
        var begun = Stopwatch.GetTimestamp();
        using var pause = new ManualResetEvent(false);
        while (TryRun([Program("pg_isready"), "-q", "-h", _directory, "-p", Port]) != 0)
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Patience && !_process.HasExited, "PostgreSQL did not start; see its messages above.");
            pause.WaitOne(20);
        }
    }

    // The kernel ends the server when the thread that started it ends, so that a killed test run leaves nothing behind;
    // therefore it is started by a thread that lives as long as the process.
    private static Process Launch(string directory)
    {
        var started = new TaskCompletionSource<Process>();
        new Thread(() =>
        {
            string[] arguments = ["--pdeathsig", "QUIT", Program("postgres"), "-D", directory + "/d", "-p", Port, "-k", directory, "-c", "listen_addresses=", "-c", "log_min_messages=fatal"];
            var process = Process.Start(new ProcessStartInfo("setpriv", [.. AsPostgres(), .. arguments]) { RedirectStandardInput = true })!;
            started.SetResult(process);
            using var ended = new ManualResetEvent(false);
            process.Exited += (_, _) => ended.Set();
            process.EnableRaisingEvents = true;
            ended.WaitOne();
        }) { IsBackground = true, Name = "postgres-parent" }.Start();
        return started.Task.GetAwaiter().GetResult();
    }

    private static void Run(string[] command) =>
        Assert.Equal(0, TryRun(["setpriv", .. AsPostgres(), Program(command[0]), .. command[1..]]));

    private static void Execute(params string[] command) => Assert.Equal(0, TryRun(command));

    private static int TryRun(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(Patience), $"{command[0]} did not end.");
        return process.ExitCode;
    }

    private static string[] AsPostgres() =>
        Environment.IsPrivilegedProcess ? ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"] : [];

    private static string Program(string name) =>
        Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(d => Path.Combine(d, "bin", name)).Last(File.Exists);

    private static void SweepDirectoriesOfDeadRuns()
    {
        foreach (var directory in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
            if (!Directory.Exists("/proc/" + Path.GetFileName(directory)[Prefix.Length..].Split('-')[0]))
                Directory.Delete(directory, recursive: true);
    }
}
