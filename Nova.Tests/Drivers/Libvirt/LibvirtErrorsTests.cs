using Nova.Drivers.Hypervisor.Libvirt.Native;
using Nova.Modules.Shared;

namespace Nova.Tests.Drivers.Libvirt;

/// <summary>libvirt's codes are numbers here, as libvirt sends them.</summary>
public class LibvirtErrorsTests
{
    [Theory]
    [InlineData(38, "Failed to connect socket to '/run/libvirt/libvirt-sock': No such file or directory", FaultKind.Unavailable, "start it")]
    [InlineData(38, "Cannot recv data: Connection reset by peer", FaultKind.Unavailable, "start it")]
    [InlineData(1, "client socket is closed", FaultKind.Unavailable, "start it")]
    [InlineData(1, "qemu unexpectedly closed the monitor: Connection reset by peer", FaultKind.Internal, "details")]
    [InlineData(38, "Cannot access storage file '/root/x' (as uid:64055, gid:64055): Permission denied", FaultKind.Internal, "chmod o+x")]
    [InlineData(38, "unable to write: No space left on device", FaultKind.Unavailable, "free space")]
    [InlineData(1, "process exited: cannot set up guest memory 'pc.ram': Cannot allocate memory", FaultKind.Unavailable, "free memory")]
    [InlineData(1, "Could not access KVM kernel module: failed to initialize kvm: No such file or directory", FaultKind.Internal, "set virt_type to qemu")]
    [InlineData(27, "XML error: no memory element", FaultKind.Internal, "refused the description")]
    [InlineData(67, "unsupported configuration: machine type 'pc-q35-1.0' is not supported", FaultKind.BadRequest, "does not support")]
    [InlineData(42, "Domain not found", FaultKind.NotFound, "does not exist")]
    [InlineData(45, "authentication failed", FaultKind.Internal, "group libvirt")]
    [InlineData(68, "Timed out during operation: cannot acquire state change lock", FaultKind.Unavailable, "busy")]
    [InlineData(9, "operation failed: domain 'x' already exists with uuid y", FaultKind.Internal, "details")]
    public void Every_refusal_says_what_to_do_and_keeps_libvirts_words_for_the_operator(int code, string words, FaultKind kind, string advice)
    {
        var fault = new LibvirtException((LibvirtErrorCode)code, words, "start the guest").ToFault();

        Assert.Equal(kind, fault.Kind);
        Assert.Contains(advice, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(words, fault.Message, StringComparison.Ordinal);
        Assert.Contains(words, fault.Details, StringComparison.Ordinal);
        Assert.Equal(kind == FaultKind.Unavailable, fault.IsTransient);
    }
}
