using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Identity.Embedded.Projects;

/// <summary>The table <c>identity_projects</c>.</summary>
internal static class ProjectStore
{
    private const string Columns = "id, domain_id, parent_id, name, description, enabled, tags, options, created_at";
    private const string Select = $"SELECT {Columns} FROM identity_projects";

    public static Task<Project?> Find(Rows rows, string id) => rows.Find<Project>($"{Select} WHERE id = @id", new { id });

    public static Task<Project?> Named(Rows rows, string name, string domainId) =>
        rows.Find<Project>($"{Select} WHERE name = @name AND domain_id = @domainId", new { name, domainId });

    /// <summary>All projects, or those of a domain.</summary>
    public static Task<IReadOnlyList<Project>> All(Rows rows, string? domainId = null) =>
        rows.Query<Project>($"{Select} {(domainId is null ? "" : "WHERE domain_id = @domainId")} ORDER BY name, id", new { domainId });

    public static Task<IReadOnlyList<Project>> Some(Rows rows, string[] ids) =>
        rows.Query<Project>($"{Select} WHERE {rows.Dialect.OneOf("id", "ids")} ORDER BY name, id", new { ids });

    public static Task<IReadOnlyList<Project>> Children(Rows rows, string id) => rows.Query<Project>($"{Select} WHERE parent_id = @id ORDER BY name, id", new { id });

    /// <summary>The project and those above it, itself first.</summary>
    public static async Task<IReadOnlyList<Project>> Line(Rows rows, string id)
    {
        var line = await rows.Query<Project>(
            $"""
            WITH RECURSIVE line (id) AS (
                SELECT id FROM identity_projects WHERE id = @id
                UNION SELECT p.parent_id FROM identity_projects p JOIN line ON p.id = line.id WHERE p.parent_id IS NOT NULL)
            {Select} WHERE id IN (SELECT id FROM line)
            """,
            new { id });
        var ordered = new List<Project>(line.Count);
        for (var next = line.FirstOrDefault(p => p.Id == id); next is not null; next = line.FirstOrDefault(p => p.Id == next.ParentId))
            ordered.Add(next);
        return ordered;
    }

    /// <summary>The projects below one, those of upper levels first.</summary>
    public static async Task<IReadOnlyList<Project>> Below(Rows rows, string id) => await rows.Query<Project>(
        $"""
        WITH RECURSIVE tree (id, depth) AS (
            SELECT id, 1 FROM identity_projects WHERE parent_id = @id
            UNION SELECT p.id, tree.depth + 1 FROM identity_projects p JOIN tree ON p.parent_id = tree.id)
        SELECT p.id, p.domain_id, p.parent_id, p.name, p.description, p.enabled, p.tags, p.options, p.created_at
        FROM identity_projects p JOIN tree ON tree.id = p.id ORDER BY tree.depth, p.name, p.id
        """,
        new { id });

    /// <summary>False when the name is taken.</summary>
    public static bool TryInsert(Tx tx, Project project) =>
        tx.Execute(
            $"""
            INSERT INTO identity_projects ({Columns})
            VALUES (@Id, @DomainId, @ParentId, @Name, @Description, @Enabled, @Tags, @Options, @CreatedAt) ON CONFLICT DO NOTHING
            """,
            project) == 1;

    public static void Update(Tx tx, Project project) => tx.Execute(
        "UPDATE identity_projects SET name = @Name, description = @Description, enabled = @Enabled, tags = @Tags, options = @Options WHERE id = @Id", project);

    public static void SetTags(Tx tx, string id, string tags) => tx.Execute("UPDATE identity_projects SET tags = @tags WHERE id = @id", new { id, tags });

    /// <summary>Removes a project with what was given in it; false when there was none.</summary>
    public static bool Delete(Tx tx, string id)
    {
        foreach (var statement in (ReadOnlySpan<string>)
            [
                "DELETE FROM identity_assignments WHERE scope_kind LIKE 'project%' AND scope_id = @id",
                "DELETE FROM identity_group_assignments WHERE scope_kind LIKE 'project%' AND scope_id = @id",
                "DELETE FROM identity_application_credentials WHERE project_id = @id",
                "DELETE FROM identity_limits WHERE project_id = @id",
                "UPDATE identity_users SET default_project_id = NULL WHERE default_project_id = @id",
            ])
            tx.Execute(statement, new { id });
        return tx.Execute("DELETE FROM identity_projects WHERE id = @id", new { id }) == 1;
    }
}
