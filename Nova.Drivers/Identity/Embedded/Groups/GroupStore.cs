using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Identity.Embedded.Groups;

/// <summary>The tables <c>identity_groups</c> and <c>identity_members</c>.</summary>
internal static class GroupStore
{
    private const string Select = "SELECT id, domain_id, name, description, created_at FROM identity_groups";

    public static Task<Group?> Find(Rows rows, string id) => rows.Find<Group>($"{Select} WHERE id = @id", new { id });

    /// <summary>All groups, or those of a domain.</summary>
    public static Task<IReadOnlyList<Group>> All(Rows rows, string? domainId = null) =>
        rows.Query<Group>($"{Select} {(domainId is null ? "" : "WHERE domain_id = @domainId")} ORDER BY name, id", new { domainId });

    public static Task<IReadOnlyList<Group>> OfUser(Rows rows, string userId) =>
        rows.Query<Group>($"{Select} WHERE id IN (SELECT group_id FROM identity_members WHERE user_id = @userId) ORDER BY name, id", new { userId });

    /// <summary>Who is in which group.</summary>
    public static async Task<ILookup<string, string>> Members(Rows rows) =>
        (await rows.Query<Member>("SELECT group_id, user_id FROM identity_members ORDER BY group_id, user_id")).ToLookup(m => m.GroupId, m => m.UserId);

    public static async Task<bool> IsMember(Rows rows, string groupId, string userId) =>
        await rows.Value<long>("SELECT COUNT(*) FROM identity_members WHERE group_id = @groupId AND user_id = @userId", new { groupId, userId }) > 0;

    public static IReadOnlyList<string> Members(Tx tx, string groupId) => tx.Query<string>("SELECT user_id FROM identity_members WHERE group_id = @groupId", new { groupId });

    /// <summary>False when the name is taken.</summary>
    public static bool TryInsert(Tx tx, Group group) => tx.Execute(
        """
        INSERT INTO identity_groups (id, domain_id, name, description, created_at)
        VALUES (@Id, @DomainId, @Name, @Description, @CreatedAt) ON CONFLICT DO NOTHING
        """,
        group) == 1;

    public static void Update(Tx tx, Group group) => tx.Execute("UPDATE identity_groups SET name = @Name, description = @Description WHERE id = @Id", group);

    public static bool Delete(Tx tx, string id) => tx.Execute("DELETE FROM identity_groups WHERE id = @id", new { id }) == 1;

    public static void Add(Tx tx, string groupId, string userId) =>
        tx.Execute("INSERT INTO identity_members (group_id, user_id) VALUES (@groupId, @userId) ON CONFLICT DO NOTHING", new { groupId, userId });

    /// <summary>False when the user was no member.</summary>
    public static bool Remove(Tx tx, string groupId, string userId) =>
        tx.Execute("DELETE FROM identity_members WHERE group_id = @groupId AND user_id = @userId", new { groupId, userId }) == 1;

    private sealed class Member
    {
        public string GroupId { get; init; } = "";
        public string UserId { get; init; } = "";
    }
}
