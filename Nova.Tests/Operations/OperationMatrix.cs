using System.Globalization;
using Nova.Drivers.Hypervisor.Fake;
using Nova.Modules.Operations;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using static Nova.Tests.Operations.Moment;

namespace Nova.Tests.Operations;

/// <summary>One thing that goes wrong in one step of one operation, and the state in which the server must end.</summary>
internal sealed record Cell(string Name, Action<FakeCloud> Arrange, string Expected, bool Strikes = true);

/// <summary>Everything that can go wrong at every step of an operation, made from its list of steps.</summary>
internal static class OperationMatrix
{
    /// <summary>All cells of an operation.</summary>
    public static IReadOnlyList<Cell> For(Subject subject) =>
    [
        .. subject.Forward.SelectMany(step => OfStep(subject, step)),
        .. subject.Forward.Where(s => !s.IsLocal).SelectMany(step => OfRemoteStep(subject, step)),
        .. subject.Forward.Where(Subject.Commands).SelectMany(step => OfCommand(subject, step)),
        .. subject.Forward.Where(s => !subject.IsPastReturn(s)).SelectMany(step => OfUndo(subject, step)),
        .. subject.Forward.Select(subject.SaveOf).Distinct().SelectMany(save => OfSave(subject, save)),
    ];

    // A unit that failed after it changed something may be run again alone, so a local step fails late twice for one failure.
    private static IEnumerable<Cell> OfStep(Subject subject, StepInfo step)
    {
        var turned = subject.IsPastReturn(step) ? subject.Done : subject.Undone;
        var late = subject.IsPastReturn(step) ? subject.Done : step.PointOfNoReturn && Subject.Commands(step) ? subject.Late : subject.Undone;
        yield return new($"{step.Name}: fails for good", c => c.Plan.On(BeforeStep, step.Name, () => throw Permanent()), turned);
        yield return new($"{step.Name}: fails by a bug", c => c.Plan.On(BeforeStep, step.Name, () => throw new InvalidOperationException("a bug")), turned);
        yield return new($"{step.Name}: fails late", c => c.Plan.On(AfterStep, step.Name, () => throw Permanent(), step.IsLocal ? 2 : 1), late);
        yield return new($"{step.Name}: fails twice in passing", c => c.Plan.On(BeforeStep, step.Name, () => throw Passing(), 2), subject.Done);
        yield return new($"{step.Name}: fails late in passing", c => c.Plan.On(AfterStep, step.Name, () => throw Passing(), 2), subject.Done);
        yield return new($"{step.Name}: dies before", c => c.Plan.On(BeforeStep, step.Name, () => throw c.Now.Life.Die()), subject.Done);
        yield return new($"{step.Name}: dies after", c => c.Plan.On(AfterStep, step.Name, () => throw c.Now.Life.Die()), subject.Done);
        yield return new($"{step.Name}: runs twice", c => RunTwice(c, subject, step), subject.Done, Strikes: false);
        yield return new($"{step.Name}: a delete arrives", c => Before(c, subject, step, _ => c.DeleteTheOne()), VmStates.Deleted);
        yield return new($"{step.Name}: a delete arrives, and the process dies", c => Before(c, subject, step, _ => c.DeleteTheOneAndDie()), VmStates.Deleted);
        yield return new($"{step.Name}: the host dies", c => Before(c, subject, step, _ => c.LoseTheHost()), subject.Done);
    }

    private static IEnumerable<Cell> OfRemoteStep(Subject subject, StepInfo step)
    {
        yield return new($"{step.Name}: a delete arrives at its end", c => c.Plan.On(AfterStep, step.Name, _ => c.DeleteTheOne()), VmStates.Deleted);
        yield return new($"{step.Name}: the host dies at its end", c => c.Plan.On(AfterStep, step.Name, _ => c.LoseTheHost()), subject.Done);
    }

    private static IEnumerable<Cell> OfCommand(Subject subject, StepInfo step)
    {
        var (call, refusedOnce) = (DriverCall(subject, step), step.Name == "spawn" ? subject.Done : subject.Undone);
        yield return new($"{step.Name}: dies before the host's answer", c => c.Plan.On(AfterCommand, step.Name, () => throw c.Now.Life.Die()), subject.Done);
        yield return new($"{step.Name}: a delete arrives before the host's answer", c => c.Plan.On(AfterCommand, step.Name, _ => c.DeleteTheOne()), VmStates.Deleted);
        yield return new($"{step.Name}: the host dies before its answer", c => c.Plan.On(AfterCommand, step.Name, _ => c.LoseTheHost(andFail: true)), subject.Done);
        yield return new($"{step.Name}: a host refuses", c => c.Script.Add(new() { Operation = call, Times = 1, Fail = FakeFailure.Permanent }), refusedOnce, Strikes: false);
        yield return new($"{step.Name}: a host fails late", c => c.Script.Add(new() { Operation = call, Times = 1, Fail = FakeFailure.Permanent, Late = true }), step.PointOfNoReturn ? subject.Late : refusedOnce, Strikes: false);
        yield return new($"{step.Name}: a host fails twice in passing", c => c.Script.Add(new() { Operation = call, Times = 2, Fail = FakeFailure.Transient }), subject.Done, Strikes: false);
        yield return new($"{step.Name}: every host refuses", c => c.Script.Add(new() { Operation = call, Fail = FakeFailure.Permanent }), subject.Undone, Strikes: false);
    }

    private static IEnumerable<Cell> OfUndo(Subject subject, StepInfo failing)
    {
        foreach (var step in subject.Steps.TakeWhile(s => s != failing).Append(failing).Reverse())
        {
            var name = $"{failing.Name}: fails, and the undo of {step.Name}";
            yield return new($"{name} dies before", c => Failing(c, failing).On(BeforeUndo, step.Name, () => throw c.Now.Life.Die()), subject.Undone);
            yield return new($"{name} dies after", c => Failing(c, failing).On(AfterUndo, step.Name, () => throw c.Now.Life.Die()), subject.Undone);
            yield return new($"{name} fails twice in passing", c => Failing(c, failing).On(BeforeUndo, step.Name, () => throw Passing(), 2), subject.Undone);
            if (!step.IsLocal)
                yield return new($"{name} meets a delete", c => Failing(c, failing).On(BeforeUndo, step.Name, _ => c.DeleteTheOne()), VmStates.Deleted);
            if (Subject.Commands(step))
                yield return new($"{name} loses the host", c => Failing(c, failing).On(BeforeUndo, step.Name, _ => c.LoseTheHost()), subject.Undone);
        }
    }

    private static IEnumerable<Cell> OfSave(Subject subject, int save)
    {
        var name = save.ToString(CultureInfo.InvariantCulture);
        yield return new($"save {name}: dies before", c => c.Plan.On(BeforeSave, name, () => throw c.Now.Life.Die()), subject.Done);
        yield return new($"save {name}: dies after", c => c.Plan.On(AfterSave, name, () => throw c.Now.Life.Die()), subject.Done);
        yield return new($"save {name}: refused in passing", c => c.Plan.On(BeforeSave, name, () => throw Passing()), subject.Done);
        yield return new($"save {name}: unknown, and never run", c => c.Plan.On(BeforeSave, name, () => throw new UnknownOutcomeException(new IOException("torn"))), subject.Done);
        yield return new($"save {name}: unknown, and not durable", c => c.Plan.Torn.Add(save), subject.Done, Strikes: false);
        yield return new($"save {name}: unknown, and durable", c => c.Plan.On(AfterSave, name, () => throw new UnknownOutcomeException(new IOException("torn"))), subject.Done);
        yield return new($"save {name}: unknown, durable, and a delete arrives", c => c.Plan.On(AfterSave, name, async _ =>
        {
            await c.DeleteTheOne();
            throw new UnknownOutcomeException(new IOException("torn"));
        }), VmStates.Deleted);
    }

    private static FaultPlan Failing(FakeCloud cloud, StepInfo step)
    {
        cloud.Plan.On(BeforeStep, step.Name, () => throw Permanent());
        return cloud.Plan;
    }

    // What has to be awaited cannot happen inside a unit of work; before the unit is the nearest.
    private static void Before(FakeCloud cloud, Subject subject, StepInfo step, Func<CancellationToken, Task> strike) => cloud.Plan.On(
        step.IsLocal ? BeforeSave : BeforeStep, step.IsLocal ? subject.SaveOf(step).ToString(CultureInfo.InvariantCulture) : step.Name, strike);

    private static void RunTwice(FakeCloud cloud, Subject subject, StepInfo step)
    {
        if (step.IsLocal)
            cloud.Plan.RunAgain.Add(subject.SaveOf(step));
        else
            cloud.Plan.Twice.Add(step.Name);
    }

    private static string DriverCall(Subject subject, StepInfo step) => step.Name switch
    {
        "power" or "command" => subject.Call,
        var name => name,
    };

    private static Fault Permanent() => new(FaultKind.Internal, Message.Of($"This was meant to fail."));

    private static Fault Passing() => Fault.Unavailable($"This was meant to fail in passing.");
}
