namespace Nova.Modules.Scheduling;

// Server groups as their members' hosts. A group is here as long as it has a member somewhere; its policy comes with the
// request.
public sealed partial class Picture
{
    private static readonly GroupMembers NoMembers = new();

    private readonly Dictionary<Guid, GroupMembers> _groups = [];

    /// <summary>Where the members of a group are.</summary>
    public GroupMembers Members(Guid group) => _groups.GetValueOrDefault(group, NoMembers);

    /// <summary>
    /// How many members of the request's group a host has, without the server itself that is to be placed: those of the
    /// picture, or those that a refused claim has seen when they are more.
    /// </summary>
    public long MembersOn(PlacementRequest request, int slot)
    {
        var group = request.Group!;
        var members = Members(group.Id);
        long count = members.On(slot);
        if (request.Servers is [var only] && members.Has(only, slot))
            count--;
        foreach (var seen in group.Seen)
            if (SlotOf(seen.HostId) == slot)
                count = Math.Max(count, seen.Members);
        return count;
    }

    /// <summary>The hosts that have members of the request's group; the place of the server itself does not count.</summary>
    public IEnumerable<int> HostsOf(PlacementRequest request)
    {
        var group = request.Group!;
        return Members(group.Id).PerHost.Keys
            .Union(group.Seen.Select(seen => SlotOf(seen.HostId)).Where(slot => slot >= 0))
            .Where(slot => MembersOn(request, slot) > 0);
    }

    /// <summary>A member was placed, or has left its host.</summary>
    public void Apply(GroupMember member)
    {
        if (member.HostId is { } host)
            MembersToChange(member.GroupId).Claim(member.ServerId, SlotFor(host));
        else
            Change(member.GroupId, members => members.Leave(member.ServerId));
    }

    /// <summary>A group is gone; its servers stay where they are.</summary>
    public void RemoveGroup(Guid group) => _groups.Remove(group);

    internal void Assume(Guid group, Guid server, int slot) => MembersToChange(group).Assume(server, slot);

    internal void DropAssumed(Guid group, Guid server) => Change(group, members => members.Drop(server));

    private void LeaveGroups(int slot)
    {
        foreach (var group in _groups.Where(g => g.Value.On(slot) > 0).Select(g => g.Key).ToList())
            Change(group, members => members.LeaveHost(slot));
    }

    private GroupMembers MembersToChange(Guid group)
    {
        if (!_groups.TryGetValue(group, out var members))
            _groups.Add(group, members = new());
        return members;
    }

    private void Change(Guid group, Action<GroupMembers> change)
    {
        if (!_groups.TryGetValue(group, out var members))
            return;

        change(members);
        if (members.IsEmpty)
            _groups.Remove(group);
    }
}
