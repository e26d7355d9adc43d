namespace Nova.Modules.Compute;

/// <summary>One hypervisor that this process drives, and whose host it is.</summary>
/// <param name="HostId">The identity of the host: a file in the data directory, so that a new name is noticed.</param>
/// <param name="HostName">The service's host name.</param>
/// <param name="Hypervisor">The driver.</param>
public sealed record LocalHypervisor(Guid HostId, string HostName, IHypervisor Hypervisor);

/// <summary>The hypervisors of this process: one, or thousands with the fake driver.</summary>
public interface ILocalHypervisors
{
    /// <summary>All of them; the same for the life of the process.</summary>
    IReadOnlyList<LocalHypervisor> All { get; }
}
