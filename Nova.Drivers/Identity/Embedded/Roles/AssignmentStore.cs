using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Identity.Embedded.Roles;

/// <summary>The tables <c>identity_assignments</c> and <c>identity_group_assignments</c>.</summary>
internal static class AssignmentStore
{
    private const string OfUsers = "SELECT a.user_id, a.scope_kind, a.scope_id, a.role_id FROM identity_assignments a";
    private const string OfGroups = "SELECT a.group_id, a.scope_kind, a.scope_id, a.role_id FROM identity_group_assignments a";

    /// <summary>All of them, in a fixed order.</summary>
    public static async Task<IReadOnlyList<Assignment>> All(Rows rows) =>
    [
        .. await rows.Query<Assignment>($"{OfUsers} ORDER BY a.scope_kind, a.scope_id, a.user_id, a.role_id"),
        .. await rows.Query<Assignment>($"{OfGroups} ORDER BY a.scope_kind, a.scope_id, a.group_id, a.role_id"),
    ];

    /// <summary>What a user has, by itself and as a member of groups.</summary>
    public static async Task<IReadOnlyList<Assignment>> OfUser(Rows rows, string userId) =>
    [
        .. await rows.Query<Assignment>($"{OfUsers} WHERE a.user_id = @userId ORDER BY a.scope_kind, a.scope_id, a.role_id", new { userId }),
        .. await rows.Query<Assignment>(
            $"{OfGroups} JOIN identity_members m ON m.group_id = a.group_id WHERE m.user_id = @userId ORDER BY a.scope_kind, a.scope_id, a.group_id, a.role_id",
            new { userId }),
    ];

    /// <summary>What a user or a group itself has in one scope.</summary>
    public static Task<IReadOnlyList<Assignment>> Of(Rows rows, Assignment target) => rows.Query<Assignment>(
        $"""
        {(target.UserId is null ? OfGroups + " WHERE a.group_id = @GroupId" : OfUsers + " WHERE a.user_id = @UserId")}
        AND a.scope_kind = @ScopeKind AND a.scope_id = @ScopeId ORDER BY a.role_id
        """,
        target);

    public static void Assign(Tx tx, Assignment row) => tx.Execute(
        row.UserId is null
            ? "INSERT INTO identity_group_assignments (group_id, scope_kind, scope_id, role_id) VALUES (@GroupId, @ScopeKind, @ScopeId, @RoleId) ON CONFLICT DO NOTHING"
            : "INSERT INTO identity_assignments (user_id, scope_kind, scope_id, role_id) VALUES (@UserId, @ScopeKind, @ScopeId, @RoleId) ON CONFLICT DO NOTHING",
        row);

    /// <summary>False when there was none.</summary>
    public static bool Unassign(Tx tx, Assignment row) =>
        tx.Execute(
            $"""
            DELETE FROM {(row.UserId is null ? "identity_group_assignments WHERE group_id = @GroupId" : "identity_assignments WHERE user_id = @UserId")}
            AND scope_kind = @ScopeKind AND scope_id = @ScopeId AND role_id = @RoleId
            """,
            row) == 1;

    /// <summary>Every user who has a role somewhere, by itself or as a member of a group.</summary>
    public static IReadOnlyList<string> Holders(Tx tx, string roleId) =>
    [
        .. tx.Query<string>("SELECT DISTINCT user_id FROM identity_assignments WHERE role_id = @roleId", new { roleId })
            .Union(tx.Query<string>(
                "SELECT DISTINCT m.user_id FROM identity_group_assignments a JOIN identity_members m ON m.group_id = a.group_id WHERE a.role_id = @roleId",
                new { roleId })),
    ];
}
