using Nova.Modules.Operations;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Servers.CrashDump;
using Nova.Modules.Servers.Create;
using Nova.Modules.Servers.DeferredDelete;
using Nova.Modules.Servers.Delete;
using Nova.Modules.Servers.Interfaces;
using Nova.Modules.Servers.Password;
using Nova.Modules.Servers.Rebuild;
using Nova.Modules.Servers.Rescue;
using Nova.Modules.Servers.Snapshots;

namespace Nova.Tests.Operations;

/// <summary>An operation under test: how to come to it, how to begin it, and how it may end.</summary>
/// <param name="Name">For people.</param>
/// <param name="Steps">All its steps.</param>
/// <param name="First">The step with which it begins.</param>
/// <param name="Prepare">Makes what it works on.</param>
/// <param name="Begin">Asks for it.</param>
/// <param name="Done">The server's state when it has succeeded.</param>
/// <param name="Undone">The server's state when it has failed for good.</param>
internal sealed record Subject(
    string Name, IReadOnlyList<StepInfo> Steps, string First, Func<FakeCloud, Task<Guid>> Prepare, Func<FakeCloud, Guid, Task<Guid>> Begin, string Done, string Undone)
{
    public static readonly Subject Create = new(
        "create", CreateSteps, "spawn", _ => Task.FromResult(Guid.Empty), (cloud, _) => cloud.Create(), VmStates.Active, VmStates.Error);

    public static readonly Subject CreateUnplaced = Create with { Name = "create, no host at once", First = "choose", Begin = (cloud, _) => cloud.Create(placed: false) };

    public static readonly Subject Delete = new(
        "delete", new DeleteServer(null!, null!, null!, null!).Describe(), "accept", Active, (cloud, id) => Then(id, cloud.Delete(id)), VmStates.Deleted, VmStates.Error);

    public static readonly Subject Start = Power("start", "server.start", Stopped, (cloud, id) => cloud.Boot(id), VmStates.Active, VmStates.Stopped);

    public static readonly Subject Stop = Power("stop", "server.stop", Active, (cloud, id) => cloud.Stop(id), VmStates.Stopped, VmStates.Active);

    public static readonly Subject SoftReboot = Power("reboot, soft", "server.reboot", Active, (cloud, id) => cloud.Reboot(id, soft: true), VmStates.Active, VmStates.Active);

    public static readonly Subject HardReboot = Power("reboot, hard", "server.reboot", Active, (cloud, id) => cloud.Reboot(id, soft: false), VmStates.Active, VmStates.Active);

    public static readonly Subject Pause = Power("pause", "server.pause", Active, (cloud, id) => cloud.Change(id, PowerAction.Pause), VmStates.Paused, VmStates.Active);

    public static readonly Subject Unpause = Power("unpause", "server.unpause", After(PowerAction.Pause), (cloud, id) => cloud.Change(id, PowerAction.Unpause), VmStates.Active, VmStates.Paused);

    public static readonly Subject Suspend = Power("suspend", "server.suspend", Active, (cloud, id) => cloud.Change(id, PowerAction.Suspend), VmStates.Suspended, VmStates.Active);

    public static readonly Subject Resume = Power("resume", "server.resume", After(PowerAction.Suspend), (cloud, id) => cloud.Change(id, PowerAction.Resume), VmStates.Active, VmStates.Suspended);

    public static readonly Subject SoftDelete = Power("soft delete", Soft.OperationKind, Active, (cloud, id) => cloud.SoftDelete(id), VmStates.SoftDeleted, VmStates.Active) with { Call = "power_off", Late = VmStates.Stopped };

    public static readonly Subject Restore = Power("restore", Nova.Modules.Servers.DeferredDelete.Restore.OperationKind, SoftDeleted, (cloud, id) => cloud.Restore(id), VmStates.Active, VmStates.SoftDeleted) with { Call = "power_on", Late = VmStates.SoftDeleted };

    public static readonly Subject Rebuild = Command(
        "rebuild", new RebuildServer(null!, null!, null!), Active,
        (cloud, id) => cloud.Begin(id, new("rebuild", RebuildServer.OperationKind, TaskStates.Rebuilding), new RebuildServerState { Image = OneImage.Info, AdminPass = new("s3cret") }),
        VmStates.Active, VmStates.Error) with { Call = "spawn" };

    public static readonly Subject RebuildStopped = Rebuild with
    {
        Name = "rebuild of a stopped server", Prepare = Stopped, Done = VmStates.Stopped,
        Begin = (cloud, id) => Then(id, cloud.Begin(id, new("rebuild", RebuildServer.OperationKind, TaskStates.Rebuilding), new RebuildServerState { Image = OneImage.Info, StaysOff = true })),
    };

    public static readonly Subject Rescue = Command("rescue", new RescueServer(null!, null!, null!), Active, BeginRescue, VmStates.Rescued, VmStates.Active);

    public static readonly Subject Unrescue = Command(
        "unrescue", new UnrescueServer(null!, null!), Rescued,
        (cloud, id) => cloud.Begin(id, new("unrescue", UnrescueServer.OperationKind, TaskStates.Unrescuing), new UnrescueServerState()), VmStates.Active, VmStates.Rescued);

    public static readonly Subject ChangePassword = Command(
        "change password", new ChangePasswordServer(null!, null!), Active,
        (cloud, id) => cloud.Begin(id, new("changePassword", ChangePasswordServer.OperationKind, TaskStates.UpdatingPassword), new ChangePasswordState { Password = new("n3w") }),
        VmStates.Active, VmStates.Active) with { Call = "password" };

    public static readonly Subject CrashDump = Command(
        "crash dump", new CrashDumpServer(null!, null!), Active,
        (cloud, id) => cloud.Begin(id, new("trigger_crash_dump", CrashDumpServer.OperationKind, null), new CrashDumpState()), VmStates.Active, VmStates.Active) with { Call = "crash_dump" };

    public static readonly Subject CreateImage = Command(
        "create image", new CreateImageServer(null!, null!, null!), Active, (cloud, id) => cloud.CreateImage(id), VmStates.Active, VmStates.Active);

    public static readonly Subject CreateBackup = Command(
        "create backup", new CreateBackupServer(null!, null!, null!), BackedUp, (cloud, id) => cloud.CreateBackup(id), VmStates.Stopped, VmStates.Stopped);

    public static readonly Subject Attach = Command(
        "attach an interface", new AttachInterface(null!, null!, null!, null!, null!, null!, null!), Active, (cloud, id) => cloud.Attach(id), VmStates.Active, VmStates.Active) with { Call = "interfaces" };

    public static readonly Subject AttachStopped = Attach with { Name = "attach an interface to a stopped server", Prepare = Stopped, Done = VmStates.Stopped, Undone = VmStates.Stopped, Late = VmStates.Stopped };

    public static readonly Subject Detach = Command(
        "detach an interface", new DetachInterface(null!, null!, null!, null!), Active, (cloud, id) => cloud.Detach(id), VmStates.Active, VmStates.Active) with { Call = "interfaces" };

    public static IReadOnlyList<Subject> All =>
    [
        Create, CreateUnplaced, Delete, Start, Stop, SoftReboot, HardReboot, Pause, Unpause, Suspend, Resume, SoftDelete, Restore,
        Rebuild, RebuildStopped, Rescue, Unrescue, ChangePassword, CrashDump, CreateImage, CreateBackup,
        Attach, AttachStopped, Detach,
    ];

    /// <summary>The server's state when its host did what was asked and the operation failed all the same.</summary>
    public string Late { get; init; } = Done;

    /// <summary>What the driver calls the command of the steps "power" and "command".</summary>
    public string Call { get; init; } = "";

    /// <summary>The steps that it goes through forward.</summary>
    public IEnumerable<StepInfo> Forward => Steps.SkipWhile(s => s.Name != First);

    /// <summary>True when a failure at this step no longer turns it round.</summary>
    public bool IsPastReturn(StepInfo step) => Steps.TakeWhile(s => s != step).Any(s => s.PointOfNoReturn);

    /// <summary>The number of the unit of work that saves this step: a remote step and the local ones after it share one.</summary>
    public int SaveOf(StepInfo step)
    {
        var save = -1;
        var isFirst = true;
        foreach (var next in Forward)
        {
            save += isFirst || !next.IsLocal ? 1 : 0;
            isFirst = false;
            if (next == step)
                break;
        }

        return save;
    }

    /// <summary>Whether a command to a host belongs to the step.</summary>
    public static bool Commands(StepInfo step) => step.Name is "spawn" or "destroy" or "power" or "command" or "snapshot" or "upload";

    private static IReadOnlyList<StepInfo> CreateSteps => new CreateServer(null!, null!, null!, null!, null!, null!, null!, new(), TimeProvider.System).Describe();

    private static Subject Power(string name, string kind, Func<FakeCloud, Task<Guid>> prepare, Func<FakeCloud, Guid, Task> begin, string done, string undone) =>
        new(name, new ChangePower(kind, "", null!, null!).Describe(), "accept", prepare, (cloud, id) => Then(id, begin(cloud, id)), done, undone)
        {
            Call = kind switch { "server.start" => "power_on", "server.stop" => "power_off", _ => kind["server.".Length..] },
        };

    private static async Task<Guid> Active(FakeCloud cloud)
    {
        var id = await cloud.Create();
        await cloud.Settle();
        return id;
    }

    // Whoever fails after the host has done it is where failure leads: the command is put back, or changed nothing that lasts.
    private static Subject Command(string name, IOperation operation, Func<FakeCloud, Task<Guid>> prepare, Func<FakeCloud, Guid, Task> begin, string done, string undone) =>
        new(name, operation.Describe(), "accept", prepare, (cloud, id) => Then(id, begin(cloud, id)), done, undone) { Call = name, Late = undone };

    private static Task BeginRescue(FakeCloud cloud, Guid id) => cloud.Begin(
        id, new("rescue", RescueServer.OperationKind, TaskStates.Rescuing), new RescueServerState { Image = OneImage.Info, AdminPass = new("s3cret") });

    private static async Task<Guid> Rescued(FakeCloud cloud)
    {
        var id = await Active(cloud);
        await BeginRescue(cloud, id);
        await cloud.Settle();
        return id;
    }

    private static async Task<Guid> BackedUp(FakeCloud cloud)
    {
        var id = await Stopped(cloud);
        await cloud.CreateBackup(id);
        await cloud.Settle();
        return id;
    }

    private static Func<FakeCloud, Task<Guid>> After(PowerAction action) => async cloud =>
    {
        var id = await Active(cloud);
        await cloud.Change(id, action);
        await cloud.Settle();
        return id;
    };

    private static async Task<Guid> SoftDeleted(FakeCloud cloud)
    {
        var id = await Active(cloud);
        await cloud.SoftDelete(id);
        await cloud.Settle();
        return id;
    }

    private static async Task<Guid> Stopped(FakeCloud cloud)
    {
        var id = await Active(cloud);
        await cloud.Stop(id);
        await cloud.Settle();
        return id;
    }

    private static async Task<Guid> Then(Guid id, Task asked)
    {
        await asked;
        return id;
    }
}
