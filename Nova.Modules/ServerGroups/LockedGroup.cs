using Nova.Modules.Scheduling;

namespace Nova.Modules.ServerGroups;

/// <summary>
/// A server group in a unit of work that holds the lock on its row, with the places of its members: nobody else places
/// one until the unit ends, so what it allows now is kept.
/// </summary>
public sealed class LockedGroup
{
    private readonly GroupRequest _group;
    private readonly Dictionary<Guid, long> _perHost;
    private readonly IReadOnlyList<HostMembers> _seen;

    /// <summary>As the rows say under the lock.</summary>
    /// <param name="group">The group.</param>
    /// <param name="members">How many members each host has; null stands for those without one.</param>
    internal LockedGroup(GroupRequest group, IEnumerable<(Guid? HostId, long Members)> members)
    {
        (_group, _perHost) = (group, []);
        foreach (var (host, count) in members)
        {
            Members += count;
            if (host is { } id)
                _perHost[id] = count;
        }

        _seen = [.. _perHost.Select(p => new HostMembers(p.Key, p.Value))];
    }

    /// <summary>The group.</summary>
    public Guid Id => _group.Id;

    /// <summary>All members, with or without a host, but for the server that is being placed.</summary>
    public long Members { get; private set; }

    /// <summary>
    /// The group with the hosts that its members had before this unit, for another choice after a refusal: what the unit
    /// itself has placed is undone with it.
    /// </summary>
    public GroupRequest Seen => _group with { Seen = _seen };

    /// <summary>The policy.</summary>
    public string Policy => _group.Policy;

    /// <summary>Whether the policy lets one more member onto the host.</summary>
    public bool Allows(Guid hostId) => _group.Policy switch
    {
        GroupPolicies.AntiAffinity => _perHost.GetValueOrDefault(hostId) < _group.MaxPerHost,
        GroupPolicies.Affinity => _perHost.Count == 0 || _perHost.ContainsKey(hostId),
        _ => true,
    };

    /// <summary>A member was placed on the host.</summary>
    public void Add(Guid hostId)
    {
        _perHost[hostId] = _perHost.GetValueOrDefault(hostId) + 1;
        Members++;
    }
}
