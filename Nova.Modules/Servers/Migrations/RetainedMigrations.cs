using Nova.Modules.Retention;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Migrations;

/// <summary>Moves of servers that are no longer known.</summary>
public sealed class RetainedMigrations : IRetained
{
    private const string Over = "m.updated_at < $1 AND NOT EXISTS (SELECT 1 FROM servers s WHERE s.cell = 0 AND s.id = m.server_id)";

    /// <inheritdoc />
    public string Name => "migrations";

    /// <inheritdoc />
    public int Days(RetentionOptions options) => options.ServersDays;

    /// <inheritdoc />
    public int RemoveSlice(Tx tx, long before) =>
        tx.Run($"DELETE FROM migrations WHERE cell = 0 AND id IN (SELECT m.id FROM migrations m WHERE {Over} LIMIT $2)", before, Purge.SliceRows);

    /// <inheritdoc />
    public Task<long> Count(Rows rows, long before) => rows.One($"SELECT COUNT(*) FROM migrations m WHERE {Over}", row => row.Long(0), before);
}
