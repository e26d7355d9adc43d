using System.Runtime.InteropServices;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt.Native;

/// <summary>A refusal of libvirt as it said it.</summary>
/// <param name="Code">Which.</param>
/// <param name="Text">libvirt's own words.</param>
/// <param name="What">What was tried, as an infinitive: "start the guest".</param>
internal sealed class LibvirtException(LibvirtErrorCode code, string text, string what) : Exception($"libvirt could not {what}: {text}")
{
    public LibvirtErrorCode Code => code;

    /// <summary>What people are told; libvirt's words are in the details.</summary>
    public Fault ToFault() => LibvirtErrors.ToFault(code, text, what);
}

/// <summary>Reads libvirt's thread-local error, and says in our words what an operator should do about it.</summary>
internal static unsafe class LibvirtErrors
{
    /// <summary>The error of the call that just failed on this thread.</summary>
    public static LibvirtException Last(string what)
    {
        var error = LibvirtApi.virGetLastError();
        return error == null
            ? new(LibvirtErrorCode.Internal, "no reason given", what)
            : new((LibvirtErrorCode)error->Code, Marshal.PtrToStringUTF8(error->Message) ?? "", what);
    }

    /// <summary>True when the daemon, not the request, is the trouble: the same call may succeed after a reconnection.</summary>
    public static bool IsDisconnected(LibvirtErrorCode code, string text) =>
        code is LibvirtErrorCode.NoConnect or LibvirtErrorCode.InvalidConnection or LibvirtErrorCode.Rpc
        // QEMU's monitor breaks with the same words when a guest dies.
        || (Says(text, "client socket is closed", "Connection reset by peer", "End of file while reading", "keepalive timeout", "Failed to connect socket", "Broken pipe") && !Says(text, "monitor"));

    public static Fault ToFault(LibvirtErrorCode code, string text, string what)
    {
        var details = $"libvirt error {(int)code} ({code}) on: {what}: {text}";
        return code switch
        {
            LibvirtErrorCode.AuthFailed or LibvirtErrorCode.AccessDenied =>
                Permanent(FaultKind.Internal, Message.Of($"The libvirt daemon refused access: run nova-host as root, or as a member of the group libvirt."), details),
            LibvirtErrorCode.NoDomain =>
                Permanent(FaultKind.NotFound, Message.Of($"The guest does not exist on this host."), details),
            LibvirtErrorCode.XmlError or LibvirtErrorCode.XmlDetail =>
                Permanent(FaultKind.Internal, Message.Of($"The hypervisor refused the description of the guest; an operator finds its words in the fault's details."), details),
            LibvirtErrorCode.ConfigUnsupported or LibvirtErrorCode.NoSupport =>
                Permanent(FaultKind.BadRequest, Message.Of($"The hypervisor of this host does not support what the image or the flavor asks for."), details),
            LibvirtErrorCode.DomainExists =>
                Permanent(FaultKind.Conflict, Message.Of($"The host has another guest of the same name, which this installation did not make: rename or remove it."), details),
            LibvirtErrorCode.OperationTimeout or LibvirtErrorCode.ResourceBusy =>
                Transient(Message.Of($"The hypervisor is busy; try again later."), details),
            _ when IsDisconnected(code, text) => Unreachable(details),
            _ => ByText(text, details),
        };
    }

    /// <summary>The daemon does not answer.</summary>
    public static Fault Unreachable(string details) =>
        Transient(Message.Of($"The libvirt daemon on this host does not answer: start it (systemctl start libvirtd, or virtlogd -d and then libvirtd -d)."), details);

    private static Fault ByText(string text, string details)
    {
        if (Says(text, "No space left on device", "Disk quota exceeded"))
            return Transient(Message.Of($"The host has no disk space left for this guest: free space on the host, or add a host."), details);
        if (Says(text, "Cannot access storage file", "Cannot access backing file") && Says(text, "Permission denied"))
            return Permanent(FaultKind.Internal, Message.Of($"QEMU may not read the guest's disk: give others search permission (chmod o+x) on every folder above the data directory."), details);
        if (Says(text, "Cannot allocate memory", "cannot set up guest memory"))
            return Transient(Message.Of($"The host has too little free memory for this guest."), details);
        if (Says(text, "/dev/kvm", "KVM is not available", "failed to initialize kvm", "kvm_init"))
            return Permanent(FaultKind.Internal, Message.Of($"KVM does not work on this host: load the module kvm_intel or kvm_amd, enable virtualisation in the firmware, or set virt_type to qemu."), details);
        if (Says(text, "Permission denied"))
            return Permanent(FaultKind.Internal, Message.Of($"The hypervisor was denied access to a file or device of the guest: check the owners and modes below the data directory."), details);
        if (Says(text, "Device or resource busy", "Failed to terminate process"))
            return Transient(Message.Of($"The guest's process does not end yet; try again later."), details);
        return Permanent(FaultKind.Internal, Message.Of($"The hypervisor failed; an operator finds its words in the fault's details."), details);
    }

    private static bool Says(string text, params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
            if (text.Contains(part, StringComparison.OrdinalIgnoreCase))
                return true;

        return false;
    }

    private static Fault Permanent(FaultKind kind, Message message, string details) => new(kind, message, details);

    private static Fault Transient(Message message, string details) => new(FaultKind.Unavailable, message, details) { RetryAfterSeconds = 5 };
}
