using System.Text.Json;
using Nova.Modules.Hardware;
using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Quotas;

namespace Nova.Modules.Servers;

/// <summary>A row of <c>servers</c>. Members that lists never filter by are JSON, read when somebody looks.</summary>
public sealed class Server
{
    private ServerFlavor? _flavor;
    private IReadOnlyList<PortBinding>? _networks;
    private ServerDetails? _details;

    /// <summary>The server.</summary>
    public Guid Id { get; set; }

    /// <summary>The fencing token: rises when an operation starts, changes owner, or the host changes.</summary>
    public long Epoch { get; set; }

    /// <summary>The owner.</summary>
    public string ProjectId { get; set; } = "";

    /// <summary>Who created it.</summary>
    public string UserId { get; set; } = "";

    /// <summary>The display name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The host name that the guest is told.</summary>
    public string Hostname { get; set; } = "";

    /// <summary>Free text, or null.</summary>
    public string? Description { get; set; }

    /// <summary>One of <see cref="VmStates"/>.</summary>
    public string VmState { get; set; } = "";

    /// <summary>What is being done to it, or null.</summary>
    public string? TaskState { get; set; }

    /// <summary>As <see cref="Compute.Power"/>.</summary>
    public int PowerState { get; set; }

    /// <summary>0 to 100.</summary>
    public int Progress { get; set; }

    /// <summary>The host that it is on, or null.</summary>
    public Guid? HostId { get; set; }

    /// <summary>The name of that host's service.</summary>
    public string? Host { get; set; }

    /// <summary>The hypervisor's host name.</summary>
    public string? Node { get; set; }

    /// <summary>The zone of its host.</summary>
    public string? Zone { get; set; }

    /// <summary>The zone that was asked for: it stays there when it moves.</summary>
    public string? RequestedZone { get; set; }

    /// <summary>The image, or null when it booted from a volume.</summary>
    public string? ImageId { get; set; }

    /// <summary>JSON of <see cref="Flavor"/>.</summary>
    public string FlavorJson { get; set; } = "{}";

    /// <summary>The key pair's name.</summary>
    public string? KeyName { get; set; }

    /// <summary>The key at the time of the create.</summary>
    public string? PublicKey { get; set; }

    /// <summary>As sent: base64.</summary>
    public string? UserData { get; set; }

    /// <summary>Whether a config drive is attached.</summary>
    public bool ConfigDrive { get; set; }

    /// <summary>JSON object of strings.</summary>
    public string MetadataJson { get; set; } = "{}";

    /// <summary>JSON array of strings.</summary>
    public string TagsJson { get; set; } = "[]";

    /// <summary>JSON of <see cref="Networks"/>: rebuilt in the transaction that changes a port.</summary>
    public string NetworksJson { get; set; } = "[]";

    /// <summary>accessIPv4, or null.</summary>
    public string? AccessIpv4 { get; set; }

    /// <summary>accessIPv6, or null.</summary>
    public string? AccessIpv6 { get; set; }

    /// <summary>owner, admin, or null when it is not locked.</summary>
    public string? LockedBy { get; set; }

    /// <summary>Why it is locked.</summary>
    public string? LockedReason { get; set; }

    /// <summary>The server group that it is in, or null.</summary>
    public Guid? GroupId { get; set; }

    /// <summary>Shared by the servers of one request.</summary>
    public string ReservationId { get; set; } = "";

    /// <summary>Position in its request.</summary>
    public int LaunchIndex { get; set; }

    /// <summary>JSON of the last fault, or null.</summary>
    public string? Fault { get; set; }

    /// <summary>JSON of <see cref="Details"/>.</summary>
    public string DetailsJson { get; set; } = "{}";

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; set; }

    /// <summary>The last change that a client may care about.</summary>
    public long UpdatedAt { get; set; }

    /// <summary>When it ran first.</summary>
    public long? LaunchedAt { get; set; }

    /// <summary>When its guest went.</summary>
    public long? TerminatedAt { get; set; }

    /// <summary>When it was deleted; the row stays for a while.</summary>
    public long? DeletedAt { get; set; }

    /// <summary>The flavor as it was when the server was created or resized.</summary>
    public ServerFlavor Flavor => _flavor ??= JsonSerializer.Deserialize<ServerFlavor>(FlavorJson, StateJson.Options)!;

    /// <summary>Its interfaces.</summary>
    public IReadOnlyList<PortBinding> Networks => _networks ??= JsonSerializer.Deserialize<List<PortBinding>>(NetworksJson, StateJson.Options)!;

    /// <summary>Rarely used members.</summary>
    public ServerDetails Details => _details ??= JsonSerializer.Deserialize<ServerDetails>(DetailsJson, StateJson.Options)!;

    /// <summary>What it counts against quota.</summary>
    public ServerUsage Usage => new(1, Flavor.Vcpus, Flavor.MemoryMb);

    /// <summary>What the claim of this unit gave it of its host's hardware; null for none, and for a server that was read.</summary>
    public GivenHardware? Hardware { get; set; }

    /// <summary>Sets <see cref="Networks"/> and its JSON.</summary>
    public void SetNetworks(IReadOnlyList<PortBinding> bindings) =>
        (_networks, NetworksJson) = (bindings, JsonSerializer.Serialize(bindings, StateJson.Options));

    /// <summary>Sets <see cref="Details"/> and its JSON.</summary>
    public void SetDetails(ServerDetails details) => (_details, DetailsJson) = (details, JsonSerializer.Serialize(details, StateJson.Options));

    /// <summary>Key and value pairs of the user.</summary>
    public Dictionary<string, string> Metadata() => JsonSerializer.Deserialize<Dictionary<string, string>>(MetadataJson, StateJson.Options)!;

    /// <summary>Tags in order.</summary>
    public List<string> Tags() => JsonSerializer.Deserialize<List<string>>(TagsJson, StateJson.Options)!;

    /// <summary>The name that hypervisors know: unique by the id's last eight random digits.</summary>
    public string InstanceName => "instance-" + Id.ToString("N")[^8..];
}

/// <summary>A flavor as a server keeps it.</summary>
public sealed record ServerFlavor
{
    /// <summary>The flavor's id, which may be gone by now.</summary>
    public required string Id { get; init; }

    /// <summary>Its name at the time.</summary>
    public required string Name { get; init; }

    /// <summary>Virtual CPUs.</summary>
    public required int Vcpus { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required int MemoryMb { get; init; }

    /// <summary>Root disk in GiB; 0 takes the image's size.</summary>
    public required int RootGb { get; init; }

    /// <summary>Ephemeral disk in GiB.</summary>
    public int EphemeralGb { get; init; }

    /// <summary>Swap in MiB.</summary>
    public int SwapMb { get; init; }

    /// <summary>Extra specs.</summary>
    public IReadOnlyDictionary<string, string> ExtraSpecs { get; init; } = new Dictionary<string, string>();
}

/// <summary>Members of a server that nothing filters by.</summary>
public sealed record ServerDetails
{
    /// <summary>The image's properties at the time of the create.</summary>
    public IReadOnlyDictionary<string, string>? ImageProperties { get; init; }

    /// <summary>The scheduler hints of the create, as JSON.</summary>
    public string? SchedulerHints { get; init; }

    /// <summary>Trusted image certificates.</summary>
    public IReadOnlyList<string>? TrustedImageCertificates { get; init; }

    /// <summary>AUTO or MANUAL.</summary>
    public string DiskConfig { get; init; } = "MANUAL";

    /// <summary>512 random bytes, base64, for the guest's random seed.</summary>
    public string? RandomSeed { get; init; }

    /// <summary>True when it asked for pieces of its host's hardware; null when not.</summary>
    public bool? WantsHardware { get; init; }

    /// <summary>The key's type: ssh or x509.</summary>
    public string? KeyType { get; init; }
}

/// <summary>The stable states of a server, as the original names them.</summary>
public static class VmStates
{
    /// <summary>Not yet on a host.</summary>
    public const string Building = "building";

    /// <summary>Runs.</summary>
    public const string Active = "active";

    /// <summary>Is off.</summary>
    public const string Stopped = "stopped";

    /// <summary>Something failed: see the fault.</summary>
    public const string Error = "error";

    /// <summary>Gone.</summary>
    public const string Deleted = "deleted";

    /// <summary>Paused.</summary>
    public const string Paused = "paused";

    /// <summary>Suspended to disk.</summary>
    public const string Suspended = "suspended";

    /// <summary>Runs from another image beside its own disk.</summary>
    public const string Rescued = "rescued";

    /// <summary>Waits to be confirmed or reverted after a move.</summary>
    public const string Resized = "resized";

    /// <summary>Deleted, but kept for a while: it can be restored.</summary>
    public const string SoftDeleted = "soft-delete";

    /// <summary>Off, its image kept, still on its host.</summary>
    public const string Shelved = "shelved";

    /// <summary>Only its image is kept.</summary>
    public const string ShelvedOffloaded = "shelved_offloaded";
}

/// <summary>What is being done to a server, as the original names it.</summary>
public static class TaskStates
{
    /// <summary>A host is being chosen.</summary>
    public const string Scheduling = "scheduling";

    /// <summary>The guest is being made.</summary>
    public const string Spawning = "spawning";

    /// <summary>Being deleted.</summary>
    public const string Deleting = "deleting";

    /// <summary>Being started.</summary>
    public const string PoweringOn = "powering-on";

    /// <summary>Being stopped.</summary>
    public const string PoweringOff = "powering-off";

    /// <summary>Being rebooted by the guest itself.</summary>
    public const string Rebooting = "rebooting";

    /// <summary>Being turned off and on.</summary>
    public const string RebootingHard = "rebooting_hard";

    /// <summary>Being paused.</summary>
    public const string Pausing = "pausing";

    /// <summary>Going on after a pause.</summary>
    public const string Unpausing = "unpausing";

    /// <summary>Being suspended to disk.</summary>
    public const string Suspending = "suspending";

    /// <summary>Going on after it was suspended.</summary>
    public const string Resuming = "resuming";

    /// <summary>Being deleted so that it can be restored.</summary>
    public const string SoftDeleting = "soft-deleting";

    /// <summary>Coming back from a soft delete.</summary>
    public const string Restoring = "restoring";

    /// <summary>Being started from a rescue image.</summary>
    public const string Rescuing = "rescuing";

    /// <summary>Being started from its own disk again.</summary>
    public const string Unrescuing = "unrescuing";

    /// <summary>Being made anew from an image.</summary>
    public const string Rebuilding = "rebuilding";

    /// <summary>The password of its administrator is being changed.</summary>
    public const string UpdatingPassword = "updating_password";

    /// <summary>An image of it is about to be made.</summary>
    public const string ImageSnapshotPending = "image_snapshot_pending";

    /// <summary>Its disk is being copied for an image.</summary>
    public const string ImageSnapshot = "image_snapshot";

    /// <summary>The copy waits to be brought to the image service.</summary>
    public const string ImagePendingUpload = "image_pending_upload";

    /// <summary>The copy is on its way to the image service.</summary>
    public const string ImageUploading = "image_uploading";

    /// <summary>A backup of it is being made.</summary>
    public const string ImageBackup = "image_backup";
}
