using Nova.Modules.Compute;
using Nova.Modules.Images;
using Nova.Modules.Networks;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Create;

/// <summary>What a create asks for, with flavor, image and key already looked up.</summary>
public sealed record NewServers
{
    /// <summary>The name; several servers get <c>-1</c>, <c>-2</c> … behind it.</summary>
    public required string Name { get; init; }

    /// <summary>The flavor.</summary>
    public required ServerFlavor Flavor { get; init; }

    /// <summary>What flavor, image and hints want of a host; the flavor's sizes alone when it is not said.</summary>
    public ServerNeeds Needs { get => field ??= new() { Resources = Resources.Of(Flavor) }; init; }

    /// <summary>The image, or null.</summary>
    public ImageInfo? Image { get; init; }

    /// <summary>The interfaces.</summary>
    public required NetworkRequest Networks { get; init; }

    /// <summary>At least so many servers, or none.</summary>
    public int MinCount { get; init; } = 1;

    /// <summary>So many if quota allows.</summary>
    public int MaxCount { get; init; } = 1;

    /// <summary>The key pair's name.</summary>
    public string? KeyName { get; init; }

    /// <summary>The key.</summary>
    public string? PublicKey { get; init; }

    /// <summary>ssh or x509.</summary>
    public string? KeyType { get; init; }

    /// <summary>base64, as sent.</summary>
    public string? UserData { get; init; }

    /// <summary>Metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The zone, or null.</summary>
    public string? Zone { get; init; }

    /// <summary>A host, or null.</summary>
    public string? Host { get; init; }

    /// <summary>A node, or null.</summary>
    public string? Node { get; init; }

    /// <summary>True for the zone:host:node form of availability_zone.</summary>
    public bool ForcedByZone { get; init; }

    /// <summary>Attach a config drive.</summary>
    public bool ConfigDrive { get; init; }

    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary>The host name, or null to derive it from the name.</summary>
    public string? Hostname { get; init; }

    /// <summary>The guest's password.</summary>
    public Secret? AdminPass { get; init; }

    /// <summary>Files for the guest.</summary>
    public IReadOnlyList<GuestFile> Files { get; init; } = [];

    /// <summary>JSON of the scheduler hints, or null.</summary>
    public string? SchedulerHints { get; init; }

    /// <summary>The server group that they join, or null.</summary>
    public GroupRequest? Group { get; init; }

    /// <summary>Trusted image certificates, or null.</summary>
    public IReadOnlyList<string>? TrustedImageCertificates { get; init; }

    /// <summary>AUTO or MANUAL.</summary>
    public string DiskConfig { get; init; } = "MANUAL";

    /// <summary>accessIPv4, or null.</summary>
    public string? AccessIpv4 { get; init; }

    /// <summary>accessIPv6, or null.</summary>
    public string? AccessIpv6 { get; init; }
}

/// <summary>What was accepted.</summary>
/// <param name="Servers">The servers, durable.</param>
/// <param name="ReservationId">Shared by all of them.</param>
public sealed record AcceptedServers(IReadOnlyList<Server> Servers, string ReservationId);
