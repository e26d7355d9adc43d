using System.Diagnostics;
using Nova.Tests.Support;

namespace Nova.Tests.Drivers.Libvirt;

/// <summary>
/// A libvirtd of the tests' own in private namespaces (libvirtd.sh): it never meets another one, and everything that it
/// started ends with it, also when the test process is killed.
/// </summary>
public sealed class IsolatedLibvirt : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly SemaphoreSlim _one = new(1);
    private Process? _process;

    /// <summary>Everything of this libvirtd; others may pass through.</summary>
    public string Folder { get; } = Path.Combine(Path.GetTempPath(), $"nlv{Environment.ProcessId}-{Interlocked.Increment(ref _number)}");

    private static int _number;

    /// <summary>Its address for a client outside of the namespaces.</summary>
    public string Uri => $"qemu+unix:///system?socket={Folder}/run/libvirt-sock";

    /// <summary>A folder for the driver.</summary>
    public string Data => Path.Combine(Folder, "data");

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        if (Machine.ReasonToSkip(Need.Libvirt, Need.Root) is not null)
            return;

        Directory.CreateDirectory(Folder, (UnixFileMode)0b111_101_101);
        var script = Path.Combine(Machine.RepositoryRoot!, "Nova.Tests", "Drivers", "Libvirt", "libvirtd.sh");
        var cache = Path.Combine(Environment.GetEnvironmentVariable("TMPDIR") ?? "/var/tmp", "nova-tests-libvirt-cache");
        _process = Process.Start(new ProcessStartInfo("unshare", ["-m", "-n", "-p", "-f", "--mount-proc", "bash", script, Folder, cache])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await Do("up");
    }

    /// <summary>Runs a command of libvirtd.sh in the namespaces and waits for its end.</summary>
    public async Task Do(string command)
    {
        await _one.WaitAsync();
        try
        {
            await _process!.StandardInput.WriteLineAsync(command);
            await _process.StandardInput.FlushAsync();
            var answer = await _process.StandardOutput.ReadLineAsync().WaitAsync(Limit);
            if (answer != "ok")
                throw new InvalidOperationException(answer ?? $"libvirtd.sh ended at: {command}");
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_process is null)
            return;

        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Limit);
        _process.Dispose();
        _one.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>Tests that share one libvirtd; they run one after the other, since emulated guests take a core each.</summary>
[CollectionDefinition(Name)]
public sealed class LibvirtCollection : ICollectionFixture<IsolatedLibvirt>
{
    public const string Name = "libvirt";
}
