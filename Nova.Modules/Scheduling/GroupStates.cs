using System.Text.Json;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Scheduling;

/// <summary>Reads where the members of server groups are, and tells schedulers' pictures when one was placed or has left.</summary>
public sealed class GroupStates(IEnumerable<IPictureFeed> feeds)
{
    private readonly IPictureFeed[] _feeds = [.. feeds];

    /// <summary>All members that have a host.</summary>
    public static async Task<IReadOnlyList<GroupMember>> Read(Rows rows) => await rows.Query<GroupMember>(
        "SELECT group_id, id AS server_id, host_id FROM servers WHERE group_id IS NOT NULL AND deleted_at IS NULL AND host_id IS NOT NULL");

    /// <summary>The unit placed a member, or took its host from it.</summary>
    public void Changed(Tx tx, GroupMember member)
    {
        foreach (var feed in _feeds)
            tx.AfterCommit(() => feed.MemberChanged(member));
        tx.Emit(new("group.member", member.GroupId.ToString(), null, JsonSerializer.Serialize(member)));
    }

    /// <summary>The unit removed a group.</summary>
    public void Removed(Tx tx, Guid groupId)
    {
        foreach (var feed in _feeds)
            tx.AfterCommit(() => feed.GroupRemoved(groupId));
        tx.Emit(new("group.deleted", groupId.ToString(), null, "{}"));
    }
}
