using Nova.Modules.Retention;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Create;

/// <summary>Idempotency keys whose time is over.</summary>
public sealed class RetainedIdempotencyKeys : IRetained
{
    /// <inheritdoc />
    public string Name => "idempotency_keys";

    /// <inheritdoc />
    public int Days(RetentionOptions options) => (int)IdempotencyKeys.KeptFor.TotalDays;

    /// <inheritdoc />
    public int RemoveSlice(Tx tx, long before) => tx.Run(
        """
        DELETE FROM idempotency_keys
        WHERE (project_id, user_id, key) IN (SELECT project_id, user_id, key FROM idempotency_keys WHERE created_at < $1 LIMIT $2)
        """,
        before, Purge.SliceRows);

    /// <inheritdoc />
    public Task<long> Count(Rows rows, long before) => rows.One("SELECT COUNT(*) FROM idempotency_keys WHERE created_at < $1", row => row.Long(0), before);
}
