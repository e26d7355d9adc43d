using System.Collections.Immutable;

namespace Nova.Modules.Compute.Live;

/// <summary>What a host knows of security groups: the sum of the pictures that it was told. Safe for several threads.</summary>
public sealed class GroupBook
{
    private readonly Lock _gate = new();
    private readonly Dictionary<GroupKey, Page> _pages = [];

    /// <summary>Takes a picture in; false when it changes nothing.</summary>
    public bool Take(HostPicture picture)
    {
        if (picture is { IsWhole: false, Groups: [], Gone: [] })
            return false;

        lock (_gate)
        {
            if (picture.IsWhole)
                _pages.Clear();
            foreach (var key in picture.Gone)
                _pages.Remove(key);
            foreach (var group in picture.Groups)
                _pages[group.Key] = Turn(_pages.GetValueOrDefault(group.Key) ?? Page.Empty, group);
            return true;
        }
    }

    /// <summary>What a group allows; nothing when it is not known (yet).</summary>
    public IReadOnlyList<RuleSpec> Rules(GroupKey key)
    {
        lock (_gate)
            return _pages.GetValueOrDefault(key)?.Rules ?? [];
    }

    /// <summary>The addresses of a group's ports. The same object for as long as they are the same.</summary>
    public ImmutableHashSet<string> Members(GroupKey key)
    {
        lock (_gate)
            return _pages.GetValueOrDefault(key)?.Members ?? [];
    }

    private static Page Turn(Page page, GroupPicture group)
    {
        var members = group.Members is { } all ? [.. all] : page.Members;
        return new(group.Rules ?? page.Rules, members.Except(group.Left).Union(group.Joined));
    }

    private sealed record Page(IReadOnlyList<RuleSpec> Rules, ImmutableHashSet<string> Members)
    {
        public static readonly Page Empty = new([], []);
    }
}
