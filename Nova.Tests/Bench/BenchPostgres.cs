using System.Globalization;
using Nova.Tests.Support;

namespace Nova.Tests.Bench;

/// <summary>A PostgreSQL of the benchmark's own, durable as it is by default, whose processor time is counted with the server's.</summary>
internal sealed class BenchPostgres : IDisposable
{
    private const double TicksPerSecond = 100;

    private readonly PostgresServer _server;

    private BenchPostgres(PostgresServer server, string connectionString) => (_server, ConnectionString) = (server, connectionString);

    /// <summary>For --connection.</summary>
    public string ConnectionString { get; }

    /// <summary>Starts it with an empty database.</summary>
    public static async Task<BenchPostgres> Start()
    {
        if (Machine.ReasonToSkip(Need.Postgres) is { } reason)
            throw new BenchFailure($"{reason} Or name a server with --connection.");

        var server = PostgresServer.Start();
        return new(server, await server.CreateEmpty());
    }

    /// <summary>User and system time of the server and all its processes so far.</summary>
    public TimeSpan Cpu() =>
        TimeSpan.FromSeconds(Directory.GetDirectories("/proc").Select(folder => Ticks(Path.Combine(folder, "stat"))).Sum() / TicksPerSecond);

    public void Dispose() => _server.Dispose();

    private long Ticks(string stat)
    {
        try
        {
            if (!File.Exists(stat))
                return 0;

            var text = File.ReadAllText(stat);
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            var isOurs = int.Parse(fields[1], CultureInfo.InvariantCulture) == _server.ProcessId || text.StartsWith($"{_server.ProcessId} ", StringComparison.Ordinal);
            return isOurs ? long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture) : 0;
        }
        catch (IOException)
        {
            // Ended between the listing and the look.
            return 0;
        }
    }
}
