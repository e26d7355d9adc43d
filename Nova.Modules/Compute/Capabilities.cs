using Nova.Modules.Shared;

namespace Nova.Modules.Compute;

/// <summary>Implementing a capability's interface is declaring it: the host reports the trait, and the scheduler sends no server where it cannot go.</summary>
public static class Capabilities
{
    /// <summary>The traits that follow from the interfaces that a driver implements.</summary>
    public static IEnumerable<string> TraitsOf(IHypervisor hypervisor)
    {
        yield return "COMPUTE_NODE";
        yield return "OWNER_NOVA";
        if (hypervisor is IConsoleLogCapable)
            yield return "CUSTOM_COMPUTE_CONSOLE_LOG";
        if (hypervisor is Consoles.IConsoleCapable)
            yield return "CUSTOM_COMPUTE_CONSOLE";
        if (hypervisor is IPauseCapable)
            yield return "CUSTOM_COMPUTE_PAUSE";
        if (hypervisor is ISuspendCapable)
            yield return "CUSTOM_COMPUTE_SUSPEND";
        if (hypervisor is IRescueCapable)
            yield return "CUSTOM_COMPUTE_RESCUE";
        if (hypervisor is ISnapshotCapable)
            yield return "CUSTOM_COMPUTE_SNAPSHOT";
        if (hypervisor is IDiagnosticsCapable)
            yield return "CUSTOM_COMPUTE_DIAGNOSTICS";
        if (hypervisor is INicCapable)
        {
            yield return "COMPUTE_NET_ATTACH_INTERFACE";
            yield return "COMPUTE_NET_ATTACH_INTERFACE_WITH_TAG";
        }

        if (hypervisor is IImageCacheCapable)
            yield return "CUSTOM_COMPUTE_IMAGE_CACHE";
    }

    /// <summary>What is answered when a driver lacks an ability.</summary>
    public static Fault NotSupported => Fault.NotImplemented($"The requested functionality is not supported.");
}
