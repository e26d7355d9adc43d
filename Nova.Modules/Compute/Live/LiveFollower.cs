using Microsoft.Extensions.Logging;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Compute.Live;

/// <summary>Hears of changes that running guests must be told of, whichever process committed them.</summary>
public sealed class LiveFollower(Database database, LiveChanges changes, TimeProvider time, ILogger<LiveFollower> logger)
    : OutboxFollower(database, time, logger)
{
    /// <inheritdoc />
    protected override void Take(EventRow row) => changes.Take(row);
}
