using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Nova.Tests.Bench;

/// <summary>A nova-host of the benchmark's own, with what the kernel says of it.</summary>
internal sealed partial class NovaProcess : IAsyncDisposable
{
    private const double TicksPerSecond = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // The default quota of a project is ten servers, and no ordinary client asks as often as a benchmark.
    private static readonly Dictionary<string, string> Unlimited = new()
    {
        ["NOVA__QUOTA__INSTANCES"] = "-1", ["NOVA__QUOTA__CORES"] = "-1", ["NOVA__QUOTA__RAM"] = "-1",
        ["NOVA__LIMITS__REQUESTS_PER_USER"] = "0", ["NOVA__LIMITS__REQUESTS_PER_PROJECT"] = "0", ["NOVA__LIMITS__REQUESTS_PER_ADDRESS"] = "0",
    };

    private readonly Process _process;
    private readonly StreamWriter _log;

    private NovaProcess(Process process, StreamWriter log, Uri url, Uri admin)
    {
        (_process, _log) = (process, log);
        (Url, Admin) = (url, admin);
    }

    /// <summary>Where the API listens.</summary>
    public Uri Url { get; }

    /// <summary>Where metrics are read.</summary>
    public Uri Admin { get; }

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    public static async Task<NovaProcess> Start(string data, IReadOnlyList<string> options, CancellationToken ct)
    {
        var program = Environment.GetEnvironmentVariable("NOVA_HOST") ?? throw new BenchFailure("NOVA_HOST does not say where nova-host is; use ./bench.sh.");
        var admin = FreePort();
        var start = new ProcessStartInfo(program, ["--data", data, "--port", $"{FreePort()}", "--admin-listen", $"127.0.0.1:{admin}", .. options])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = data,
        };
        foreach (var (name, value) in Unlimited)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        var log = new StreamWriter(Path.Combine(data, "nova-host.log"), append: true) { AutoFlush = true };
        process.ErrorDataReceived += (_, line) => log.WriteLine(line.Data);
        process.BeginErrorReadLine();
        try
        {
            return new(process, log, await Ready(process, data, ct), new($"http://127.0.0.1:{admin}"));
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>User and system time so far.</summary>
    public TimeSpan Cpu()
    {
        var fields = File.ReadAllText($"/proc/{_process.Id}/stat");
        var after = fields[(fields.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((long.Parse(after[11], CultureInfo.InvariantCulture) + long.Parse(after[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    /// <summary>Resident memory in MB (10^6 bytes).</summary>
    public double RssMb() => Kilobytes("VmRSS:") * 1024 / 1e6;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using (var kill = Process.Start("kill", $"-TERM {_process.Id}"))
                await kill.WaitForExitAsync();
            using var patience = new CancellationTokenSource(Patience);
            await _process.WaitForExitAsync(patience.Token);
        }

        _process.Dispose();
        await _log.DisposeAsync();
    }

    private static async Task<Uri> Ready(Process process, string data, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            if (ReadyLine().Match(line) is { Success: true } match)
                return new(match.Groups["url"].Value);

        throw new BenchFailure($"nova-host ended before it was ready: {await File.ReadAllTextAsync(Path.Combine(data, "nova-host.log"), ct)}");
    }

    private double Kilobytes(string name) =>
        double.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"^ready (?<url>http\S+) in \d+ ms$")]
    private static partial Regex ReadyLine();
}
