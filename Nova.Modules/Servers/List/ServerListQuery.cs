using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.List;

/// <summary>The query of both lists. Where a parameter is repeated its last value counts, but for status and the sort.</summary>
[StrictQuery(Since = 75, DroppedPrefix = "_")]
public sealed record ServerListQuery
{
    /// <summary>The creator.</summary>
    public string? UserId { get; set; }

    /// <summary>With all_tenants.</summary>
    public string? ProjectId { get; set; }

    /// <summary>The same by its old name.</summary>
    public string? TenantId { get; set; }

    /// <summary>Position in its request.</summary>
    public string? LaunchIndex { get; set; }

    /// <summary>The image.</summary>
    public string? ImageRef { get; set; }

    /// <summary>The image.</summary>
    public string? Image { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? KernelId { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? RamdiskId { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? Hostname { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? KeyName { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? PowerState { get; set; }

    /// <summary>The stable state.</summary>
    public string? VmState { get; set; }

    /// <summary>What is being done.</summary>
    public string? TaskState { get; set; }

    /// <summary>The host.</summary>
    public string? Host { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? Node { get; set; }

    /// <summary>The flavor's id.</summary>
    [Format("regex")]
    public string? Flavor { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? ReservationId { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? LaunchedAt { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? TerminatedAt { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? AvailabilityZone { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? Name { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? DisplayName { get; set; }

    /// <summary>Accepted; the original filters nothing by it.</summary>
    [Format("regex")]
    public string? Description { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? DisplayDescription { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? LockedBy { get; set; }

    /// <summary>The server.</summary>
    public string? Uuid { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? RootDeviceName { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? ConfigDrive { get; set; }

    /// <summary>Expression.</summary>
    [WireName("access_ip_v4"), Format("regex")]
    public string? AccessIpv4 { get; set; }

    /// <summary>Expression.</summary>
    [WireName("access_ip_v6"), Format("regex")]
    public string? AccessIpv6 { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? AutoDiskConfig { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? Progress { get; set; }

    /// <summary>In order; from 2.75 only those that mean something.</summary>
    [OneOf(
        "access_ip_v4", "access_ip_v6", "auto_disk_config", "availability_zone", "config_drive", "created_at", "display_description", "display_name",
        "host", "hostname", "image_ref", "instance_type_id", "kernel_id", "key_name", "launch_index", "launched_at", "locked_by", "node",
        "power_state", "progress", "project_id", "ramdisk_id", "root_device_name", "task_state", "terminated_at", "updated_at", "user_id", "uuid",
        "vm_state", "architecture", "cell_name", "cleaned", "default_ephemeral_device", "default_swap_device", "deleted", "deleted_at",
        "disable_terminate", "ephemeral_gb", "ephemeral_key_uuid", "id", "key_data", "launched_on", "locked", "memory_mb", "os_type",
        "reservation_id", "root_gb", "shutdown_terminate", "user_data", "vcpus", "vm_mode", Until = 74)]
    [OneOf(
        "node", "launched_at", "task_state", "key_name", "hostname", "access_ip_v6", "uuid", "progress", "display_name", "updated_at", "vm_state",
        "terminated_at", "locked_by", "availability_zone", "user_id", "instance_type_id", "access_ip_v4", "power_state", "project_id",
        "root_device_name", "display_description", "locked", "ramdisk_id", "auto_disk_config", "image_ref", "host", "launch_index", "config_drive",
        "created_at", "kernel_id", Since = 75)]
    public string[]? SortKey { get; set; }

    /// <summary>asc or desc, by key.</summary>
    public string[]? SortDir { get; set; }

    /// <summary>Those of all projects.</summary>
    public string? AllTenants { get; set; }

    /// <summary>Accepted.</summary>
    public string? SoftDeleted { get; set; }

    /// <summary>Deleted ones, for administrators.</summary>
    public string? Deleted { get; set; }

    /// <summary>Any of these.</summary>
    public string[]? Status { get; set; }

    /// <summary>Changed at this time or later, deleted ones too.</summary>
    [WireName("changes-since"), Format("date-time")]
    public string? ChangesSince { get; set; }

    /// <summary>Changed at this time or earlier, deleted ones too.</summary>
    [Since(66), WireName("changes-before"), Format("date-time")]
    public string? ChangesBefore { get; set; }

    /// <summary>Expression for the beginning of an IPv4 address.</summary>
    [Format("regex")]
    public string? Ip { get; set; }

    /// <summary>Expression for the beginning of an IPv6 address.</summary>
    [WireName("ip6"), Format("regex")]
    public string? Ip6 { get; set; }

    /// <summary>Expression.</summary>
    [Format("regex")]
    public string? CreatedAt { get; set; }

    /// <summary>Accepted and dropped, as the next ones.</summary>
    public string? BlockDeviceMapping { get; set; }

    /// <summary>Dropped.</summary>
    public string? Services { get; set; }

    /// <summary>Dropped.</summary>
    public string? Metadata { get; set; }

    /// <summary>Dropped.</summary>
    public string? SystemMetadata { get; set; }

    /// <summary>Dropped.</summary>
    public string? InfoCache { get; set; }

    /// <summary>Dropped.</summary>
    public string? SecurityGroups { get; set; }

    /// <summary>Dropped.</summary>
    public string? PciDevices { get; set; }

    /// <summary>All of these.</summary>
    [Since(26), Format("regex")]
    public string? Tags { get; set; }

    /// <summary>One of these.</summary>
    [Since(26), WireName("tags-any"), Format("regex")]
    public string? TagsAny { get; set; }

    /// <summary>Not all of these.</summary>
    [Since(26), WireName("not-tags"), Format("regex")]
    public string? NotTags { get; set; }

    /// <summary>None of these.</summary>
    [Since(26), WireName("not-tags-any"), Format("regex")]
    public string? NotTagsAny { get; set; }

    /// <summary>Whether it is locked.</summary>
    [Since(73)]
    public string? Locked { get; set; }

    /// <summary>The most items.</summary>
    [Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<int>? Limit { get; set; }

    /// <summary>The last item of the page before.</summary>
    public string? Marker { get; set; }
}
