using Nova.Modules.Shared.Database;

namespace Nova.Modules.Retention;

/// <summary>The outbox.</summary>
public sealed class RetainedEvents : IRetained
{
    /// <inheritdoc />
    public string Name => "events";

    /// <inheritdoc />
    public int Days(RetentionOptions options) => options.EventsDays;

    /// <inheritdoc />
    public int RemoveSlice(Tx tx, long before) => Outbox.RemoveBefore(tx, before);

    /// <inheritdoc />
    public Task<long> Count(Rows rows, long before) => rows.One("SELECT COUNT(*) FROM events WHERE created_at < $1", row => row.Long(0), before);
}
