using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Nova.Host;
using Nova.Tests.Support;

namespace Nova.Tests.Cluster;

/// <summary>A nova-host process of a test: started, killed without warning, started again with the same options.</summary>
internal sealed class RoleProcess(string name, string data, IReadOnlyList<string> options) : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Unlimited = new()
    {
        ["NOVA__QUOTA__INSTANCES"] = "-1", ["NOVA__QUOTA__CORES"] = "-1", ["NOVA__QUOTA__RAM"] = "-1",
    };

    private readonly ConcurrentQueue<string> _log = new();
    private Process? _process;

    public string Name => name;

    public string Data => data;

    /// <summary>What it wrote to standard error, in all its lives.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>fake unless a test says otherwise.</summary>
    public string Driver { get; init; } = "fake";

    public Dictionary<string, string> Environment { get; } = new(Unlimited);

    /// <summary>Starts it without waiting.</summary>
    public void Launch()
    {
        Directory.CreateDirectory(data);
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(NovaApp).Assembly.Location, "--data", data, "--identity", "test", "--driver", Driver, .. options])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = data,
        };
        foreach (var (key, value) in Environment)
            start.Environment[key] = value;
        _process?.Dispose();
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits for the line that says that it is ready.</summary>
    public async Task Ready()
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while (await _process!.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            if (line.StartsWith("ready ", StringComparison.Ordinal))
                return;

        Assert.Fail($"{name} ended before it was ready:\n{Log}");
    }

    public async Task Start()
    {
        Launch();
        await Ready();
    }

    /// <summary>SIGKILL.</summary>
    public async Task Kill()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; the answer is the exit code.</summary>
    public async Task<int> Stop()
    {
        using (var kill = Process.Start("kill", $"-TERM {_process!.Id}"))
            await kill.WaitForExitAsync();
        return await Ended();
    }

    /// <summary>Waits until it ends by itself; the answer is the exit code.</summary>
    public async Task<int> Ended()
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        await _process!.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await Kill();
        _process?.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
