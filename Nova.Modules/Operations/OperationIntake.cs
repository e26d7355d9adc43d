using Microsoft.Extensions.Logging;
using Nova.Modules.Shared;

namespace Nova.Modules.Operations;

/// <summary>
/// Takes up operations that others inserted for this conductor: when it is nudged, and by a look each second for nudges that
/// were lost. The rows decide; a nudge is only a hint.
/// </summary>
public sealed class OperationIntake(OperationStore store, OperationRunner runner, TimeProvider time, ILogger<OperationIntake> logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private HashSet<Guid> _found = [];

    /// <summary>Starts those of the operations that are this conductor's and not driven yet.</summary>
    public async Task Start(IReadOnlyList<Guid> ids, CancellationToken ct)
    {
        foreach (var row in await store.FindMany([.. ids.Where(id => !runner.IsDriven(id))], ct))
            if (row.Owner == runner.Owner && row is { FinishedAt: null, WaitsFor: null, Status: not OperationStatus.Stuck })
                runner.Start(row);
    }

    /// <summary>Turns those round that are driven here; one that was stuck is driven again.</summary>
    public Task TurnRound(IReadOnlyList<Guid> ids, CancellationToken ct) => Start([.. ids.Where(id => !runner.Cancel(id))], ct);

    /// <summary>Looks each second until cancelled.</summary>
    public async Task Watch(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            try
            {
                await Look(ct);
            }
            catch (Fault fault) when (fault.IsTransient)
            {
                logger.CouldNotLook(fault.Message);
            }
        }
    }

    private async Task Look(CancellationToken ct)
    {
        var own = await store.Owned(runner.Owner, ct);
        await TurnRound([.. own.Where(o => o.Cancel && runner.IsDriven(o.Id)).Select(o => o.Id)], ct);

        // Once only: what cannot be driven (a kind of a newer release) has said so in the log.
        var missed = own.Where(o => !runner.IsDriven(o.Id)).Select(o => o.Id).ToHashSet();
        await Start([.. missed.Where(id => !_found.Contains(id))], ct);
        _found = missed;
    }
}

internal static partial class OperationIntakeLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Operations that were inserted for this conductor could not be looked for: {Reason}")]
    public static partial void CouldNotLook(this ILogger logger, string reason);
}
