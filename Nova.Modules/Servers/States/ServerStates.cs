namespace Nova.Modules.Servers;

/// <summary>Which status the API shows for a server's states.</summary>
public static class ServerStates
{
    private static readonly Dictionary<string, string> Plain = new(StringComparer.Ordinal)
    {
        [VmStates.Active] = "ACTIVE",
        [VmStates.Building] = "BUILD",
        [VmStates.Stopped] = "SHUTOFF",
        [VmStates.Resized] = "VERIFY_RESIZE",
        [VmStates.Paused] = "PAUSED",
        [VmStates.Suspended] = "SUSPENDED",
        [VmStates.Rescued] = "RESCUE",
        [VmStates.Error] = "ERROR",
        [VmStates.Deleted] = "DELETED",
        [VmStates.SoftDeleted] = "SOFT_DELETED",
        [VmStates.Shelved] = "SHELVED",
        [VmStates.ShelvedOffloaded] = "SHELVED_OFFLOADED",
    };

    private static readonly string[] Resizes = ["resize_prep", "resize_migrating", "resize_migrated", "resize_finish"];
    private static readonly string[] Rebuilds = ["rebuilding", "rebuild_block_device_mapping", "rebuild_spawning"];

    private static readonly Dictionary<(string Vm, string Task), string> During = new((IEnumerable<KeyValuePair<(string, string), string>>)
    [
        .. Pairs("REBOOT", [VmStates.Active], ["rebooting", "reboot_pending", "reboot_started"]),
        .. Pairs("HARD_REBOOT", [VmStates.Active], ["rebooting_hard", "reboot_pending_hard", "reboot_started_hard"]),
        .. Pairs("PASSWORD", [VmStates.Active], ["updating_password"]),
        .. Pairs("REBUILD", [VmStates.Active, VmStates.Stopped, VmStates.Error], Rebuilds),
        .. Pairs("MIGRATING", [VmStates.Active, VmStates.Paused], ["migrating"]),
        .. Pairs("RESIZE", [VmStates.Active, VmStates.Stopped], Resizes),
        .. Pairs("REVERT_RESIZE", [VmStates.Resized], ["resize_reverting"]),
    ]);

    /// <summary>Every vm_state with its status, and the tasks during which it is another.</summary>
    public static IEnumerable<(string VmState, string? TaskState, string Status)> All =>
        [.. Plain.Select(p => (p.Key, (string?)null, p.Value)), .. During.Select(d => (d.Key.Vm, (string?)d.Key.Task, d.Value))];

    /// <summary>The status that the API shows.</summary>
    public static string Status(string vmState, string? taskState) =>
        taskState is not null && During.TryGetValue((vmState, taskState), out var during) ? during : Plain.GetValueOrDefault(vmState, "UNKNOWN");

    /// <summary>
    /// The states that have one of these statuses, without regard to case: the vm_states, and the task_states that they
    /// need (null when one of the statuses needs none). Both empty when no status is known.
    /// </summary>
    public static (IReadOnlyList<string> VmStates, IReadOnlyList<string>? TaskStates) StatesOf(IEnumerable<string> statuses)
    {
        var asked = statuses.Select(s => s.ToUpperInvariant()).ToHashSet(StringComparer.Ordinal);
        var plain = Plain.Where(p => asked.Contains(p.Value)).Select(p => p.Key).ToList();
        var during = During.Where(d => asked.Contains(d.Value)).ToList();
        return ([.. plain.Concat(during.Select(d => d.Key.Vm)).Distinct()], plain.Count > 0 ? null : [.. during.Select(d => d.Key.Task).Distinct()]);
    }

    private static IEnumerable<KeyValuePair<(string, string), string>> Pairs(string status, string[] vmStates, string[] taskStates) =>
        vmStates.SelectMany(vm => taskStates.Select(task => KeyValuePair.Create((vm, task), status)));
}
