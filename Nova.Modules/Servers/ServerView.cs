using System.Text.Json.Serialization;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers;

/// <summary>A server, whole. Members of type <see cref="Shown{T}"/> are left out where policy or the kind of answer says so.</summary>
public sealed record ServerView
{
    private const JsonIgnoreCondition WhenHidden = JsonIgnoreCondition.WhenWritingDefault;
    private const JsonIgnoreCondition WhenNull = JsonIgnoreCondition.WhenWritingNull;

    /// <summary>The server.</summary>
    public required Guid Id { get; init; }

    /// <summary>The display name.</summary>
    public required string Name { get; init; }

    /// <summary>Only in the answer to what set it.</summary>
    [WireName("adminPass"), JsonIgnore(Condition = WhenNull)]
    public string? AdminPass { get; init; }

    /// <summary>Only in the answer to a rebuild.</summary>
    [WireName("user_data"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string?> RebuiltUserData { get; init; }

    /// <summary>ACTIVE, BUILD …</summary>
    public required string Status { get; init; }

    /// <summary>The project.</summary>
    public required string TenantId { get; init; }

    /// <summary>Who created it.</summary>
    public required string UserId { get; init; }

    /// <summary>The user's key and value pairs.</summary>
    public required RawJson Metadata { get; init; }

    /// <summary>The same for all servers of a project on one host, and tells nothing else.</summary>
    [WireName("hostId")]
    public required string HostId { get; init; }

    /// <summary>An <see cref="ImageLink"/>, or an empty text.</summary>
    public required object Image { get; init; }

    /// <summary>The flavor at the time of the create.</summary>
    public required FlavorCopy Flavor { get; init; }

    /// <summary>When it was created.</summary>
    public required string Created { get; init; }

    /// <summary>When it changed.</summary>
    public required string Updated { get; init; }

    /// <summary>By network name.</summary>
    public required IReadOnlyDictionary<string, List<PortAddressView>> Addresses { get; init; }

    /// <summary>Set by the user.</summary>
    [WireName("accessIPv4")]
    public required string AccessIpv4 { get; init; }

    /// <summary>Set by the user.</summary>
    [WireName("accessIPv6")]
    public required string AccessIpv6 { get; init; }

    /// <summary>Where it is.</summary>
    public required IReadOnlyList<Link> Links { get; init; }

    /// <summary>AUTO or MANUAL.</summary>
    [WireName("OS-DCF:diskConfig")]
    public required string DiskConfig { get; init; }

    /// <summary>0 to 100, while that means something.</summary>
    [JsonIgnore(Condition = WhenNull)]
    public int? Progress { get; init; }

    /// <summary>Why it is in ERROR.</summary>
    [JsonIgnore(Condition = WhenNull)]
    public FaultView? Fault { get; init; }

    /// <summary>The zone of its host.</summary>
    [WireName("OS-EXT-AZ:availability_zone"), JsonIgnore(Condition = WhenNull)]
    public string? Zone { get; init; }

    /// <summary>True or empty.</summary>
    [JsonIgnore(Condition = WhenNull)]
    public string? ConfigDrive { get; init; }

    /// <summary>The key pair's name.</summary>
    [JsonIgnore(Condition = WhenHidden)]
    public Shown<string?> KeyName { get; init; }

    /// <summary>When it ran first.</summary>
    [WireName("OS-SRV-USG:launched_at"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string?> LaunchedAt { get; init; }

    /// <summary>When its guest went.</summary>
    [WireName("OS-SRV-USG:terminated_at"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string?> TerminatedAt { get; init; }

    /// <summary>Of its interfaces.</summary>
    [JsonIgnore(Condition = WhenNull)]
    public IReadOnlyList<GroupView>? SecurityGroups { get; init; }

    /// <summary>The service of its host.</summary>
    [WireName("OS-EXT-SRV-ATTR:host"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string?> Host { get; init; }

    /// <summary>As the hypervisor knows it.</summary>
    [WireName("OS-EXT-SRV-ATTR:instance_name"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string> InstanceName { get; init; }

    /// <summary>The hypervisor's own name.</summary>
    [WireName("OS-EXT-SRV-ATTR:hypervisor_hostname"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string?> Node { get; init; }

    /// <summary>Shared by the servers of one request.</summary>
    [Since(3), WireName("OS-EXT-SRV-ATTR:reservation_id"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string> ReservationId { get; init; }

    /// <summary>Position in its request.</summary>
    [Since(3), WireName("OS-EXT-SRV-ATTR:launch_index"), JsonIgnore(Condition = WhenHidden)]
    public Shown<int> LaunchIndex { get; init; }

    /// <summary>Of images that boot with a kernel of their own.</summary>
    [Since(3), WireName("OS-EXT-SRV-ATTR:kernel_id"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string> KernelId { get; init; }

    /// <summary>Of images that boot with a kernel of their own.</summary>
    [Since(3), WireName("OS-EXT-SRV-ATTR:ramdisk_id"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string> RamdiskId { get; init; }

    /// <summary>The root disk.</summary>
    [Since(3), WireName("OS-EXT-SRV-ATTR:root_device_name"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string?> RootDeviceName { get; init; }

    /// <summary>base64, as sent.</summary>
    [Since(3), WireName("OS-EXT-SRV-ATTR:user_data"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string?> UserData { get; init; }

    /// <summary>What the guest is told to call itself: for administrators, from 2.90 for everybody.</summary>
    [Since(3), WireName("OS-EXT-SRV-ATTR:hostname"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string> Hostname { get; init; }

    /// <summary>What is being done to it.</summary>
    [WireName("OS-EXT-STS:task_state"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string?> TaskState { get; init; }

    /// <summary>The stable state.</summary>
    [WireName("OS-EXT-STS:vm_state"), JsonIgnore(Condition = WhenHidden)]
    public Shown<string> VmState { get; init; }

    /// <summary>The guest's power.</summary>
    [WireName("OS-EXT-STS:power_state"), JsonIgnore(Condition = WhenHidden)]
    public Shown<int> PowerState { get; init; }

    /// <summary>Its volumes.</summary>
    [WireName("os-extended-volumes:volumes_attached"), JsonIgnore(Condition = WhenNull)]
    public IReadOnlyList<VolumeView>? Volumes { get; init; }

    /// <summary>Whether it refuses changes.</summary>
    [Since(9)]
    public bool Locked { get; init; }

    /// <summary>Whether its host works.</summary>
    [Since(16), JsonIgnore(Condition = WhenNull)]
    public string? HostStatus { get; init; }

    /// <summary>Words for people.</summary>
    [Since(19)]
    public string? Description { get; init; }

    /// <summary>Labels.</summary>
    [Since(26)]
    public RawJson Tags { get; init; }

    /// <summary>Whose signature of the image was good.</summary>
    [Since(63)]
    public IReadOnlyList<string>? TrustedImageCertificates { get; init; }

    /// <summary>The groups that it is in; not in lists.</summary>
    [Since(71), JsonIgnore(Condition = WhenNull)]
    public IReadOnlyList<Guid>? ServerGroups { get; init; }

    /// <summary>Why it is locked.</summary>
    [Since(73)]
    public string? LockedReason { get; init; }

    /// <summary>The zone that it stays in.</summary>
    [Since(96)]
    public string? PinnedAvailabilityZone { get; init; }

    /// <summary>What its create told the scheduler.</summary>
    [Since(100)]
    public RawJson SchedulerHints { get; init; }
}
