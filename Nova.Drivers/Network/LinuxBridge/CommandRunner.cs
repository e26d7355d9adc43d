using System.ComponentModel;
using System.Diagnostics;
using Nova.Modules.Shared;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>One program to run: arguments as a list (there is no shell), and what it reads.</summary>
/// <param name="Program">Name or path.</param>
/// <param name="Arguments">Passed as they are.</param>
/// <param name="Input">All of its standard input, which then ends.</param>
public sealed record Command(string Program, IReadOnlyList<string> Arguments, string Input = "");

/// <summary>Runs the few programs that set up a host's network. Tests put one in its place that dies in the middle.</summary>
public class CommandRunner(TimeSpan timeout, TimeProvider time)
{
    /// <summary>The command's output. Anything but exit code 0 within the time limit is a <see cref="Fault"/> whose details hold its words.</summary>
    public virtual async Task<string> Run(Command command, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        using var process = Start(command);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(either.Token);
            var errors = process.StandardError.ReadToEndAsync(either.Token);
            await Feed(process, command.Input, either.Token);
            await process.WaitForExitAsync(either.Token);
            return process.ExitCode == 0 ? await output : throw Failed(command, $"exit code {process.ExitCode}: {await errors}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw Failed(command, $"no end after {timeout.TotalSeconds:0} s");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static Process Start(Command command)
    {
        var start = new ProcessStartInfo(command.Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in command.Arguments)
            start.ArgumentList.Add(argument);

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new Fault(FaultKind.Unavailable,
                Message.Of($"The program {command.Program} could not be started: install the packages iproute2, nftables, util-linux and dnsmasq-base."), e.Message);
        }
    }

    private static async Task Feed(Process process, string input, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read everything: its exit code says why.
        }
    }

    private static Fault Failed(Command command, string why) => new(
        FaultKind.Internal,
        Message.Of($"The network on the host could not be set up: {command.Program} failed."),
        $"{command.Program} {string.Join(' ', command.Arguments)}: {why.Trim()}\n{command.Input}");
}
