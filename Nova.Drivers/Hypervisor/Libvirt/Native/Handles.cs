using System.Runtime.InteropServices;

namespace Nova.Drivers.Hypervisor.Libvirt.Native;

/// <summary>A connection to a libvirt daemon; closed when the last reference goes.</summary>
internal sealed class ConnectHandle() : SafeHandle(0, true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => LibvirtApi.virConnectClose(handle) >= 0;
}

/// <summary>A domain; valid as long as its connection is.</summary>
internal sealed class DomainHandle() : SafeHandle(0, true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => LibvirtApi.virDomainFree(handle) >= 0;
}
