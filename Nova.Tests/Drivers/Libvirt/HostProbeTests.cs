using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Modules.Shared;

namespace Nova.Tests.Drivers.Libvirt;

public sealed class HostProbeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nhp");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("fpu vme vmx sse", true, "kvm")]
    [InlineData("fpu svm", true, "kvm")]
    [InlineData("fpu vme sse", true, "qemu")]
    [InlineData("fpu vmx", false, "qemu")]
    [InlineData("fpu vmxnet", true, "qemu")]
    public void Kvm_needs_both_the_processor_and_the_device(string flags, bool device, string expected) =>
        Assert.Equal(expected, HostProbe.Decide(VirtType.Auto, CpuInfo(flags), Device(device)));

    [Fact]
    public void Kvm_that_is_demanded_and_missing_is_an_error_that_says_what_to_do()
    {
        var fault = Assert.Throws<Fault>(() => HostProbe.Decide(VirtType.Kvm, CpuInfo("fpu"), Device(true)));

        Assert.Contains("set virt_type to auto or qemu", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Emulation_can_be_demanded() => Assert.Equal("qemu", HostProbe.Decide(VirtType.Qemu, CpuInfo("vmx"), Device(true)));

    private string CpuInfo(string flags)
    {
        var path = Path.Combine(_folder.FullName, "cpuinfo");
        File.WriteAllText(path, $"processor\t: 0\nflags\t\t: {flags}\n");
        return path;
    }

    private string Device(bool exists)
    {
        var path = Path.Combine(_folder.FullName, "kvm");
        if (exists)
            File.WriteAllText(path, "");
        return path;
    }
}
