using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Migrations;

/// <summary>What a list of moves is narrowed to; null does not narrow.</summary>
public sealed record MigrationFilter
{
    /// <summary>Source or destination.</summary>
    public string? Host { get; init; }

    /// <summary>Source.</summary>
    public string? SourceHost { get; init; }

    /// <summary>The server.</summary>
    public Guid? ServerId { get; init; }

    /// <summary>How it stands.</summary>
    public string? Status { get; init; }

    /// <summary>Its kind.</summary>
    public string? Kind { get; init; }

    /// <summary>Who asked.</summary>
    public string? UserId { get; init; }

    /// <summary>The server's project.</summary>
    public string? ProjectId { get; init; }

    /// <summary>Changed at this time or later.</summary>
    public long? Since { get; init; }

    /// <summary>Changed at this time or earlier.</summary>
    public long? Before { get; init; }
}

/// <summary>The table <c>migrations</c>.</summary>
public sealed class MigrationStore(Database database)
{
    private const string Columns =
        """
        id, number, server_id, operation_id, project_id, user_id, kind, status, source_host, source_node, dest_host, dest_node, dest_address,
        old_flavor_number, new_flavor_number, progress AS progress_json, created_at, updated_at
        """;

    /// <summary>A page, the newest first; null when the marker is none.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="marker">The id of the last one of the page before, or null.</param>
    /// <param name="limit">The most, or null for all.</param>
    /// <param name="ct">Cancels.</param>
    public Task<IReadOnlyList<Migration>?> List(MigrationFilter filter, Guid? marker, int? limit, CancellationToken ct) => database.Read<IReadOnlyList<Migration>?>(
        async rows =>
        {
            var before = marker is null ? null : await rows.Find<long?>("SELECT number FROM migrations WHERE cell = 0 AND id = @marker", new { marker });
            if (marker is not null && before is null)
                return null;

            var args = new
            {
                filter.Host, filter.SourceHost, filter.ServerId, filter.Status, filter.Kind, filter.UserId, filter.ProjectId, filter.Since, filter.Before,
                before, limit = limit ?? int.MaxValue,
            };
            return await rows.Query<Migration>(
                $"""
                SELECT {Columns} FROM migrations
                WHERE cell = 0
                {(filter.Host is null ? "" : "AND (source_host = @Host OR dest_host = @Host)")}
                {(filter.SourceHost is null ? "" : "AND source_host = @SourceHost")}
                {(filter.ServerId is null ? "" : "AND server_id = @ServerId")}
                {(filter.Status is null ? "" : "AND status = @Status")}
                {(filter.Kind is null ? "" : "AND kind = @Kind")}
                {(filter.UserId is null ? "" : "AND user_id = @UserId")}
                {(filter.ProjectId is null ? "" : "AND project_id = @ProjectId")}
                {(filter.Since is null ? "" : "AND updated_at >= @Since")}
                {(filter.Before is null ? "" : "AND updated_at <= @Before")}
                {(before is null ? "" : "AND number < @before")}
                ORDER BY number DESC
                LIMIT @limit
                """,
                args);
        },
        ct);

    /// <summary>A move of a server by its number, or null.</summary>
    public Task<Migration?> Find(Guid serverId, long number, CancellationToken ct) => database.Read(
        rows => rows.Find<Migration>($"SELECT {Columns} FROM migrations WHERE server_id = @serverId AND number = @number", new { serverId, number }), ct);

    /// <summary>Writes down a move; gives it its number.</summary>
    public void Insert(Tx tx, Migration migration)
    {
        migration.Number = Numbers.Take(tx, "migration");
        tx.Execute(
            """
            INSERT INTO migrations (cell, id, number, server_id, operation_id, project_id, user_id, kind, status, source_host, source_node, dest_host,
                dest_node, dest_address, old_flavor_number, new_flavor_number, progress, created_at, updated_at)
            VALUES (0, @Id, @Number, @ServerId, @OperationId, @ProjectId, @UserId, @Kind, @Status, @SourceHost, @SourceNode, @DestHost,
                @DestNode, @DestAddress, @OldFlavorNumber, @NewFlavorNumber, @ProgressJson, @CreatedAt, @CreatedAt)
            """,
            migration);
    }

    /// <summary>The move stands otherwise now; false when it is gone.</summary>
    public bool SetStatus(Tx tx, Guid id, string status, long now) =>
        tx.Execute("UPDATE migrations SET status = @status, updated_at = @now WHERE cell = 0 AND id = @id", new { id, status, now }) == 1;
}
