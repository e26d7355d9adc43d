using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Identity.Embedded.Users;

/// <summary>The table <c>identity_users</c>.</summary>
internal static class UserStore
{
    private const string Columns = "id, domain_id, name, description, email, enabled, default_project_id, password_hash, options, created_at";
    private const string Select = $"SELECT {Columns} FROM identity_users";

    public static Task<User?> Find(Rows rows, string id) => rows.Find<User>($"{Select} WHERE id = @id", new { id });

    public static Task<User?> Named(Rows rows, string name, string domainId) =>
        rows.Find<User>($"{Select} WHERE name = @name AND domain_id = @domainId", new { name, domainId });

    /// <summary>All users, or those of a domain.</summary>
    public static Task<IReadOnlyList<User>> All(Rows rows, string? domainId = null) =>
        rows.Query<User>($"{Select} {(domainId is null ? "" : "WHERE domain_id = @domainId")} ORDER BY name, id", new { domainId });

    public static Task<IReadOnlyList<User>> Members(Rows rows, string groupId) =>
        rows.Query<User>($"{Select} WHERE id IN (SELECT user_id FROM identity_members WHERE group_id = @groupId) ORDER BY name, id", new { groupId });

    /// <summary>False when the name is taken.</summary>
    public static bool TryInsert(Tx tx, User user) =>
        tx.Execute(
            $"""
            INSERT INTO identity_users ({Columns})
            VALUES (@Id, @DomainId, @Name, @Description, @Email, @Enabled, @DefaultProjectId, @PasswordHash, @Options, @CreatedAt) ON CONFLICT DO NOTHING
            """,
            user) == 1;

    public static void Update(Tx tx, User user) => tx.Execute(
        """
        UPDATE identity_users SET name = @Name, description = @Description, email = @Email, enabled = @Enabled,
            default_project_id = @DefaultProjectId, password_hash = @PasswordHash, options = @Options
        WHERE id = @Id
        """,
        user);

    public static bool Delete(Tx tx, string id) => tx.Execute("DELETE FROM identity_users WHERE id = @id", new { id }) == 1;
}
