using System.Diagnostics;
using Nova.Drivers.Database;
using Nova.Drivers.Database.Sqlite;
using Nova.Host.Configuration;
using Nova.Host.Logging;
using Nova.Host.Parts;
using Nova.Modules.Compute.Link;
using Nova.Modules.Consoles;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Startup;

namespace Nova.Host;

/// <summary>The life of the process: start, say where it listens, serve until it is told to end.</summary>
public static class Server
{
    /// <summary>Serves until SIGTERM, Ctrl-C or the token.</summary>
    /// <exception cref="StartupFailure">It cannot start; the message says what to do.</exception>
    public static async Task<int> Serve(BoundSettings settings, CancellationToken ct)
    {
        var data = DataDirectory.Prepare(settings.Get<ServerSettings>().Data);
        if (settings.Get<LogSettings>() is { File: { } file } log)
            Console.SetError(new LogFile(Path.GetFullPath(file), (long)log.FileMb << 20, log.OlderFiles));
        ListenProbe.Check(settings.Get<ServerSettings>(), settings.Get<ConsoleOptions>());
        using var only = settings.Get<DatabaseSettings>().Kind == DatabaseKind.Sqlite && HasDatabase(settings) ? null : Lock(data);
        await using var app = NovaApp.Build(settings, data);
        if (settings.Get<IdentitySettings>().Kind == IdentityKind.Test)
            app.Logger.BelievesEveryToken();
        using var hangup = Hangup.Listen(app.Services);
        await app.StartAsync(ct);
        await SayReady(app, settings.Get<ServerSettings>(), data);
        await app.WaitForShutdownAsync(ct);
        return app.Services.GetService<ComputeRole>() is { Refused: { IsCompleted: true } refused } ? throw Refusal(await refused) : (int)ExitCode.Done;
    }

    private static DirectoryLock Lock(string data)
    {
        try
        {
            return DirectoryLock.Take(data);
        }
        catch (DatabaseProblem problem) when (problem.Kind == DatabaseProblemKind.Locked)
        {
            throw new StartupFailure(ExitCode.DataDirectory, $"another process uses the data directory {data}. Each process needs its own: it holds who the process is.", problem);
        }
    }

    // With SQLite the database takes the same lock itself.
    private static bool HasDatabase(BoundSettings settings) => new RolePlan(settings.Get<ServerSettings>(), DatabaseKind.Sqlite).HasDatabase;

    private static async Task SayReady(WebApplication app, ServerSettings server, string data)
    {
        if (app.Services.GetService<ComputeRole>() is { } compute)
            await Attach(app, compute);
        if (server.Plays(HostRole.Api))
        {
            app.Services.GetRequiredService<FirstStart>().WriteOpenRc(data, AddressOf(app));
            Console.WriteLine($"ready {AddressOf(app)} in {MillisecondsSinceProcessStart()} ms");
            return;
        }

        var at = app.Services.GetRequiredService<RoleListener>().Address is { Length: > 0 } address ? $" at {address}" : "";
        Console.WriteLine($"ready {string.Join(',', server.Role).ToLowerInvariant()}{at} in {MillisecondsSinceProcessStart()} ms");
    }

    // A compute is of use when a conductor has taken it. Until one is there it tries; one that refuses it ends it, now or later.
    private static async Task Attach(WebApplication app, ComputeRole compute)
    {
        var lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStopping.Register(stopping.SetResult);
        await Task.WhenAny(compute.Attached, compute.Refused, stopping.Task);
        if (compute.Refused.IsCompleted)
            throw Refusal(await compute.Refused);
    }

    private static StartupFailure Refusal(Fault fault) => new(ExitCode.HostRefused, $"the conductors refuse this host. {fault.Message}", fault);

    // The first address is the API's; the port is known only now when it was given as 0.
    private static string AddressOf(WebApplication app) => app.Urls.First();

    private static long MillisecondsSinceProcessStart()
    {
        using var process = Process.GetCurrentProcess();
        return (long)(TimeProvider.System.GetLocalNow().DateTime - process.StartTime).TotalMilliseconds;
    }
}

internal static partial class ServerLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "--identity test believes every token: anyone on this machine is an administrator of this cloud")]
    public static partial void BelievesEveryToken(this ILogger logger);
}
