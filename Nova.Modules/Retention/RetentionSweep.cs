using Microsoft.Extensions.Logging;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Retention;

/// <summary>How many rows of a kind were removed, or would be.</summary>
public readonly record struct RemovedRows(string Kind, long Rows);

/// <summary>Removes what is over for longer than it has to be kept, in slices between other work.</summary>
public sealed class RetentionSweep(IEnumerable<IRetained> kinds, Database database, RetentionOptions options, TimeProvider time, ILogger<RetentionSweep> logger)
{
    /// <summary>The youngest rows that may be removed by hand: whoever follows events reads each second, and must have had a chance.</summary>
    public static readonly TimeSpan Youngest = TimeSpan.FromHours(1);

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    private readonly IRetained[] _kinds = [.. kinds];

    /// <summary>Sweeps now and then, as long as this process is the one that shall.</summary>
    /// <param name="isLeader">Asked before each sweep. That two do it for a moment does no harm.</param>
    /// <param name="ct">Ends it.</param>
    public async Task Watch(Func<bool> isLeader, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(ct))
            if (isLeader())
                await TrySweep(ct);
    }

    /// <summary>Removes what the settings no longer keep.</summary>
    public async Task<IReadOnlyList<RemovedRows>> Sweep(CancellationToken ct)
    {
        var removed = new List<RemovedRows>();
        foreach (var kind in _kinds)
            if (kind.Days(options) is > 0 and var days)
                removed.Add(await Remove(kind, Now.AddDays(-days), ct));
        foreach (var (kind, rows) in removed.Where(kind => kind.Rows > 0))
            logger.Removed(rows, kind);
        return removed;
    }

    /// <summary>Removes what ended before a time, whatever the settings say; with <paramref name="dryRun"/> only counts it.</summary>
    /// <exception cref="Fault">400: the time is less than an hour ago.</exception>
    public async Task<IReadOnlyList<RemovedRows>> Remove(DateTimeOffset before, bool dryRun, CancellationToken ct)
    {
        if (before > Now - Youngest)
            throw Fault.BadRequest($"What is removed must have ended at least an hour ago: before {WireTime.Seconds((Now - Youngest).ToUnixTimeMilliseconds())}.");

        var removed = new List<RemovedRows>();
        foreach (var kind in _kinds)
            removed.Add(dryRun ? await Count(kind, before, ct) : await Remove(kind, before, ct));
        return removed;
    }

    private async Task<RemovedRows> Count(IRetained kind, DateTimeOffset before, CancellationToken ct) =>
        new(kind.Name, await database.Read(rows => kind.Count(rows, before.ToUnixTimeMilliseconds()), ct));

    private async Task<RemovedRows> Remove(IRetained kind, DateTimeOffset before, CancellationToken ct) =>
        new(kind.Name, await database.InSlices(tx => kind.RemoveSlice(tx, before.ToUnixTimeMilliseconds()), ct));

    private async Task TrySweep(CancellationToken ct)
    {
        try
        {
            await Sweep(ct);
        }
        catch (Fault fault) when (fault.IsTransient)
        {
            logger.NotNow(fault.Message);
        }
    }

    private DateTimeOffset Now => time.GetUtcNow();
}

internal static partial class RetentionSweepLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Rows} rows that are no longer kept: {Kind}")]
    public static partial void Removed(this ILogger logger, long rows, string kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is no longer kept could not be removed yet: {Reason}")]
    public static partial void NotNow(this ILogger logger, string reason);
}
