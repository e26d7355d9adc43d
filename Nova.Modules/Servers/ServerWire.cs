using System.Text.Json.Serialization;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers;

/// <summary>PUT /servers/{id}.</summary>
public sealed record UpdateServerRequest
{
    /// <summary>The change.</summary>
    [Required]
    public ServerChange Server { get; set; } = null!;
}

/// <summary>What of a server may be changed at any time.</summary>
public sealed record ServerChange
{
    /// <summary>The display name.</summary>
    [NotNull, Format("name_with_leading_trailing_spaces", Until = 0), Format("name", Since = 1), Length(1, 255)]
    public string? Name { get; set; }

    /// <summary>AUTO or MANUAL.</summary>
    [WireName("OS-DCF:diskConfig"), NotNull, OneOf("AUTO", "MANUAL")]
    public string? DiskConfig { get; set; }

    /// <summary>An address that the user knows of.</summary>
    [WireName("accessIPv4"), NotNull, Format("ipv4")]
    public string? AccessIpv4 { get; set; }

    /// <summary>An address that the user knows of.</summary>
    [WireName("accessIPv6"), NotNull, Format("ipv6")]
    public string? AccessIpv6 { get; set; }

    /// <summary>Words for people; null removes them.</summary>
    [Since(19)]
    public SentDescription Description { get; set; }

    /// <summary>What the guest is told to call itself.</summary>
    [Since(90), NotNull]
    [Pattern("^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$", Until = 93), Length(2, 63, Until = 93)]
    [Pattern("^[a-zA-Z0-9-._]*$", Since = 94), Length(1, 255, Since = 94)]
    public string? Hostname { get; set; }

    /// <summary>Null lets the server move between zones; its own zone keeps it there.</summary>
    [Since(104)]
    public SentZone PinnedAvailabilityZone { get; set; }
}

/// <summary>The query of calls that know no parameter.</summary>
[StrictQuery(Since = 102)]
public sealed record NoServerQuery;

/// <summary>One server.</summary>
public sealed record ServerResponse(ServerView Server);

/// <summary>A page of servers.</summary>
public sealed record ServerListResponse<T>(
    IReadOnlyList<T> Servers,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Link>? ServersLinks);

/// <summary>A server in the short list.</summary>
public sealed record ServerSummary(Guid Id, string Name, IReadOnlyList<Link> Links);

/// <summary>The image of a server.</summary>
public sealed record ImageLink(
    string Id,
    IReadOnlyList<Link> Links,
    [property: Since(98)] IReadOnlyDictionary<string, string> Properties);

/// <summary>The flavor of a server, until 2.46 only where it is.</summary>
public sealed record FlavorCopy
{
    /// <summary>The flavor's id.</summary>
    [Until(46)]
    public required string Id { get; init; }

    /// <summary>Where it is, if it still is.</summary>
    [Until(46)]
    public required IReadOnlyList<Link> Links { get; init; }

    /// <summary>The name at the time of the create.</summary>
    [Since(47)]
    public required string OriginalName { get; init; }

    /// <summary>Virtual CPUs.</summary>
    [Since(47)]
    public required int Vcpus { get; init; }

    /// <summary>MiB.</summary>
    [Since(47)]
    public required int Ram { get; init; }

    /// <summary>GiB.</summary>
    [Since(47)]
    public required int Disk { get; init; }

    /// <summary>GiB.</summary>
    [Since(47)]
    public required int Ephemeral { get; init; }

    /// <summary>MiB.</summary>
    [Since(47)]
    public required int Swap { get; init; }

    /// <summary>For those who may see them.</summary>
    [Since(47), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? ExtraSpecs { get; init; }
}

/// <summary>One address of a server.</summary>
public record AddressView(int Version, string Addr);

/// <summary>One address with its interface, which is left out where the core of a server is shown.</summary>
public sealed record PortAddressView(
    int Version,
    string Addr,
    [property: WireName("OS-EXT-IPS:type"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Type,
    [property: WireName("OS-EXT-IPS-MAC:mac_addr"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Mac) : AddressView(Version, Addr);

/// <summary>A security group of a server.</summary>
public sealed record GroupView(string Name);

/// <summary>A volume of a server.</summary>
public sealed record VolumeView(string Id, [property: Since(3)] bool DeleteOnTermination);

/// <summary>Why a server is in ERROR.</summary>
public sealed record FaultView(
    int Code,
    string Created,
    string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Details);
