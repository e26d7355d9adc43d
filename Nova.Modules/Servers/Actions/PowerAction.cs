using Nova.Modules.Compute;

namespace Nova.Modules.Servers.Actions;

/// <summary>An action that is one change of power.</summary>
/// <param name="Name">As instance actions name it.</param>
/// <param name="Kind">The kind of its operation.</param>
/// <param name="Event">The event of the action.</param>
/// <param name="Rule">When it is allowed, and where it leads.</param>
/// <param name="Power">What the guest has afterwards.</param>
public sealed record PowerAction(string Name, string Kind, string Event, StateRule Rule, Power Power)
{
    /// <summary>os-start.</summary>
    public static readonly PowerAction Start = new("start", "server.start", "compute_start_instance", Transitions.Start, Power.On);

    /// <summary>os-stop.</summary>
    public static readonly PowerAction Stop = new("stop", "server.stop", "compute_stop_instance", Transitions.Stop, Power.Off) { AsksTheGuest = true };

    /// <summary>reboot, SOFT.</summary>
    public static readonly PowerAction SoftReboot = new("reboot", "server.reboot", "compute_reboot_instance", Transitions.SoftReboot, Power.On) { AsksTheGuest = true, Restarts = true };

    /// <summary>reboot, HARD.</summary>
    public static readonly PowerAction HardReboot = new("reboot", "server.reboot", "compute_reboot_instance", Transitions.HardReboot, Power.On) { Restarts = true };

    /// <summary>pause.</summary>
    public static readonly PowerAction Pause = new("pause", "server.pause", "compute_pause_instance", Transitions.Pause, Power.Paused);

    /// <summary>unpause.</summary>
    public static readonly PowerAction Unpause = new("unpause", "server.unpause", "compute_unpause_instance", Transitions.Unpause, Power.On);

    /// <summary>suspend.</summary>
    public static readonly PowerAction Suspend = new("suspend", "server.suspend", "compute_suspend_instance", Transitions.Suspend, Power.Suspended);

    /// <summary>resume.</summary>
    public static readonly PowerAction Resume = new("resume", "server.resume", "compute_resume_instance", Transitions.Resume, Power.On);

    /// <summary>Each operation once.</summary>
    public static IEnumerable<PowerAction> Operations => [Start, Stop, HardReboot, Pause, Unpause, Suspend, Resume];

    /// <summary>The guest may turn itself off before it is turned off.</summary>
    public bool AsksTheGuest { get; init; }

    /// <summary>The guest is turned off first.</summary>
    public bool Restarts { get; init; }

    /// <summary>What the host is asked for, and what follows.</summary>
    /// <param name="patience">How long a guest that is asked may take.</param>
    public ChangePowerState State(TimeSpan patience) =>
        new() { Change = new(Power, AsksTheGuest ? patience : TimeSpan.Zero, Restarts), VmState = Rule.To[0] };
}
