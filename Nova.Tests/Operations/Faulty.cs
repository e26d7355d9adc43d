using System.Globalization;
using System.Text.Json;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Operations;
using Nova.Modules.Shared.Database;

namespace Nova.Tests.Operations;

/// <summary>An operation in which the plan strikes.</summary>
internal sealed class FaultyOperation(IOperation inner, Life life, FaultPlan plan) : IOperation
{
    private readonly IReadOnlyList<StepInfo> _steps = inner.Describe();

    public string Kind => inner.Kind;

    public int Version => inner.Version;

    public IReadOnlyList<StepInfo> Describe() => _steps;

    public object ReadState(string json, JsonSerializerOptions options) => inner.ReadState(json, options);

    public string WriteState(object state, JsonSerializerOptions options) => inner.WriteState(state, options);

    public object DoLocal(int step, OperationUnit unit, object state) =>
        Local(step, Moment.BeforeStep, Moment.AfterStep, () => inner.DoLocal(step, unit, state));

    public object UndoLocal(int step, OperationUnit unit, object state) =>
        Local(step, Moment.BeforeUndo, Moment.AfterUndo, () => inner.UndoLocal(step, unit, state));

    public Task<object> DoRemote(int step, OperationRun run, object state, CancellationToken ct) =>
        Remote(step, Moment.BeforeStep, Moment.AfterStep, () => inner.DoRemote(step, run, state, ct), ct);

    public Task<object> UndoRemote(int step, OperationRun run, object state, CancellationToken ct) =>
        Remote(step, Moment.BeforeUndo, Moment.AfterUndo, () => inner.UndoRemote(step, run, state, ct), ct);

    private object Local(int step, Moment before, Moment after, Func<object> work)
    {
        life.ThrowIfDead();
        plan.ReachNow(before, Kind, _steps[step].Name);
        var state = work();
        plan.ReachNow(after, Kind, _steps[step].Name);
        return state;
    }

    private async Task<object> Remote(int step, Moment before, Moment after, Func<Task<object>> work, CancellationToken ct)
    {
        var name = _steps[step].Name;
        life.ThrowIfDead();
        await plan.Reach(before, Kind, name, ct);
        life.ThrowIfDead();
        if (plan.Twice.Contains(name))
            await work();
        var state = await work();
        await plan.Reach(after, Kind, name, ct);
        life.ThrowIfDead();
        return state;
    }
}

/// <summary>A host's link in which the plan strikes; remembers every command that reached the host.</summary>
internal sealed class FaultyLink(IHostLink agent, Life life, FaultPlan plan, Action<Guid, HostCommand> remember) : IHostLink
{
    public Guid HostId => agent.HostId;

    public async Task<HostResult> Send(HostCommand command, CancellationToken ct)
    {
        life.ThrowIfDead();
        remember(HostId, command);
        if (plan.Twice.Contains(command.Step))
            await agent.Send(command, ct);
        var result = await agent.Send(command, ct);
        await plan.Reach(Moment.AfterCommand, "", command.Step, ct);
        life.ThrowIfDead();
        return result;
    }

    public Task<string> ReadConsoleLog(Guid serverId, int? lines, CancellationToken ct) => agent.ReadConsoleLog(serverId, lines, ct);

    public Task<ConsolePlace> FindConsole(Guid serverId, ConsoleKind kind, CancellationToken ct) => agent.FindConsole(serverId, kind, ct);

    public Task<IConsoleStream> OpenConsole(ConsoleRequest request, CancellationToken ct) => agent.OpenConsole(request, ct);
}

/// <summary>The database as one life of the process sees it: what it writes after its death is refused.</summary>
internal sealed class MortalDatabase(Database inner, Life life) : Database
{
    public override SqlDialect Dialect => inner.Dialect;

    public override async Task<T> Read<T>(Func<Rows, Task<T>> work, CancellationToken ct)
    {
        life.ThrowIfDead();
        var result = await inner.Read(work, ct);
        life.ThrowIfDead();
        return result;
    }

    public override async Task<T> Write<T>(Func<Tx, T> work, CancellationToken ct)
    {
        var result = await inner.Write(
            tx =>
            {
                life.ThrowIfDead();
                return work(tx);
            }, ct);
        life.ThrowIfDead();
        return result;
    }

    // The test ends the database; it outlives every life.
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>The database as the runner sees it: the plan strikes before and after each of its units.</summary>
internal sealed class FaultyDatabase(Database inner, FaultPlan plan) : Database
{
    public override SqlDialect Dialect => inner.Dialect;

    public override Task<T> Read<T>(Func<Rows, Task<T>> work, CancellationToken ct) => inner.Read(work, ct);

    public override async Task<T> Write<T>(Func<Tx, T> work, CancellationToken ct)
    {
        var number = plan.NextSave();
        var name = number.ToString(CultureInfo.InvariantCulture);
        await plan.Reach(Moment.BeforeSave, "", name, ct);
        if (plan.RunAgain.Contains(number))
            await RollBack(work, ct);
        if (plan.Torn.Remove(number))
        {
            await RollBack(work, ct);
            throw new UnknownOutcomeException(new IOException("The commit was torn."));
        }

        var result = await inner.Write(work, ct);
        await plan.Reach(Moment.AfterSave, "", name, ct);
        return result;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // A batch of which another member failed is run again one by one.
    private async Task RollBack<T>(Func<Tx, T> work, CancellationToken ct)
    {
        try
        {
            await inner.Write(
                tx =>
                {
                    work(tx);
                    throw new RolledBackException();
                }, ct);
        }
        catch (RolledBackException)
        {
            // As meant.
        }
    }

    private sealed class RolledBackException : Exception;
}
