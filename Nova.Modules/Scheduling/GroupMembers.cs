namespace Nova.Modules.Scheduling;

/// <summary>
/// The hosts of a group's members: of those that were claimed, and of those that were chosen and wait for their claim. A
/// member that has both on one host counts once.
/// </summary>
public sealed class GroupMembers
{
    private const int None = -1;

    private static readonly Place Nowhere = new(None, None);

    private readonly Dictionary<Guid, Place> _members = [];
    private readonly Dictionary<int, int> _counts = [];

    /// <summary>How many members each host has; hosts without any are left out.</summary>
    public IReadOnlyDictionary<int, int> PerHost => _counts;

    /// <summary>Rises with each change.</summary>
    public int Version { get; private set; }

    /// <summary>True when no member is anywhere.</summary>
    public bool IsEmpty => _members.Count == 0;

    /// <summary>How many members are on the host.</summary>
    public int On(int slot) => _counts.GetValueOrDefault(slot);

    /// <summary>Whether this member is on the host.</summary>
    public bool Has(Guid server, int slot) => _members.TryGetValue(server, out var at) && (at.Claimed == slot || at.Assumed == slot);

    /// <summary>Where each member is, or else is about to be.</summary>
    internal IEnumerable<(Guid Server, int Slot)> All => _members.Select(m => (m.Key, m.Value.Claimed == None ? m.Value.Assumed : m.Value.Claimed));

    internal void Claim(Guid server, int slot) => Set(server, _members.GetValueOrDefault(server, Nowhere) with { Claimed = slot });

    internal void Assume(Guid server, int slot) => Set(server, _members.GetValueOrDefault(server, Nowhere) with { Assumed = slot });

    internal void Leave(Guid server) => Claim(server, None);

    internal void Drop(Guid server) => Assume(server, None);

    internal void LeaveHost(int slot)
    {
        foreach (var (server, at) in _members.Where(m => m.Value.Claimed == slot || m.Value.Assumed == slot).ToList())
            Set(server, new(at.Claimed == slot ? None : at.Claimed, at.Assumed == slot ? None : at.Assumed));
    }

    private void Set(Guid server, Place at)
    {
        if (_members.TryGetValue(server, out var before))
            Count(before, -1);
        if (at == Nowhere)
            _members.Remove(server);
        else
            _members[server] = at;
        Count(at, +1);
        Version++;
    }

    private void Count(Place at, int sign)
    {
        Count(at.Claimed, sign);
        if (at.Assumed != at.Claimed)
            Count(at.Assumed, sign);
    }

    private void Count(int slot, int sign)
    {
        if (slot == None)
            return;

        var count = _counts.GetValueOrDefault(slot) + sign;
        if (count == 0)
            _counts.Remove(slot);
        else
            _counts[slot] = count;
    }

    private readonly record struct Place(int Claimed, int Assumed);
}
