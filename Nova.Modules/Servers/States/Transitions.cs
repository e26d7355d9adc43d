using static Nova.Modules.Servers.VmStates;

namespace Nova.Modules.Servers;

/// <summary>What may be done to a server in which state, and where it leads: the only place that knows. docs/states.md shows it.</summary>
public static class Transitions
{
    private static readonly string[] Settled = [Active, Paused, Suspended, Stopped];
    private static readonly string[] ForImages = [Active, Stopped, Paused, Suspended];
    private static readonly string[] ForInterfaces = [Active, Paused, Stopped];
    private static readonly string[] ForVolumes = [Active, Paused, Stopped, Resized, SoftDeleted, Shelved, ShelvedOffloaded];

    /// <summary>DELETE.</summary>
    public static readonly StateRule Delete = Anytime("servers.delete", "delete") with { IsRefusedWhenLocked = true, Task = TaskStates.Deleting, To = [Deleted, SoftDeleted] };

    /// <summary>DELETE, where deleted servers are kept for a while.</summary>
    public static readonly StateRule SoftDelete = Anytime("servers.delete (soft)", "soft delete") with
    {
        NeedsLaunched = true, IsRefusedWhenLocked = true, Task = TaskStates.SoftDeleting, To = [SoftDeleted],
    };

    /// <summary>forceDelete.</summary>
    public static readonly StateRule ForceDelete = Anytime("servers.action.forceDelete", "forceDelete") with { IsRefusedWhenLocked = true, Task = TaskStates.Deleting, To = [Deleted] };

    /// <summary>restore.</summary>
    public static readonly StateRule Restore = new("servers.action.restore", "restore") { From = [SoftDeleted], Task = TaskStates.Restoring, To = [Active] };

    /// <summary>os-start.</summary>
    public static readonly StateRule Start = new("servers.action.os-start", "start") { From = [Stopped], Host = HostNeed.Assigned, Task = TaskStates.PoweringOn, To = [Active] };

    /// <summary>os-stop.</summary>
    public static readonly StateRule Stop = new("servers.action.os-stop", "stop") { From = [Active, Error], Host = HostNeed.Assigned, Task = TaskStates.PoweringOff, To = [Stopped] };

    /// <summary>reboot, SOFT.</summary>
    public static readonly StateRule SoftReboot = new("servers.action.reboot (SOFT)", "reboot") { From = [Active], Task = TaskStates.Rebooting, To = [Active] };

    /// <summary>reboot, HARD.</summary>
    public static readonly StateRule HardReboot = new("servers.action.reboot (HARD)", "reboot")
    {
        From = [Active, Error, Paused, Stopped, Suspended],
        During =
        [
            TaskStates.Rebooting, "reboot_pending", "reboot_started", TaskStates.Resuming, TaskStates.RebootingHard, TaskStates.Unpausing,
            TaskStates.Pausing, TaskStates.Suspending,
        ],
        Task = TaskStates.RebootingHard,
        To = [Active],
    };

    /// <summary>pause.</summary>
    public static readonly StateRule Pause = new("servers.action.pause", "pause") { From = [Active], Task = TaskStates.Pausing, To = [Paused] };

    /// <summary>unpause.</summary>
    public static readonly StateRule Unpause = new("servers.action.unpause", "unpause") { From = [Paused], Task = TaskStates.Unpausing, To = [Active] };

    /// <summary>suspend.</summary>
    public static readonly StateRule Suspend = new("servers.action.suspend", "suspend") { From = [Active], Task = TaskStates.Suspending, To = [Suspended] };

    /// <summary>resume.</summary>
    public static readonly StateRule Resume = new("servers.action.resume", "resume") { From = [Suspended], Task = TaskStates.Resuming, To = [Active] };

    /// <summary>rescue.</summary>
    public static readonly StateRule Rescue = new("servers.action.rescue", "rescue") { From = [Active, Stopped, Error], Task = TaskStates.Rescuing, To = [Rescued] };

    /// <summary>unrescue.</summary>
    public static readonly StateRule Unrescue = new("servers.action.unrescue", "unrescue") { From = [Rescued], Task = TaskStates.Unrescuing, To = [Active] };

    /// <summary>rebuild.</summary>
    public static readonly StateRule Rebuild = new("servers.action.rebuild", "rebuild") { From = [Active, Stopped, Error], Task = TaskStates.Rebuilding, To = [Active, Stopped] };

    /// <summary>resize.</summary>
    public static readonly StateRule Resize = new("servers.action.resize", "resize") { From = [Active, Stopped], Host = HostNeed.Up, Task = "resize_prep", To = [Resized] };

    /// <summary>migrate.</summary>
    public static readonly StateRule Migrate = new("servers.action.migrate", "migrate") { From = [Active, Stopped], Host = HostNeed.Up, Task = "resize_prep", To = [Resized] };

    /// <summary>confirmResize.</summary>
    public static readonly StateRule ConfirmResize = new("servers.action.confirmResize", "confirmResize") { From = [Resized], To = [Active, Stopped] };

    /// <summary>revertResize.</summary>
    public static readonly StateRule RevertResize = new("servers.action.revertResize", "revertResize") { From = [Resized], Task = "resize_reverting", To = [Active, Stopped] };

    /// <summary>os-migrateLive.</summary>
    public static readonly StateRule LiveMigrate = new("servers.action.os-migrateLive", "os-migrateLive") { From = [Active, Paused], Task = "migrating", To = [Active, Paused] };

    /// <summary>force_complete of a live migration.</summary>
    public static readonly StateRule ForceMigration = new("servers.migrations.action.force_complete", "force_complete") { From = [Active], During = ["migrating"], To = [Active] };

    /// <summary>Aborting a live migration.</summary>
    public static readonly StateRule AbortMigration = new("servers.migrations.delete", "abort live migration") { During = ["migrating"] };

    /// <summary>evacuate.</summary>
    public static readonly StateRule Evacuate = new("servers.action.evacuate", "evacuate")
    {
        From = [Active, Stopped, Error], During = null, IsRefusedWhenLocked = false, Task = TaskStates.Rebuilding, To = [Active, Stopped],
    };

    /// <summary>shelve.</summary>
    public static readonly StateRule Shelve = new("servers.action.shelve", "shelve") { From = [Active, Stopped, Paused, Suspended], Task = "shelving", To = [Shelved, ShelvedOffloaded] };

    /// <summary>shelveOffload.</summary>
    public static readonly StateRule ShelveOffload = new("servers.action.shelveOffload", "shelveOffload") { From = [Shelved], Task = "shelving_offloading", To = [ShelvedOffloaded] };

    /// <summary>unshelve.</summary>
    public static readonly StateRule Unshelve = new("servers.action.unshelve", "unshelve") { From = [Shelved, ShelvedOffloaded], Task = "unshelving", To = [Active] };

    /// <summary>createImage.</summary>
    public static readonly StateRule CreateImage = new("servers.action.createImage", "createImage") { From = ForImages, IsRefusedWhenLocked = false, Task = TaskStates.ImageSnapshotPending };

    /// <summary>createBackup.</summary>
    public static readonly StateRule CreateBackup = new("servers.action.createBackup", "createBackup") { From = ForImages, IsRefusedWhenLocked = false, Task = TaskStates.ImageBackup };

    /// <summary>changePassword.</summary>
    public static readonly StateRule ChangePassword = new("servers.action.changePassword", "changePassword") { From = [Active], Task = TaskStates.UpdatingPassword, To = [Active] };

    /// <summary>trigger_crash_dump.</summary>
    public static readonly StateRule CrashDump = new("servers.action.trigger_crash_dump", "trigger_crash_dump") { From = [Active, Paused, Rescued, Resized, Error], Host = HostNeed.Assigned };

    /// <summary>os-getConsoleOutput.</summary>
    public static readonly StateRule ConsoleOutput = Anytime("servers.action.os-getConsoleOutput", "get_console_output") with { Host = HostNeed.Assigned };

    /// <summary>Consoles of every kind.</summary>
    public static readonly StateRule RemoteConsole = Anytime("servers.remote-consoles.create", "get_vnc_console") with { Host = HostNeed.Assigned, NotDuring = [TaskStates.Deleting, "migrating"] };

    /// <summary>injectNetworkInfo.</summary>
    public static readonly StateRule InjectNetworkInfo = Anytime("servers.action.injectNetworkInfo", "injectNetworkInfo") with { IsRefusedWhenLocked = true };

    /// <summary>lock.</summary>
    public static readonly StateRule Lock = Anytime("servers.action.lock", "lock");

    /// <summary>unlock.</summary>
    public static readonly StateRule Unlock = Anytime("servers.action.unlock", "unlock");

    /// <summary>os-resetState.</summary>
    public static readonly StateRule ResetState = Anytime("servers.action.os-resetState", "resetState") with { To = [Active, Error] };

    /// <summary>PUT.</summary>
    public static readonly StateRule Update = Anytime("servers.update", "update");

    /// <summary>Adding and changing metadata.</summary>
    public static readonly StateRule UpdateMetadata = new("servers.metadata.create / update / update_all", "update metadata") { From = Settled, During = null };

    /// <summary>Removing metadata.</summary>
    public static readonly StateRule DeleteMetadata = new("servers.metadata.delete", "delete metadata") { From = Settled, During = null };

    /// <summary>Every change of tags.</summary>
    public static readonly StateRule ChangeTags = Anytime("servers.tags.update / update_all / delete / delete_all", "update tag") with { From = Settled };

    /// <summary>Adding an interface.</summary>
    public static readonly StateRule AttachInterface = new("servers.os-interface.create", "attach_interface") { From = ForInterfaces };

    /// <summary>Taking an interface away.</summary>
    public static readonly StateRule DetachInterface = new("servers.os-interface.delete", "detach_interface") { From = ForInterfaces };

    /// <summary>Attaching a volume.</summary>
    public static readonly StateRule AttachVolume = new("servers.os-volume_attachments.create", "attach_volume") { From = ForVolumes };

    /// <summary>Detaching a volume.</summary>
    public static readonly StateRule DetachVolume = new("servers.os-volume_attachments.delete", "detach_volume") { From = ForVolumes };

    /// <summary>Replacing a volume by another.</summary>
    public static readonly StateRule SwapVolume = new("servers.os-volume_attachments.update (swap)", "swap_volume") { From = [Active, Paused, Resized] };

    /// <summary>Attaching a share.</summary>
    public static readonly StateRule AttachShare = Anytime("servers.shares.create", "attach_share") with { From = [Stopped] };

    /// <summary>Detaching a share.</summary>
    public static readonly StateRule DetachShare = Anytime("servers.shares.delete", "detach_share") with { From = [Stopped, Error] };

    /// <summary>Diagnostics.</summary>
    public static readonly StateRule Diagnostics = Anytime("servers.diagnostics.index", "get_diagnostics") with { Host = HostNeed.Assigned };

    /// <summary>Security groups of a server.</summary>
    public static readonly StateRule ChangeSecurityGroups = Anytime("servers.action.addSecurityGroup / removeSecurityGroup", "change security groups");

    /// <summary>Every rule, in the order in which the table shows them.</summary>
    public static IReadOnlyList<StateRule> All { get; } =
    [
        Delete, SoftDelete, ForceDelete, Restore, Start, Stop, SoftReboot, HardReboot, Pause, Unpause, Suspend, Resume, Rescue, Unrescue, Rebuild, Resize,
        Migrate, ConfirmResize, RevertResize, LiveMigrate, ForceMigration, AbortMigration, Evacuate, Shelve, ShelveOffload, Unshelve, CreateImage,
        CreateBackup, ChangePassword, CrashDump, ConsoleOutput, RemoteConsole, InjectNetworkInfo, Lock, Unlock, ResetState, Update, UpdateMetadata,
        DeleteMetadata, ChangeTags, AttachInterface, DetachInterface, AttachVolume, DetachVolume, SwapVolume, AttachShare, DetachShare, Diagnostics,
        ChangeSecurityGroups,
    ];

    private static StateRule Anytime(string operation, string name) => new(operation, name) { During = null, NeedsLaunched = false, IsRefusedWhenLocked = false };
}
