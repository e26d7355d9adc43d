using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Networks;

namespace Nova.Modules.Hosts.Live;

/// <summary>What one host was told of security groups, and how it is told more.</summary>
/// <param name="hostId">The host.</param>
/// <param name="post">Hands a picture over, in order; does not wait.</param>
public sealed class PictureSubscription(Guid hostId, Action<HostPicture> post)
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<GroupKey, Told> _told = [];
    private volatile IReadOnlySet<GroupKey> _wanted = new HashSet<GroupKey>();
    private volatile HashSet<Guid> _groups = [];
    private bool _isBegun;

    /// <summary>The host.</summary>
    public Guid HostId => hostId;

    /// <summary>The groups of the host's ports, all of them.</summary>
    public IReadOnlySet<GroupKey> Wanted
    {
        get => _wanted;
        set => (_wanted, _groups) = (value, [.. _groups, .. value.Select(key => key.GroupId)]);
    }

    /// <summary>True when the host hears of its guests too; before that all of them are still to be told.</summary>
    public bool TellsGuests { get; set; }

    /// <summary>True when the host has a port of one of these groups, or a port whose rules name one.</summary>
    public bool Concerns(IReadOnlySet<Guid> groups) => _groups.Overlaps(groups);

    /// <summary>Hands a picture over.</summary>
    public void Post(HostPicture picture) => post(picture);

    /// <summary>Hands over what the host does not know yet; nothing when it knows all.</summary>
    /// <param name="source">Where groups are known.</param>
    /// <param name="isFirst">True to tell everything, whatever was told.</param>
    /// <param name="ct">Cancels.</param>
    public async Task Tell(ISecurityGroups source, bool isFirst, CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        try
        {
            // The whole comes first, whoever is faster.
            if (!isFirst && !_isBegun)
                return;

            _isBegun = true;
            var picture = await Next(source, ct);
            if (isFirst || picture.Groups.Count + picture.Gone.Count > 0)
                post(picture with { IsWhole = isFirst });
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<HostPicture> Next(ISecurityGroups source, CancellationToken ct)
    {
        var wanted = Wanted;
        var news = new Dictionary<GroupKey, GroupPicture>();
        var named = new HashSet<GroupKey>();
        foreach (var key in wanted)
        {
            var rules = await source.RulesOf(key.GroupId, ct);
            named.UnionWith(rules.Where(rule => rule.RemoteGroup is not null).Select(rule => new GroupKey(key.NetworkId, rule.RemoteGroup!.Value)));
            if (Of(key) is var told && (told.Rules is null || (told.Rules != rules && !told.Rules.SequenceEqual(rules))))
                (told.Rules, news[key]) = (rules, new() { Key = key, Rules = rules });
        }

        foreach (var key in named)
            if (await source.MembersOf(key, Of(key).Version, ct) is var members && Of(key).Takes(members))
                news[key] = With(news.GetValueOrDefault(key) ?? new() { Key = key }, members);

        GroupKey[] gone = [.. _told.Keys.Where(key => !wanted.Contains(key) && !named.Contains(key))];
        foreach (var key in gone)
            _told.Remove(key);
        _groups = [.. _told.Keys.Select(key => key.GroupId), .. Wanted.Select(key => key.GroupId)];
        return new() { Groups = [.. news.Values], Gone = gone };
    }

    private Told Of(GroupKey key)
    {
        if (!_told.TryGetValue(key, out var told))
            _told.Add(key, told = new());
        return told;
    }

    private static GroupPicture With(GroupPicture picture, GroupMembership members) => members.IsWhole
        ? picture with { Members = members.Joined }
        : picture with { Joined = members.Joined, Left = members.Left };

    private sealed class Told
    {
        private bool _isEmpty;

        public IReadOnlyList<RuleSpec>? Rules { get; set; }

        public long Version { get; private set; }

        /// <summary>False when it says nothing new.</summary>
        public bool Takes(GroupMembership members)
        {
            var (isFirst, wasEmpty) = (Version == 0, _isEmpty);
            (Version, _isEmpty) = (Math.Max(1, members.Version), members is { IsWhole: true, Joined: [] });
            return members.IsWhole ? isFirst || !(wasEmpty && _isEmpty) : members.Joined.Count + members.Left.Count > 0;
        }
    }
}
