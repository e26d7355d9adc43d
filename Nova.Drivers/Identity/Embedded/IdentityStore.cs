using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>The rows of identity.</summary>
internal static class IdentityStore
{
    public const string ProjectColumns = "id, domain_id, name, description, enabled, tags, created_at";
    public const string UserColumns = "id, domain_id, name, description, email, enabled, default_project_id, password_hash, created_at";

    public static Task<ProjectRow?> Project(Rows rows, string id) =>
        rows.Find<ProjectRow>($"SELECT {ProjectColumns} FROM identity_projects WHERE id = @id", new { id });

    public static Task<ProjectRow?> ProjectNamed(Rows rows, string name, string domainId) =>
        rows.Find<ProjectRow>($"SELECT {ProjectColumns} FROM identity_projects WHERE name = @name AND domain_id = @domainId", new { name, domainId });

    public static Task<IReadOnlyList<ProjectRow>> Projects(Rows rows) =>
        rows.Query<ProjectRow>($"SELECT {ProjectColumns} FROM identity_projects ORDER BY name, id");

    public static Task<UserRow?> User(Rows rows, string id) =>
        rows.Find<UserRow>($"SELECT {UserColumns} FROM identity_users WHERE id = @id", new { id });

    public static Task<UserRow?> UserNamed(Rows rows, string name, string domainId) =>
        rows.Find<UserRow>($"SELECT {UserColumns} FROM identity_users WHERE name = @name AND domain_id = @domainId", new { name, domainId });

    public static Task<IReadOnlyList<UserRow>> Users(Rows rows) =>
        rows.Query<UserRow>($"SELECT {UserColumns} FROM identity_users ORDER BY name, id");

    public static Task<IReadOnlyList<RoleRow>> Roles(Rows rows) =>
        rows.Query<RoleRow>("SELECT id, name, description FROM identity_roles ORDER BY name, id");

    public static Task<IReadOnlyList<ImpliedRoleRow>> ImpliedRoles(Rows rows) =>
        rows.Query<ImpliedRoleRow>("SELECT prior_id, implied_id FROM identity_implied_roles ORDER BY prior_id, implied_id");

    public static Task<IReadOnlyList<AssignmentRow>> Assignments(Rows rows) =>
        rows.Query<AssignmentRow>(
            """
            SELECT user_id, scope_kind, scope_id, role_id FROM identity_assignments
            ORDER BY scope_kind, scope_id, user_id, role_id
            """);

    public static Task<IReadOnlyList<AssignmentRow>> AssignmentsOf(Rows rows, string userId) =>
        rows.Query<AssignmentRow>(
            """
            SELECT user_id, scope_kind, scope_id, role_id FROM identity_assignments
            WHERE user_id = @userId ORDER BY scope_kind, scope_id, role_id
            """,
            new { userId });

    /// <summary>The roles of a user in a scope, implied ones included.</summary>
    public static async Task<IReadOnlyList<RoleRow>> RolesIn(Rows rows, string userId, TokenScope scope)
    {
        var direct = (await AssignmentsOf(rows, userId)).Where(a => a.ScopeKind == scope.Kind && a.ScopeId == scope.Id).Select(a => a.RoleId);
        var held = Closure(direct, await ImpliedRoles(rows));
        return [.. (await Roles(rows)).Where(r => held.Contains(r.Id))];
    }

    public static HashSet<string> Closure(IEnumerable<string> direct, IReadOnlyList<ImpliedRoleRow> implied)
    {
        var held = direct.ToHashSet(StringComparer.Ordinal);
        var open = new Queue<string>(held);
        while (open.TryDequeue(out var prior))
            foreach (var rule in implied)
                if (rule.PriorId == prior && held.Add(rule.ImpliedId))
                    open.Enqueue(rule.ImpliedId);
        return held;
    }

    /// <summary>False when the name is taken.</summary>
    public static bool TryInsert(Tx tx, ProjectRow project) =>
        tx.Execute(
            """
            INSERT INTO identity_projects (id, domain_id, name, description, enabled, tags, created_at)
            VALUES (@Id, @DomainId, @Name, @Description, @Enabled, @Tags, @CreatedAt) ON CONFLICT DO NOTHING
            """,
            project) == 1;

    /// <summary>False when the name is taken.</summary>
    public static bool TryInsert(Tx tx, UserRow user) =>
        tx.Execute(
            """
            INSERT INTO identity_users (id, domain_id, name, description, email, enabled, default_project_id, password_hash, created_at)
            VALUES (@Id, @DomainId, @Name, @Description, @Email, @Enabled, @DefaultProjectId, @PasswordHash, @CreatedAt) ON CONFLICT DO NOTHING
            """,
            user) == 1;

    /// <summary>False when the name is taken.</summary>
    public static bool TryInsert(Tx tx, RoleRow role) =>
        tx.Execute("INSERT INTO identity_roles (id, name, description) VALUES (@Id, @Name, @Description) ON CONFLICT DO NOTHING", role) == 1;

    public static void Imply(Tx tx, string priorId, string impliedId) =>
        tx.Execute(
            "INSERT INTO identity_implied_roles (prior_id, implied_id) VALUES (@priorId, @impliedId) ON CONFLICT DO NOTHING",
            new { priorId, impliedId });

    public static void Assign(Tx tx, AssignmentRow row) =>
        tx.Execute(
            """
            INSERT INTO identity_assignments (user_id, scope_kind, scope_id, role_id)
            VALUES (@UserId, @ScopeKind, @ScopeId, @RoleId) ON CONFLICT DO NOTHING
            """,
            row);

    /// <summary>False when there was none.</summary>
    public static bool Unassign(Tx tx, AssignmentRow row) =>
        tx.Execute(
            """
            DELETE FROM identity_assignments
            WHERE user_id = @UserId AND scope_kind = @ScopeKind AND scope_id = @ScopeId AND role_id = @RoleId
            """,
            row) == 1;

    public static void Update(Tx tx, ProjectRow project) =>
        tx.Execute(
            "UPDATE identity_projects SET name = @Name, description = @Description, enabled = @Enabled, tags = @Tags WHERE id = @Id", project);

    public static void Update(Tx tx, UserRow user) =>
        tx.Execute(
            """
            UPDATE identity_users SET name = @Name, description = @Description, email = @Email, enabled = @Enabled,
                default_project_id = @DefaultProjectId, password_hash = @PasswordHash
            WHERE id = @Id
            """,
            user);

    public static void Update(Tx tx, RoleRow role) =>
        tx.Execute("UPDATE identity_roles SET name = @Name, description = @Description WHERE id = @Id", role);

    public static bool DeleteProject(Tx tx, string id)
    {
        tx.Execute("DELETE FROM identity_assignments WHERE scope_kind = 'project' AND scope_id = @id", new { id });
        return tx.Execute("DELETE FROM identity_projects WHERE id = @id", new { id }) == 1;
    }

    public static bool DeleteUser(Tx tx, string id) => tx.Execute("DELETE FROM identity_users WHERE id = @id", new { id }) == 1;

    public static bool DeleteRole(Tx tx, string id) => tx.Execute("DELETE FROM identity_roles WHERE id = @id", new { id }) == 1;
}
