using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Create;

/// <summary>POST /servers.</summary>
public sealed record CreateServersRequest
{
    /// <summary>The servers, all alike.</summary>
    [Required]
    public NewServer Server { get; set; } = null!;

    /// <summary>What the scheduler is to heed.</summary>
    [WireName("os:scheduler_hints")]
    public SchedulerHints? Hints { get; set; }

    /// <summary>The older name of the same.</summary>
    [WireName("OS-SCH-HNT:scheduler_hints")]
    public SchedulerHints? OldHints { get; set; }
}

/// <summary>What the client asks for.</summary>
public sealed record NewServer
{
    private const string CountPattern = "^[0-9]*$";
    private const int MaxUserData = 65535;

    /// <summary>Of several servers each gets a number behind it.</summary>
    [Required, Format("name_with_leading_trailing_spaces", Until = 0), Format("name", Since = 1), Length(1, 255)]
    public string Name { get; set; } = "";

    /// <summary>The image's id.</summary>
    [WireName("imageRef")]
    public ImageRef? Image { get; set; }

    /// <summary>The flavor's id, or its address.</summary>
    [Required, WireName("flavorRef")]
    public FlavorRef Flavor { get; set; }

    /// <summary>Made up when absent.</summary>
    [WireName("adminPass"), NotNull]
    public string? AdminPass { get; set; }

    /// <summary>The user's key and value pairs.</summary>
    [NotNull, Keys(MetadataRules.Names), Length(0, 255)]
    public IReadOnlyDictionary<string, string>? Metadata { get; set; }

    /// <summary>A list; from 2.37 also none or auto, and no longer absent.</summary>
    [Required(Since = 37)]
    public RequestedNetworks? Networks { get; set; }

    /// <summary>Whether the guest resizes its file system.</summary>
    [WireName("OS-DCF:diskConfig"), NotNull, OneOf("AUTO", "MANUAL")]
    public string? DiskConfig { get; set; }

    /// <summary>An address that the user knows of.</summary>
    [WireName("accessIPv4"), NotNull, Format("ipv4")]
    public string? AccessIpv4 { get; set; }

    /// <summary>An address that the user knows of.</summary>
    [WireName("accessIPv6"), NotNull, Format("ipv6")]
    public string? AccessIpv6 { get; set; }

    /// <summary>Files to be put into the guest.</summary>
    [Until(56), NotNull]
    public IReadOnlyList<InjectedFile>? Personality { get; set; }

    /// <summary>A zone; for administrators also zone:host:node.</summary>
    [NotNull, Format("name_with_leading_trailing_spaces", Until = 0), Format("name", Since = 1), Length(1, 255)]
    public string? AvailabilityZone { get; set; }

    /// <summary>Volumes, in the old form.</summary>
    [NotNull]
    public IReadOnlyList<OldBlockDevice>? BlockDeviceMapping { get; set; }

    /// <summary>Disks and volumes.</summary>
    [WireName("block_device_mapping_v2"), NotNull]
    public IReadOnlyList<BlockDevice>? BlockDevices { get; set; }

    /// <summary>Metadata on a disk instead of over the network.</summary>
    [NotNull]
    public Loose<bool>? ConfigDrive { get; set; }

    /// <summary>The user's key pair.</summary>
    [NotNull, Format("name_with_leading_trailing_spaces", Until = 0), Format("name", Since = 1), Length(1, 255)]
    public string? KeyName { get; set; }

    /// <summary>At least so many, or none.</summary>
    [NotNull, Pattern(CountPattern), Range(1), Length(1)]
    public Loose<int>? MinCount { get; set; }

    /// <summary>So many if quota allows.</summary>
    [NotNull, Pattern(CountPattern), Range(1), Length(1)]
    public Loose<int>? MaxCount { get; set; }

    /// <summary>Answer the reservation instead of the server.</summary>
    [NotNull]
    public Loose<bool>? ReturnReservationId { get; set; }

    /// <summary>Of the ports that are made.</summary>
    [NotNull]
    public IReadOnlyList<GroupName>? SecurityGroups { get; set; }

    /// <summary>For the guest's first boot, in base64.</summary>
    [NotNull(Since = 1), Format("base64"), Length(0, MaxUserData)]
    public string? UserData { get; set; }

    /// <summary>Words for people; before 2.19 the name stood there.</summary>
    [Since(19), Length(0, 255), Format("description")]
    public string? Description { get; set; }

    /// <summary>Labels.</summary>
    [Since(52), NotNull, Pattern(TagRules.Pattern), Length(1, TagRules.MaxLength), Items(0, TagRules.MostTags)]
    public IReadOnlyList<string>? Tags { get; set; }

    /// <summary>Whose signature of the image is good.</summary>
    [Since(63), Items(1, 50), UniqueItems, Length(1)]
    public IReadOnlyList<string>? TrustedImageCertificates { get; set; }

    /// <summary>The host that an administrator wants.</summary>
    [Since(74), NotNull, Pattern("^[a-zA-Z0-9-._]*$"), Length(1, 255)]
    public string? Host { get; set; }

    /// <summary>The node that an administrator wants.</summary>
    [Since(74), NotNull, Pattern("^[a-zA-Z0-9-._]*$"), Length(1, 255)]
    public string? HypervisorHostname { get; set; }

    /// <summary>What the guest calls itself.</summary>
    [Since(90), NotNull]
    [Pattern("^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$", Until = 93), Length(2, 63, Until = 93)]
    [Pattern("^[a-zA-Z0-9-._]*$", Since = 94), Length(1, 255, Since = 94)]
    public string? Hostname { get; set; }
}

/// <summary>A file for the guest.</summary>
public sealed record InjectedFile
{
    /// <summary>Where.</summary>
    [NotNull]
    public string? Path { get; set; }

    /// <summary>base64.</summary>
    [NotNull, Format("base64")]
    public string? Contents { get; set; }
}

/// <summary>A security group by name or id.</summary>
public sealed record GroupName
{
    /// <summary>Name or id.</summary>
    [NotNull, Format("name_with_leading_trailing_spaces", Until = 0), Format("name", Since = 1), Length(1, 255)]
    public string? Name { get; set; }
}

/// <summary>One of <c>networks</c>.</summary>
public sealed record RequestedNetwork
{
    /// <summary>An address of the network.</summary>
    public FixedIp? FixedIp { get; set; }

    /// <summary>A port that exists.</summary>
    [Format("uuid")]
    public string? Port { get; set; }

    /// <summary>The network.</summary>
    [NotNull, Format("uuid", Since = 37)]
    public string? Uuid { get; set; }

    /// <summary>By which the guest knows the interface.</summary>
    [Since(42), NotNull, Pattern(TagRules.Pattern), Length(1, TagRules.MaxLength)]
    public string? Tag { get; set; }

    /// <summary>The same in the one version that had it before it was taken back.</summary>
    [Since(32), Until(36), WireName("tag"), NotNull, Pattern(TagRules.Pattern), Length(1, TagRules.MaxLength)]
    public string? EarlyTag { get; set; }
}

/// <summary>The hints that are known; others are kept as they are.</summary>
[Open]
public sealed record SchedulerHints
{
    /// <summary>A server group.</summary>
    public UuidOrUuids? Group { get; set; }

    /// <summary>Not where these are.</summary>
    public UuidOrUuids? DifferentHost { get; set; }

    /// <summary>Where these are.</summary>
    public UuidsOrText? SameHost { get; set; }

    /// <summary>An expression.</summary>
    public TextOrObject? Query { get; set; }

    /// <summary>A cell.</summary>
    [NotNull, Format("name"), Length(1, 255)]
    public string? TargetCell { get; set; }

    /// <summary>Not these cells.</summary>
    public TextOrTexts? DifferentCell { get; set; }

    /// <summary>Near this host.</summary>
    public FixedIp? BuildNearHostIp { get; set; }

    /// <summary>How near.</summary>
    [NotNull, Pattern("^/[0-9a-f.:]+$")]
    public string? Cidr { get; set; }

    /// <summary>Hints of other filters.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>The answer to a create.</summary>
public sealed record CreatedResponse(CreatedServer Server);

/// <summary>The answer to a create that asked for its reservation.</summary>
public sealed record ReservationResponse(string ReservationId);

/// <summary>What a create tells of its first server.</summary>
public sealed record CreatedServer
{
    /// <summary>The server.</summary>
    public required Guid Id { get; init; }

    /// <summary>Where it is.</summary>
    public required IReadOnlyList<Link> Links { get; init; }

    /// <summary>AUTO or MANUAL.</summary>
    [WireName("OS-DCF:diskConfig")]
    public required string DiskConfig { get; init; }

    /// <summary>As asked for, or default.</summary>
    public required IReadOnlyList<GroupName> SecurityGroups { get; init; }

    /// <summary>Told only this once.</summary>
    [WireName("adminPass"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AdminPass { get; init; }
}
