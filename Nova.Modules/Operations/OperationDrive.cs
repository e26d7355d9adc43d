using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Operations;

/// <summary>One operation on its way: does, undoes, saves, waits, gives up. See docs/adding-an-operation.md.</summary>
internal sealed class OperationDrive : IDisposable
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastBackOff = TimeSpan.FromSeconds(60);

    /// <summary>A step that still fails for a passing reason after this time is stuck.</summary>
    private const long PatienceMs = 3_600_000;

    private readonly OperationServices _services;
    private readonly IOperation _operation;
    private readonly IReadOnlyList<StepInfo> _steps;
    private readonly OperationProgress _progress;
    private readonly OperationRun _run;
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _turnRound;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OperationRow _row;
    private object _state;
    private int _at;

    public OperationDrive(OperationServices services, IOperation operation, OperationRow row, object? attachment, CancellationToken stopping)
    {
        (_services, _operation, _row, _stopping) = (services, operation, row with { Origin = null }, stopping);
        _steps = operation.Describe();
        _state = row.Origin?.State ?? operation.ReadState(row.State, services.Json);
        _progress = row.Steps == "{}" || row.Origin is not null ? new() : JsonSerializer.Deserialize<OperationProgress>(row.Steps, StateJson.Options)!;
        _at = row.Step is null ? _steps.Count : IndexOf(row.Step);
        _turnRound = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _run = new(_row, row.Origin?.Caller ?? JsonSerializer.Deserialize<CallerRecord>(row.Caller, StateJson.Options)!, attachment)
        {
            Failure = row.Fault is null ? null : FaultJson.Read(row.Fault),
            Kept = row.Origin?.Kept ?? _progress.Kept,
        };
    }

    public Guid Id => _row.Id;

    public Task Ended => _ended.Task;

    private bool IsPastReturn => _steps.Take(_at).Any(s => s.PointOfNoReturn);

    public void Begin() => _ = Task.Run(Drive, CancellationToken.None);

    public void Cancel()
    {
        _run.IsCancelled = true;
        if (IsPastReturn)
            return;

        try
        {
            _turnRound.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended just now.
        }
    }

    public void Dispose() => _turnRound.Dispose();

    private async Task Drive()
    {
        using var about = LogScope.Enter(new() { RequestId = _row.RequestId, ProjectId = _row.ProjectId, ServerId = _row.ServerId, OperationId = _row.Id });
        try
        {
            HeedCancel();
            while (_row.Status is OperationStatus.Running or OperationStatus.Unwinding)
                await (_row.Status == OperationStatus.Running ? Forward() : Backward());
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The process ends; the row says where the next incarnation goes on.
        }
        catch (FencedException)
        {
            _services.Logger.Fenced(Id, _row.Kind);
        }
#pragma warning disable CA1031 // A bug in the runner must be seen and must not take other operations down.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _services.Logger.DriveFailed(e, Id, _row.Kind, _row.Step);
        }
        finally
        {
            _services.Runner.Forget(this);
            _ended.SetResult();
            Dispose();
        }
    }

    private async Task Forward()
    {
        try
        {
            if (_at < _steps.Count && !_steps[_at].IsLocal)
                await DoRemote();
            await Commit(DoLocals);
        }
        catch (Exception e) when (IsStepFailure(e))
        {
            await FailedForward(e);
        }
    }

    private async Task Backward()
    {
        try
        {
            if (_at >= UnwindStop && _at < _steps.Count && !_steps[_at].IsLocal)
            {
                _state = await _operation.UndoRemote(_at, _run, _state, _stopping);
                _at--;
            }

            await Commit(UndoLocals);
        }
        catch (Exception e) when (IsStepFailure(e))
        {
            await FailedBackward(e);
        }
    }

    private async Task DoRemote()
    {
        var shown = BeginEvent(_steps[_at].Event);
        try
        {
            _state = await _operation.DoRemote(_at, _run, _state, IsPastReturn ? _stopping : _turnRound.Token);
            EndEvent(shown, null);
        }
        catch (Exception e) when (IsStepFailure(e))
        {
            EndEvent(shown, e);
            throw;
        }

        _at++;
        _run.Failure = null;
        ForgetFailures();
    }

    // Local steps in a row and the progress are one unit of work, which may run again.
    private Position DoLocals(OperationUnit unit)
    {
        var (at, state) = (_at, _state);
        for (; at < _steps.Count && _steps[at].IsLocal; at++)
            state = _operation.DoLocal(at, unit, state);

        return new(at, state, at == _steps.Count ? OperationStatus.Done : OperationStatus.Running);
    }

    private Position UndoLocals(OperationUnit unit)
    {
        var (at, state, stop) = (Math.Min(_at, _steps.Count - 1), _state, UnwindStop);
        for (; at >= stop && _steps[at].IsLocal; at--)
            state = _operation.UndoLocal(at, unit, state);

        if (at >= stop)
            return new(at, state, OperationStatus.Unwinding);

        return _progress.UnwindTo is null ? new(0, state, OperationStatus.Failed) : new(stop, state, OperationStatus.Running);
    }

    private int UnwindStop => _progress.UnwindTo is { } step ? IndexOf(step) : 0;

    // The commit may fail without saying whether it is durable: then the row tells.
    private async Task Commit(Func<OperationUnit, Position> locals)
    {
        Saved? tried = null;
        while (true)
        {
            try
            {
                Apply(await _services.Database.Write(tx => tried = Save(tx, locals), _stopping));
                return;
            }
            catch (UnknownOutcomeException)
            {
                if (tried is not null && await FindDurable(tried) is { } durable)
                {
                    Apply(durable);
                    return;
                }
            }
        }
    }

    private Saved Save(Tx tx, Func<OperationUnit, Position> locals)
    {
        var now = _services.Now;
        var unit = new OperationUnit(tx, _run, now);
        var position = locals(unit);
        var finished = position.Status is OperationStatus.Done or OperationStatus.Failed;
        var unwindTo = position.Status is OperationStatus.Unwinding or OperationStatus.Stuck ? _progress.UnwindTo : null;
        var row = _row with
        {
            Status = position.Status,
            Step = finished ? null : _steps[position.At].Name,
            State = finished ? "{}" : _operation.WriteState(position.State, _services.Json),
            Steps = StepsJson(unwindTo),
            Fault = _run.Failure is { } fault && position.Status != OperationStatus.Done ? FaultJson.Write(fault) : null,
            WrittenBy = Release.Version,
            UpdatedAt = now,
            FinishedAt = finished ? now : null,
            Attempts = position.InPlace ? _row.Attempts : 0,
            NotBefore = position.InPlace ? _row.NotBefore : null,
            FirstFailedAt = position.InPlace ? _row.FirstFailedAt : null,
        };
        var cancel = _services.Store.Save(tx, row, unit.Epoch) ?? throw new FencedException(Id);
        var successor = finished && cancel ? ReleaseSuccessor(tx, unit.Epoch + 1) : null;
        return new(row with { Epoch = unit.Epoch, Cancel = cancel }, position, unwindTo, successor);
    }

    private OperationRow? ReleaseSuccessor(Tx tx, long epoch)
    {
        var successor = _services.Store.ReleaseSuccessor(tx, Id, _services.Runner.Owner, epoch);
        if (successor is not null)
            tx.Execute("UPDATE servers SET epoch = @epoch WHERE cell = 0 AND id = @ServerId", new { epoch, successor.ServerId });
        return successor;
    }

    private void Apply(Saved saved)
    {
        (_row, _at, _state) = (saved.Row, saved.Position.At, saved.Position.State);
        _progress.UnwindTo = saved.UnwindTo;
        _run.Epoch = _row.Epoch;
        _run.FailingSince = _row.FirstFailedAt;
        _run.IsCancelled |= _row.Cancel;
        if (_row.FinishedAt is not null)
            _services.Logger.Ended(Id, _row.Kind, _row.Status, _run.Failure?.Message);
        if (saved.Successor is { } successor)
            _services.Runner.Start(successor);
        HeedCancel();
    }

    private void HeedCancel()
    {
        if (_run.IsCancelled && _row.Status == OperationStatus.Running && !IsPastReturn)
            Unwind(null);
        else if (_run.IsCancelled && _row.Status == OperationStatus.Unwinding)
            _progress.UnwindTo = null;
    }

    // Equal to what was to be saved: then it was saved, or there was nothing to save.
    private async Task<Saved?> FindDurable(Saved tried)
    {
        var found = await Look();
        if (found is null || found.Owner != _services.Runner.Owner || (found.Epoch != _row.Epoch && found.Epoch != tried.Row.Epoch))
            throw new FencedException(Id);

        var isDurable = (found.Status, found.Step, found.State, found.Steps, found.Attempts, found.FinishedAt, found.Epoch)
            == (tried.Row.Status, tried.Row.Step, tried.Row.State, tried.Row.Steps, tried.Row.Attempts, tried.Row.FinishedAt, tried.Row.Epoch);
        return isDurable ? tried with { Row = tried.Row with { Cancel = found.Cancel } } : null;
    }

    // As long as nobody can say what became of the commit, neither doing on nor turning round is right.
    private async Task<OperationRow?> Look()
    {
        while (true)
        {
            try
            {
                return await _services.Store.Find(Id, _stopping);
            }
#pragma warning disable CA1031 // Whatever keeps the database from answering, it is asked again.
            catch (Exception e) when (IsStepFailure(e))
#pragma warning restore CA1031
            {
                _services.Logger.CannotSave(e, Id, _row.Kind);
                await Task.Delay(FirstBackOff, _services.Time, _stopping);
            }
        }
    }

    private async Task FailedForward(Exception exception)
    {
        if (_run.IsCancelled && !IsPastReturn)
        {
            Unwind(null);
            return;
        }

        var fault = FaultJson.From(exception);
        if (exception is RetryFromException retry && !IsPastReturn)
        {
            _state = retry.State;
            _run.Failure = fault;
            _services.Logger.TriesAgain(Id, _row.Kind, retry.Step, fault.Message);
            await TurnRound(retry.Step);
        }
        else if (IsPastReturn || fault.IsTransient)
        {
            await WaitOrStick(fault);
        }
        else
        {
            if (exception is not Fault)
                _services.Logger.StepFailed(exception, Id, _row.Kind, _steps[Math.Min(_at, _steps.Count - 1)].Name);
            _run.Failure = fault;
            await TurnRound(null);
        }
    }

    private async Task FailedBackward(Exception exception)
    {
        _services.Logger.UndoFailed(exception, Id, _row.Kind, _steps[Math.Clamp(_at, 0, _steps.Count - 1)].Name);
        await WaitOrStick(FaultJson.From(exception), permanentSticks: true);
    }

    // Durable before the first undo: whoever goes on after a crash undoes the rest, and does not try again what failed.
    private async Task TurnRound(string? to)
    {
        Unwind(to);
        await SaveInPlace(OperationStatus.Unwinding);
    }

    // A cancel is in the row already.
    private void Unwind(string? to)
    {
        _progress.UnwindTo = to;
        _row = _row with { Status = OperationStatus.Unwinding };
        ForgetFailures();
    }

    private void ForgetFailures()
    {
        _row = _row with { Attempts = 0, NotBefore = null, FirstFailedAt = null };
        _run.FailingSince = null;
    }

    private async Task WaitOrStick(Fault fault, bool permanentSticks = false)
    {
        var now = _services.Now;
        var attempts = _row.Attempts + 1;
        var first = _row.FirstFailedAt ?? now;
        var wait = TimeSpan.FromTicks(Math.Min(LastBackOff.Ticks, FirstBackOff.Ticks << Math.Min(attempts - 1, 10)));
        _row = _row with { Attempts = attempts, FirstFailedAt = first, NotBefore = now + (long)wait.TotalMilliseconds };
        _run.Failure ??= fault;
        if ((permanentSticks && !fault.IsTransient) || now - first >= PatienceMs)
        {
            _progress.StuckFrom = _row.Status;
            await SaveInPlace(OperationStatus.Stuck);
            _services.Logger.Stuck(Id, _row.Kind, _row.Step, fault.Message);
            return;
        }

        var status = _row.Status;
        await SaveInPlace(status);
        if (_row.Status == status)
            await WaitFor(wait);
    }

    // A cancel ends the wait of a step that goes forward; the next round turns round.
    private async Task WaitFor(TimeSpan wait)
    {
        var token = _row.Status == OperationStatus.Running && !IsPastReturn ? _turnRound.Token : _stopping;
        try
        {
            await Task.Delay(wait, _services.Time, token);
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            Unwind(null);
        }
    }

    // A failure that cannot be written down would be forgotten, and the operation with it: it waits for the database.
    private async Task SaveInPlace(OperationStatus status)
    {
        while (true)
        {
            try
            {
                await Commit(_ => new(Math.Clamp(_at, 0, _steps.Count - 1), _state, status, InPlace: true));
                return;
            }
            catch (Fault fault) when (fault.IsTransient)
            {
                _services.Logger.CannotSave(fault, Id, _row.Kind);
                await Task.Delay(FirstBackOff, _services.Time, _stopping);
            }
        }
    }

    private StepEvent? BeginEvent(string? name)
    {
        if (name is null)
            return null;

        var shown = new StepEvent { Name = name, StartedAt = _services.Now };
        _progress.Events.Add(shown);
        return shown;
    }

    private void EndEvent(StepEvent? shown, Exception? failure)
    {
        if (shown is null)
            return;

        shown.FinishedAt = _services.Now;
        shown.Result = failure is null ? "Success" : "Error";
        (shown.Details, shown.Full) = failure is null ? (null, null) : FaultJson.From(failure) is var fault ? (fault.Message, fault.Details) : default;
    }

    private string StepsJson(string? unwindTo) =>
        unwindTo is null && _progress.StuckFrom is null && _progress.Events.Count == 0 && _run.Kept is null
            ? "{}"
            : JsonSerializer.Serialize(new OperationProgress { UnwindTo = unwindTo, StuckFrom = _progress.StuckFrom, Events = _progress.Events, Kept = _run.Kept }, StateJson.Options);

    private int IndexOf(string step)
    {
        for (var i = 0; i < _steps.Count; i++)
            if (_steps[i].Name == step)
                return i;

        throw new InvalidOperationException($"Operation kind {_row.Kind} version {_row.KindVersion} has no step '{step}'.");
    }

    private bool IsStepFailure(Exception exception) =>
        exception is not FencedException && !(exception is OperationCanceledException && _stopping.IsCancellationRequested);

    private sealed record Position(int At, object State, OperationStatus Status, bool InPlace = false);

    private sealed record Saved(OperationRow Row, Position Position, string? UnwindTo, OperationRow? Successor);
}

internal static partial class OperationDriveLog
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Operation {Id} ({Kind}) ended {Status}: {Failure}")]
    public static partial void Ended(this ILogger logger, Guid id, string kind, OperationStatus status, string? failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Id} ({Kind}) tries again from {Step}: {Reason}")]
    public static partial void TriesAgain(this ILogger logger, Guid id, string kind, string step, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Operation {Id} ({Kind}) failed unexpectedly at {Step} and is undone")]
    public static partial void StepFailed(this ILogger logger, Exception exception, Guid id, string kind, string step);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Operation {Id} ({Kind}) could not undo {Step}")]
    public static partial void UndoFailed(this ILogger logger, Exception exception, Guid id, string kind, string step);

    [LoggerMessage(Level = LogLevel.Error, Message = "Operation {Id} ({Kind}) is stuck at {Step}: {Reason}. See nova-host operations show")]
    public static partial void Stuck(this ILogger logger, Guid id, string kind, string? step, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Operation {Id} ({Kind}) waits for the database")]
    public static partial void CannotSave(this ILogger logger, Exception exception, Guid id, string kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Id} ({Kind}) belongs to another conductor now")]
    public static partial void Fenced(this ILogger logger, Guid id, string kind);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The runner failed on operation {Id} ({Kind}) at {Step}; it goes on after a restart")]
    public static partial void DriveFailed(this ILogger logger, Exception exception, Guid id, string kind, string? step);
}
