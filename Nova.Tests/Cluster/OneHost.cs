using Nova.Modules.Compute;

namespace Nova.Tests.Cluster;

/// <summary>A process that drives one hypervisor.</summary>
internal sealed class OneHost(LocalHypervisor host) : ILocalHypervisors
{
    public IReadOnlyList<LocalHypervisor> All { get; } = [host];
}
