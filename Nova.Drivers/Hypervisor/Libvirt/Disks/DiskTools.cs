using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Nova.Drivers.Hypervisor.Libvirt.Native;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt.Disks;

/// <summary>
/// Runs qemu-img and the makers of file systems: with limits on time, processor and memory, as an unprivileged user when
/// nova-host is root, without stdin, and with a small output only. A tool gets one file to write, which exists beforehand.
/// </summary>
internal sealed class DiskTools(LibvirtOptions options, TimeProvider time)
{
    private const int KeptOutput = 4096;

    /// <summary>
    /// Makes <paramref name="file"/>: an empty file appears under a temporary name, <paramref name="fill"/> gives the tool's
    /// arguments for it, and the result gets its name when it is complete. A file may begin sparse with
    /// <paramref name="emptySize"/> bytes, or be lengthened to <paramref name="grownTo"/> bytes at the end.
    /// </summary>
    public async Task Make(string file, string tool, Func<string, IReadOnlyList<string>> fill, CancellationToken ct, long emptySize = 0, long grownTo = 0, TimeSpan? patience = null)
    {
        var part = file + ".new";
        try
        {
            Create(part, emptySize);
            await Run(tool, fill(part), patience, ct);
            Finish(part, grownTo);
            File.Move(part, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFaults.Of(e);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private void Create(string path, long size)
    {
        File.Delete(path);
        using (var file = new FileStream(path, new FileStreamOptions
               {
                   Mode = FileMode.CreateNew,
                   Access = FileAccess.Write,
                   UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
               }))
            file.SetLength(size);
        if (Environment.IsPrivilegedProcess)
            Posix.Own(path, options.ToolUserId);
    }

    private static void Finish(string path, long grownTo)
    {
        if (Environment.IsPrivilegedProcess)
            Posix.Own(path, 0);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        if (grownTo > file.Length)
            file.SetLength(grownTo);
        file.Flush(flushToDisk: true);
    }

    // Who has more patience than usual lets the tool work for as long.
    private async Task Run(string tool, IReadOnlyList<string> arguments, TimeSpan? patience, CancellationToken ct)
    {
        var timeout = patience ?? options.ToolTimeout;
        using var process = Start(tool, arguments, patience ?? options.ToolCpuTime);
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            var words = ReadSome(process.StandardError, either.Token);
            var noise = ReadSome(process.StandardOutput, either.Token);
            await process.WaitForExitAsync(either.Token);
            await noise;
            if (process.ExitCode != 0)
                throw DiskFaults.OfText($"{tool} {string.Join(' ', arguments)}: exit {process.ExitCode}: {(await words).Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            ct.ThrowIfCancellationRequested();
            var seconds = timeout.TotalSeconds;
            throw new Fault(FaultKind.Internal, Message.Of($"The host's disk tool {tool} took longer than {seconds} seconds."), string.Join(' ', arguments));
        }
    }

    private Process Start(string tool, IReadOnlyList<string> arguments, TimeSpan cpuTime)
    {
        List<string> command =
        [
            "prlimit", Number("--as", options.ToolMemoryBytes), Number("--cpu", (long)cpuTime.TotalSeconds), "--core=0",
            .. Unprivileged(), tool, .. arguments,
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception e)
        {
            throw new Fault(FaultKind.Internal, Message.Of($"A disk tool is missing on this host: install the packages util-linux, qemu-utils and e2fsprogs."), e.Message);
        }
    }

    private string[] Unprivileged() => Environment.IsPrivilegedProcess
        ? ["setpriv", Number("--reuid", options.ToolUserId), Number("--regid", options.ToolUserId), "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
        : [];

    private static string Number(string option, long value) => $"{option}={value.ToString(CultureInfo.InvariantCulture)}";

    // Reads to the end, so that the tool never blocks, and keeps the beginning.
    private static async Task<string> ReadSome(StreamReader output, CancellationToken ct)
    {
        var kept = new StringBuilder();
        var buffer = new char[1024];
        for (int n; (n = await output.ReadAsync(buffer, ct)) > 0;)
            kept.Append(buffer, 0, Math.Min(n, KeptOutput - kept.Length));
        return kept.ToString();
    }
}
