using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Drivers.Hypervisor.Libvirt.Disks;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Drivers.Libvirt;

public sealed class DiskToolsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ndt");
    private readonly LibvirtOptions _options;

    public DiskToolsTests()
    {
        File.SetUnixFileMode(_folder.FullName, (UnixFileMode)0b111_001_001);
        _options = new() { DataDirectory = _folder.FullName, InstallationId = "tests" };
    }

    private string Target => Path.Combine(_folder.FullName, "file");

    public void Dispose() => _folder.Delete(recursive: true);

    [NeedsFact(Need.Root)]
    public async Task A_tool_is_nobody_with_limits_and_no_stdin()
    {
        await Shell(_options, "id -u; ulimit -v; ulimit -t; wc -c; grep CapBnd /proc/self/status");

        Assert.Equal(["65534", "1048576", "300", "0", "CapBnd:\t0000000000000000"], await File.ReadAllLinesAsync(Target));
    }

    [NeedsFact(Need.Root)]
    public async Task A_tool_that_takes_too_long_is_ended()
    {
        var fault = await Assert.ThrowsAsync<Fault>(() => Shell(_options with { ToolTimeout = TimeSpan.FromMilliseconds(300) }, "sleep 600"));

        Assert.Contains("took longer", fault.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.GetFiles());
    }

    [NeedsFact(Need.Root)]
    public async Task A_tool_that_fails_leaves_nothing_and_its_words_are_kept()
    {
        var fault = await Assert.ThrowsAsync<Fault>(() => Shell(_options, "echo 'No space left on device' >&2; exit 1"));

        Assert.Contains("no disk space", fault.Message, StringComparison.Ordinal);
        Assert.Contains("No space left on device", fault.Details, StringComparison.Ordinal);
        Assert.Empty(_folder.GetFiles());
    }

    private Task Shell(LibvirtOptions options, string script) =>
        new DiskTools(options, TimeProvider.System).Make(Target, "sh", file => ["-c", $"({script}) > {file}"], default);
}
