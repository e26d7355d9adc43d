using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Flavors;

/// <summary>Who looks: an administrator sees all flavors, anyone else the public ones and those shared with the project.</summary>
/// <param name="SeesAll">True for an administrator.</param>
/// <param name="ProjectId">The project, or null.</param>
public readonly record struct FlavorViewer(bool SeesAll, string? ProjectId);

/// <summary>What a list is narrowed to; null does not narrow.</summary>
public sealed record FlavorFilter(FlavorViewer Viewer, bool? IsPublic, long? MinMemoryMb, long? MinRootGb, string? Name, string SortKey, bool Descending, Page Page);

/// <summary>The tables <c>flavors</c> and <c>flavor_access</c>.</summary>
public sealed class FlavorStore(Database database)
{
    private const string Columns =
        "id, number, name, memory_mb, vcpus, root_gb, ephemeral_gb, swap_mb, rxtx_factor, is_public, disabled, description, extra_specs, created_at";

    private const string Shared = "EXISTS (SELECT 1 FROM flavor_access a WHERE a.flavor_id = flavors.id AND a.project_id = @ProjectId)";

    /// <summary>Raised after the commit that changed or removed what <see cref="Find"/> answers.</summary>
    public event Action? Changed;

    /// <summary>The flavor, or null when there is none that the viewer sees.</summary>
    public Task<Flavor?> Find(FlavorViewer viewer, string id, CancellationToken ct) => database.Read(
        rows => rows.Find<Flavor>(
            $"SELECT {Columns} FROM flavors WHERE id = @id {(viewer.SeesAll ? "" : $"AND (is_public = TRUE OR {Shared})")}",
            new { id, viewer.ProjectId }),
        ct);

    /// <summary>One page; null when the marker is no flavor that the viewer sees.</summary>
    public Task<IReadOnlyList<Flavor>?> List(FlavorFilter filter, CancellationToken ct) => database.Read<IReadOnlyList<Flavor>?>(
        async rows =>
        {
            var args = new { filter.Viewer.ProjectId, filter.MinMemoryMb, filter.MinRootGb, filter.Name, filter.Page.Marker, filter.Page.Limit };
            var visible = Visible(filter);
            if (filter.Page.Marker is not null && await rows.Find<string>($"SELECT id FROM flavors WHERE id = @Marker AND {visible}", args) is null)
                return null;

            var (key, direction, after) = (SortColumn(filter.SortKey), filter.Descending ? "DESC" : "ASC", filter.Descending ? "<" : ">");
            return await rows.Query<Flavor>(
                $"""
                SELECT {Columns} FROM flavors
                WHERE {visible}
                {(filter.MinMemoryMb is null ? "" : "AND memory_mb >= @MinMemoryMb")}
                {(filter.MinRootGb is null ? "" : "AND root_gb >= @MinRootGb")}
                {(filter.Name is null ? "" : "AND name = @Name")}
                {(filter.Page.Marker is null ? "" : $"AND ({key}, id) {after} (SELECT {key}, id FROM flavors WHERE id = @Marker)")}
                ORDER BY {key} {direction}, id {direction}
                LIMIT @Limit
                """, args);
        },
        ct);

    /// <summary>The projects that may use a private flavor, in order.</summary>
    public Task<IReadOnlyList<string>> Access(string id, CancellationToken ct) => database.Read(
        rows => rows.Query<string>("SELECT project_id FROM flavor_access WHERE flavor_id = @id ORDER BY project_id", new { id }), ct);

    /// <summary>True when there is a flavor of that id.</summary>
    public bool Exists(Tx tx, string id) => tx.Find<string>("SELECT id FROM flavors WHERE id = @id", new { id }) is not null;

    /// <summary>True when there is a flavor of that name.</summary>
    public bool NameExists(Tx tx, string name) => tx.Find<string>("SELECT id FROM flavors WHERE name = @name", new { name }) is not null;

    /// <summary>Adds a flavor; false when the id or the name was taken.</summary>
    public bool TryInsert(Tx tx, Flavor flavor) => tx.Execute(
        """
        INSERT INTO flavors (id, number, name, memory_mb, vcpus, root_gb, ephemeral_gb, swap_mb, rxtx_factor, is_public, disabled, description, extra_specs, created_at)
        VALUES (@Id, @Number, @Name, @MemoryMb, @Vcpus, @RootGb, @EphemeralGb, @SwapMb, @RxtxFactor, @IsPublic, @Disabled, @Description, @ExtraSpecs, @CreatedAt)
        ON CONFLICT DO NOTHING
        """, flavor) == 1;

    /// <summary>Changes the description; false when there is no such flavor.</summary>
    public bool Describe(Tx tx, string id, string? description, long now) =>
        Changing(tx, "UPDATE flavors SET description = @description, updated_at = @now WHERE id = @id", new { id, description, now });

    /// <summary>Removes a flavor with its access list; false when there is none.</summary>
    public bool Delete(Tx tx, string id) => Changing(tx, "DELETE FROM flavors WHERE id = @id", new { id });

    /// <summary>The extra specs as they are now, locked until the unit ends; null when there is no such flavor.</summary>
    public string? Specs(Tx tx, string id) => tx.Find<string>($"SELECT extra_specs FROM flavors WHERE id = @id {tx.Dialect.ForUpdate}", new { id });

    /// <summary>Replaces the extra specs.</summary>
    public void SetSpecs(Tx tx, string id, string specs, long now) =>
        Changing(tx, "UPDATE flavors SET extra_specs = @specs, updated_at = @now WHERE id = @id", new { id, specs, now });

    /// <summary>Lets a project use a private flavor; false when it could already.</summary>
    public bool TryAddAccess(Tx tx, string id, string projectId) => tx.Execute(
        "INSERT INTO flavor_access (flavor_id, project_id) VALUES (@id, @projectId) ON CONFLICT (flavor_id, project_id) DO NOTHING", new { id, projectId }) == 1;

    /// <summary>Takes it back; false when the project could not use it.</summary>
    public bool RemoveAccess(Tx tx, string id, string projectId) =>
        Changing(tx, "DELETE FROM flavor_access WHERE flavor_id = @id AND project_id = @projectId", new { id, projectId });

    private bool Changing(Tx tx, string sql, object args)
    {
        tx.AfterCommit(() => Changed?.Invoke());
        return tx.Execute(sql, args) == 1;
    }

    // Asking for public ones includes those that are shared with the viewer's own project.
    private static string Visible(FlavorFilter filter) => filter switch
    {
        { IsPublic: null } => "TRUE",
        { IsPublic: false } => "is_public = FALSE",
        _ => $"(is_public = TRUE OR {Shared}) {(filter.Viewer.SeesAll ? "" : "AND disabled = FALSE")}",
    };

    private static string SortColumn(string key) => key switch
    {
        "name" or "memory_mb" or "vcpus" or "root_gb" or "ephemeral_gb" or "rxtx_factor" or "is_public" or "disabled" or "created_at" => key,
        "swap" => "swap_mb",
        "description" => "COALESCE(description, '')",
        "updated_at" => "COALESCE(updated_at, 0)",
        "id" => "number",
        _ => "id",
    };
}
