using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Nova.Tests.Support;

namespace Nova.Tests.EndToEnd;

/// <summary>Runs the scripts beside it, which use the project's own commands and the stock client as a user does.</summary>
internal static class EndToEndScript
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(9);

    /// <summary>Runs a script with the checkout, a folder and a free port; fails with all that it said when it does not end well.</summary>
    /// <returns>What it said.</returns>
    public static async Task<string> Run(string name, string folder)
    {
        var root = Machine.RepositoryRoot ?? throw new InvalidOperationException("These tests run from a checkout.");
        var script = Path.Combine(root, "Nova.Tests", "EndToEnd", name);
        using var run = Process.Start(new ProcessStartInfo("bash", [script, root, folder, $"{FreePort()}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        })!;
        run.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        var (told, complaints) = (run.StandardOutput.ReadToEndAsync(limit.Token), run.StandardError.ReadToEndAsync(limit.Token));
        await run.WaitForExitAsync(limit.Token);

        Assert.True(run.ExitCode == 0, $"{await told}\n{await complaints}");
        return await told;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
