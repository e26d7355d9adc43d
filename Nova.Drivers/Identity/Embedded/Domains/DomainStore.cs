using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Identity.Embedded.Domains;

/// <summary>The table <c>identity_domains</c>.</summary>
internal static class DomainStore
{
    private const string Select = "SELECT id, name, description, enabled, tags, options, created_at FROM identity_domains";

    public static Task<Domain?> Find(Rows rows, string id) => rows.Find<Domain>($"{Select} WHERE id = @id", new { id });

    public static Task<Domain?> Named(Rows rows, string name) => rows.Find<Domain>($"{Select} WHERE name = @name", new { name });

    public static Task<IReadOnlyList<Domain>> All(Rows rows) => rows.Query<Domain>($"{Select} ORDER BY name, id");

    /// <summary>The names of some domains by id.</summary>
    public static async Task<Dictionary<string, string>> Names(Rows rows, params string[] ids) =>
        (await rows.Query<Domain>($"{Select} WHERE {rows.Dialect.OneOf("id", "ids")}", new { ids })).ToDictionary(d => d.Id, d => d.Name);

    /// <summary>False when the name is taken.</summary>
    public static bool TryInsert(Tx tx, Domain domain) =>
        tx.Execute(
            """
            INSERT INTO identity_domains (id, name, description, enabled, tags, options, created_at)
            VALUES (@Id, @Name, @Description, @Enabled, @Tags, @Options, @CreatedAt) ON CONFLICT DO NOTHING
            """,
            domain) == 1;

    public static void Update(Tx tx, Domain domain) => tx.Execute(
        "UPDATE identity_domains SET name = @Name, description = @Description, enabled = @Enabled, tags = @Tags, options = @Options WHERE id = @Id", domain);

    /// <summary>Removes a domain with everything that belongs to it.</summary>
    public static void Delete(Tx tx, string id)
    {
        foreach (var statement in (ReadOnlySpan<string>)
            [
                "DELETE FROM identity_assignments WHERE scope_kind LIKE 'project%' AND scope_id IN (SELECT id FROM identity_projects WHERE domain_id = @id)",
                "DELETE FROM identity_group_assignments WHERE scope_kind LIKE 'project%' AND scope_id IN (SELECT id FROM identity_projects WHERE domain_id = @id)",
                "DELETE FROM identity_assignments WHERE scope_kind LIKE 'domain%' AND scope_id = @id",
                "DELETE FROM identity_group_assignments WHERE scope_kind LIKE 'domain%' AND scope_id = @id",
                "DELETE FROM identity_application_credentials WHERE project_id IN (SELECT id FROM identity_projects WHERE domain_id = @id)",
                "DELETE FROM identity_limits WHERE domain_id = @id OR project_id IN (SELECT id FROM identity_projects WHERE domain_id = @id)",
                "DELETE FROM identity_groups WHERE domain_id = @id",
                "DELETE FROM identity_users WHERE domain_id = @id",
                "DELETE FROM identity_projects WHERE domain_id = @id",
                "DELETE FROM identity_roles WHERE domain_id = @id",
                "DELETE FROM identity_domains WHERE id = @id",
            ])
            tx.Execute(statement, new { id });
    }
}
