namespace Nova.Modules.Scheduling.Weighers;

/// <summary>Prefers the hosts with the most members of the request's group (soft affinity), or with the fewest.</summary>
/// <param name="name">The original's.</param>
/// <param name="policy">The policy of the groups that it looks at.</param>
/// <param name="multiplier">How much it counts.</param>
/// <param name="sign">1 prefers many members, −1 few.</param>
/// <param name="aggregateKey">The key of aggregates' metadata that replaces the multiplier.</param>
public sealed class GroupWeigher(string name, string policy, double multiplier, int sign, string aggregateKey) : IHostWeigher
{
    private readonly List<int> _filled = [];
    private int[] _values = [];
    private GroupMembers? _members;
    private int _version;

    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public string? AggregateKey => aggregateKey;

    /// <inheritdoc />
    public double Multiplier => multiplier;

    /// <summary>Packs the members of soft-affinity groups.</summary>
    public static GroupWeigher SoftAffinity(double multiplier) => new("ServerGroupSoftAffinityWeigher", GroupPolicies.SoftAffinity, multiplier, +1, "soft_affinity_weight_multiplier");

    /// <summary>Spreads the members of soft-anti-affinity groups.</summary>
    public static GroupWeigher SoftAntiAffinity(double multiplier) => new("ServerGroupSoftAntiAffinityWeigher", GroupPolicies.SoftAntiAffinity, multiplier, -1, "soft_anti_affinity_weight_multiplier");

    /// <inheritdoc />
    public ReadOnlySpan<int> Values(Picture picture, PlacementRequest request)
    {
        if (request.Group is not { } group || group.Policy != policy)
            return [];

        var members = picture.Members(group.Id);
        if (!ReferenceEquals(members, _members) || members.Version != _version || _values.Length != picture.Slots)
            Fill(picture, members);
        return _values;
    }

    private void Fill(Picture picture, GroupMembers members)
    {
        if (_values.Length != picture.Slots)
            (_values, _members) = (new int[picture.Slots], null);
        else
            foreach (var slot in _filled)
                _values[slot] = 0;

        _filled.Clear();
        foreach (var (slot, count) in members.PerHost)
        {
            _values[slot] = sign * count;
            _filled.Add(slot);
        }

        (_members, _version) = (members, members.Version);
    }
}
