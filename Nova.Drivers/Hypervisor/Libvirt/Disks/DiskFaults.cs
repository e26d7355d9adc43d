using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt.Disks;

/// <summary>Says in our words what an operator should do about a failure of the data directory.</summary>
internal static class DiskFaults
{
    /// <summary>The fault for a file operation that failed.</summary>
    public static Fault Of(Exception e) => e switch
    {
        UnauthorizedAccessException => Denied(e.Message),
        _ => OfText(e.Message),
    };

    /// <summary>The fault for what a tool or the system wrote.</summary>
    public static Fault OfText(string words)
    {
        if (Says(words, "No space left on device") || Says(words, "Disk quota exceeded"))
            return NoSpace(words);
        if (Says(words, "Permission denied") || Says(words, "Operation not permitted"))
            return Denied(words);
        if (Says(words, "Read-only file system"))
            return new(FaultKind.Internal, Message.Of($"The host's data directory is on a read-only file system: mount it writable."), words);

        return new(FaultKind.Internal, Message.Of($"The host could not make the guest's disks; an operator finds the reason in the fault's details."), words);
    }

    /// <summary>The disk is full, or would be.</summary>
    public static Fault NoSpace(string details) =>
        new(FaultKind.Unavailable, Message.Of($"The host has no disk space left for this guest: free space on the host, or add a host."), details) { RetryAfterSeconds = 30 };

    private static Fault Denied(string details) =>
        new(FaultKind.Internal, Message.Of($"The host may not use its data directory: run nova-host as root, and give others search permission (chmod o+x) on every folder above it."), details);

    private static bool Says(string words, string part) => words.Contains(part, StringComparison.OrdinalIgnoreCase);
}
