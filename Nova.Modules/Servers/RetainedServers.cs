using Nova.Modules.Retention;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers;

/// <summary>Deleted servers, after their operations: a server whose operations are kept longer would otherwise leave actions that belong to nobody.</summary>
public sealed class RetainedServers : IRetained
{
    /// <inheritdoc />
    public string Name => "servers";

    /// <inheritdoc />
    public int Days(RetentionOptions options) => options.ServersDays;

    /// <inheritdoc />
    public int RemoveSlice(Tx tx, long before)
    {
        var operations = tx.Run(
            """
            DELETE FROM operations
            WHERE cell = 0 AND id IN (
                SELECT o.id FROM servers s JOIN operations o ON o.server_id = s.id
                WHERE s.deleted_at < $1 AND o.finished_at IS NOT NULL
                LIMIT $2)
            """,
            before, Purge.SliceRows);
        var removed = operations + tx.Run(
            """
            DELETE FROM server_passwords
            WHERE cell = 0 AND server_id IN (
                SELECT p.server_id FROM server_passwords p JOIN servers s ON s.cell = 0 AND s.id = p.server_id
                WHERE s.deleted_at < $1
                LIMIT $2)
            """,
            before, Purge.SliceRows - operations);
        return removed + tx.Run(
            """
            DELETE FROM servers
            WHERE cell = 0 AND id IN (
                SELECT s.id FROM servers s
                WHERE s.deleted_at < $1 AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.server_id = s.id)
                    AND NOT EXISTS (SELECT 1 FROM server_passwords p WHERE p.cell = 0 AND p.server_id = s.id)
                ORDER BY s.deleted_at
                LIMIT $2)
            """,
            before, Purge.SliceRows - removed);
    }

    /// <inheritdoc />
    public Task<long> Count(Rows rows, long before) => rows.One("SELECT COUNT(*) FROM servers WHERE deleted_at < $1", row => row.Long(0), before);
}
