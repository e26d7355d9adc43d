using Nova.Modules.Retention;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Operations;

/// <summary>Finished operations. They are found by their ids, which are in the order of time, so that no index has to be kept for it.</summary>
public sealed class RetainedOperations : IRetained
{
    /// <inheritdoc />
    public string Name => "operations";

    /// <inheritdoc />
    public int Days(RetentionOptions options) => options.OperationsDays;

    /// <inheritdoc />
    public int RemoveSlice(Tx tx, long before) => tx.Run(
        """
        DELETE FROM operations
        WHERE cell = 0 AND id IN (SELECT id FROM operations WHERE cell = 0 AND id < $1 AND finished_at < $2 ORDER BY id LIMIT $3)
        """,
        Ids.FirstAt(before), before, Purge.SliceRows);

    /// <inheritdoc />
    public Task<long> Count(Rows rows, long before) =>
        rows.One("SELECT COUNT(*) FROM operations WHERE cell = 0 AND id < $1 AND finished_at < $2", row => row.Long(0), Ids.FirstAt(before), before);
}
