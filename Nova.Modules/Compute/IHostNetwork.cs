using Nova.Modules.Compute.Live;

namespace Nova.Modules.Compute;

/// <summary>
/// The network on one host: bridges, taps, namespaces with gateway and DHCP, anti-spoofing, security groups and the
/// metadata listener. Calls converge and may run again after a crash at any point.
/// </summary>
public interface IHostNetwork : IAsyncDisposable
{
    /// <summary>
    /// Everything that the guest's interfaces need exists and has these rules: to be called before the guest starts, and
    /// again whenever rules, addresses or networks change. Interfaces that are no longer listed are unplugged.
    /// </summary>
    Task Plug(Guid serverId, IReadOnlyList<NicSpec> nics, CancellationToken ct);

    /// <summary>Nothing of the guest is left; what only it used of its networks is gone too.</summary>
    Task Unplug(Guid serverId, CancellationToken ct);

    /// <summary>
    /// What is on the host equals this list: called once at start, before any guest is started or adopted. Leftovers of
    /// this installation are removed; what others made is not touched.
    /// </summary>
    Task Restore(IReadOnlyDictionary<Guid, IReadOnlyList<NicSpec>> guests, CancellationToken ct);
}

/// <summary>A host network that keeps security groups as it is told while guests run. Implementing it is asking for them.</summary>
public interface IGroupNetwork : IHostNetwork
{
    /// <summary>The groups of the ports that are plugged, or about to be.</summary>
    IReadOnlyCollection<GroupKey> WantedGroups { get; }

    /// <summary>Raised after <see cref="WantedGroups"/> has changed.</summary>
    event Action? WantedGroupsChanged;

    /// <summary>
    /// Running guests have these groups. Pictures come in order; one that cannot be applied now is kept and applied as soon
    /// as it can be. Before <see cref="IHostNetwork.Restore"/> it is only remembered.
    /// </summary>
    Task Apply(HostPicture picture, CancellationToken ct);
}

/// <summary>Answers a guest's question about itself; implemented by the host agent from its journal.</summary>
public interface IGuestDirectory
{
    /// <summary>The guest with this address on this network, or null. The network is the one whose listener was asked.</summary>
    GuestSpec? Find(Guid networkId, System.Net.IPAddress address);
}

/// <summary>How interface names are derived: both the network and the hypervisor driver need the tap's name.</summary>
public static class HostNames
{
    /// <summary><c>tap</c> and the first 11 hex digits of the port's random part; at most 15 characters, as Linux allows.</summary>
    public static string Tap(Guid portId) => "tap" + portId.ToString("N")[^12..][..11];
}
