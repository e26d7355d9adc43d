using System.Text.Json;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Operations;

/// <summary>What an operator does with an operation that cannot go on by itself. A conductor that lives becomes its owner.</summary>
public sealed class OperationRescue(Database database, OperationStore operations, OperationRows rows, IOperationStarter starter)
{
    /// <summary>Tries its step again, in the direction in which it went.</summary>
    /// <exception cref="Fault">404, or 409 when it is not stuck.</exception>
    public Task<OperationRow> Resume(Guid id, CancellationToken ct) => Free(id, (row, progress) => progress.StuckFrom ?? OperationStatus.Running, ct);

    /// <summary>Undoes what it did, all the way.</summary>
    /// <exception cref="Fault">404, or 409 when it is not stuck, or is past the step from which there is no return.</exception>
    public Task<OperationRow> Unwind(Guid id, CancellationToken ct) => Free(id, (row, progress) =>
    {
        if (progress.StuckFrom == OperationStatus.Running && rows.IsPastReturn(row))
            throw Fault.Conflict($"Operation {id} can only be finished: it is past the step from which there is no return. Resume it.");

        progress.UnwindTo = null;
        return OperationStatus.Unwinding;
    }, ct);

    private async Task<OperationRow> Free(Guid id, Func<OperationRow, OperationProgress, OperationStatus> direction, CancellationToken ct)
    {
        var stuck = await operations.Find(id, ct) ?? throw Fault.NotFound($"Operation {id} could not be found.");
        if (stuck.Status != OperationStatus.Stuck)
            throw NotStuck(id);

        var progress = JsonSerializer.Deserialize<OperationProgress>(stuck.Steps, StateJson.Options)!;
        var status = direction(stuck, progress);
        progress.StuckFrom = null;
        var steps = JsonSerializer.Serialize(progress, StateJson.Options);
        var owner = starter.ChooseOwner();
        var freed = await database.Write(tx => operations.Free(tx, stuck, status, steps, owner), ct) ?? throw NotStuck(id);
        starter.Start(freed);
        return freed;
    }

    private static Fault NotStuck(Guid id) => Fault.Conflict($"Operation {id} is not stuck.");
}
