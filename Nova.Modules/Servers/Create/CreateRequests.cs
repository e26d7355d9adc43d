using System.Text.Json;
using Nova.Modules.Images;
using Nova.Modules.Networks;
using Nova.Modules.Quotas;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Create;

/// <summary>Turns what a client sent into what is created, with every check of the original and in its words.</summary>
public sealed class CreateRequests(BootLookups lookups, IImageStore images, QuotaStore quotas, NeedsReader needs, CreateOptions options)
{
    private const string Rules = "os_compute_api:servers:create:";

    /// <summary>The servers to be made.</summary>
    /// <exception cref="Fault">400, 403 or 409.</exception>
    public async Task<NewServers> Read(RequestContext caller, CreateServersRequest request, CancellationToken ct)
    {
        var asked = request.Server;
        var (minCount, maxCount) = Counts(asked);
        var place = await Place(caller, asked, ct);
        var networks = NetworksOf(caller, asked);
        CheckDisks(caller, asked);
        if (asked.TrustedImageCertificates is not null)
            caller.Require(Rules + "trusted_certs");

        var flavorId = asked.Flavor.Value[(asked.Flavor.Value.LastIndexOf('/') + 1)..];
        var flavor = await lookups.Flavor(caller, flavorId, ct) ?? throw Fault.BadRequest($"Flavor {flavorId} could not be found.");
        var image = await Image(caller, asked, flavor, ct);
        var keypair = asked.KeyName is { } name
            ? await lookups.Keypair(caller.Caller.UserId, name.Trim(), ct) ?? throw Fault.BadRequest($"Invalid key_name provided.")
            : null;
        await CheckQuotas(caller, asked, ct);

        return new()
        {
            Name = asked.Name.Trim(),
            Flavor = flavor,
            Needs = needs.Of(flavor, image, Hints(request), asked.TrustedImageCertificates is { Count: > 0 }),
            Image = image,
            Networks = networks,
            MinCount = minCount,
            MaxCount = maxCount,
            KeyName = keypair?.Name,
            PublicKey = keypair?.PublicKey,
            KeyType = keypair?.Type,
            UserData = string.IsNullOrEmpty(asked.UserData) ? null : asked.UserData,
            Metadata = asked.Metadata ?? new Dictionary<string, string>(),
            Tags = asked.Tags is { Count: > 0 } tags ? [.. tags.Distinct()] : [],
            Zone = place.Zone,
            Host = place.Host,
            Node = place.Node,
            ForcedByZone = place.IsForced,
            ConfigDrive = asked.ConfigDrive == true || image.Properties.GetValueOrDefault("img_config_drive") == "mandatory",
            Description = caller.Since(19) ? asked.Description : asked.Name.Trim(),
            Hostname = asked.Hostname,
            AdminPass = new(asked.AdminPass ?? AdminPasswords.New()),
            SchedulerHints = Hints(request),
            Group = await Group(caller, request, ct),
            TrustedImageCertificates = asked.TrustedImageCertificates,
            Files = InjectionLimits.Files(asked.Personality),
            DiskConfig = DiskConfig(asked, image),
            AccessIpv4 = asked.AccessIpv4,
            AccessIpv6 = AccessAddress.Short(asked.AccessIpv6),
        };
    }

    private (int Min, int Max) Counts(NewServer asked)
    {
        var min = asked.MinCount?.Value ?? 1;
        var max = asked.MaxCount?.Value ?? min;
        if (min > max)
            throw Fault.BadRequest($"min_count must be <= max_count");
        if (max > options.MaxServersPerRequest)
            throw Fault.BadRequest($"max_count must be at most {options.MaxServersPerRequest}: one request cannot create more servers.");
        return (min, max);
    }

    private async ValueTask<RequestedPlace> Place(RequestContext caller, NewServer asked, CancellationToken ct)
    {
        var place = ZoneForm(asked.AvailabilityZone?.Trim());
        if (place.IsForced)
            caller.Require(Rules + "forced_host");
        if (asked.Host is not null || asked.HypervisorHostname is not null)
        {
            if (place.IsForced)
                throw Fault.BadRequest($"One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are mutually exclusive.");
            caller.Require("compute:servers:create:requested_destination");
            place = place with { Host = asked.Host, Node = asked.HypervisorHostname };
            await CheckHost(asked.Host, asked.HypervisorHostname, ct);
        }

        if (place.Zone is { } zone && !place.IsForced && !(await lookups.Hosts(ct)).Any(h => h.Zone == zone && !h.Disabled))
            throw Fault.BadRequest($"The requested availability zone is not available");
        return place;
    }

    // zone:host, zone:host:node or zone::node; the zone may be empty.
    private RequestedPlace ZoneForm(string? text)
    {
        var parts = text is null ? [""] : text.Split(':');
        var zone = parts[0].Length > 0 ? parts[0] : options.DefaultZone.Length > 0 ? options.DefaultZone : null;
        return parts switch
        {
            [_] => new(zone, null, null, false),
            [_, var host] => new(zone, host, null, true),
            [_, "", var node] => new(zone, null, node, true),
            [_, var host, var node] => new(zone, host, node, true),
            _ => throw Fault.BadRequest($"Invalid input received: Unable to parse availability_zone"),
        };
    }

    private async ValueTask CheckHost(string? host, string? node, CancellationToken ct)
    {
        var hosts = await lookups.Hosts(ct);
        if (host is not null && !hosts.Any(h => h.Host == host))
            throw Fault.BadRequest($"Compute host {host} could not be found.");
        if (host is null && node is not null && !hosts.Any(h => h.Host == node))
            throw Fault.BadRequest($"Compute host {node} could not be found.");
    }

    private static NetworkRequest NetworksOf(RequestContext caller, NewServer asked)
    {
        IReadOnlyList<string> groups = asked.SecurityGroups is null ? [] : [.. asked.SecurityGroups.Select(g => g.Name).OfType<string>().Distinct()];
        if (asked.Networks is not { } networks || networks is { Word: null, List.Count: 0 })
            return NetworkRequest.Auto with { IsOmitted = !caller.Since(37), SecurityGroups = groups };
        if (networks.Word == "none")
            return NetworkRequest.None;

        caller.Require(Rules + "attach_network");
        return networks.Word == "auto"
            ? NetworkRequest.Auto with { SecurityGroups = groups }
            : new() { Nics = [.. networks.List.Select(Nic)], SecurityGroups = groups };
    }

    private static NicRequest Nic(RequestedNetwork asked)
    {
        var tag = asked.Tag ?? asked.EarlyTag;
        if (asked.Port is { } port)
        {
            if (asked.FixedIp is { } address)
                throw Fault.BadRequest($"Specified Fixed IP '{address.Value}' cannot be used with port '{port}': the two cannot be specified together.");
            return new(null, null, port, tag);
        }

        var network = asked.Uuid ?? throw Fault.BadRequest($"Bad network format: missing 'uuid'");
        if (!Guid.TryParse(network, out _))
            throw Fault.BadRequest($"Bad networks format: network uuid is not in proper format ({network})");
        return new(network, asked.FixedIp?.Value, null, tag);
    }

    // The one disk that clients may spell out is the one that a server of an image has anyway.
    private static void CheckDisks(RequestContext caller, NewServer asked)
    {
        if (asked.BlockDeviceMapping is not { Count: > 0 } && asked.BlockDevices is not { Count: > 0 })
            return;

        caller.Require(Rules + "attach_volume");
        if (asked.BlockDeviceMapping is { Count: > 0 } || !asked.BlockDevices!.All(d => IsRootDisk(d, asked.Image?.Value)))
            throw Fault.BadRequest($"Block Device Mapping is Invalid: servers with volumes or further disks are not supported by this cloud.");
    }

    private static bool IsRootDisk(BlockDevice disk, string? image) =>
        disk is { SourceType: "image", DestinationType: "local" or null } && disk.BootIndex?.Value == 0 && image is not null && (disk.Uuid ?? disk.ImageId) == image;

    private async ValueTask<ImageInfo> Image(RequestContext caller, NewServer asked, ServerFlavor flavor, CancellationToken ct)
    {
        if (asked.Image is not { Value: { Length: > 0 } id })
            throw Fault.BadRequest($"Missing imageRef attribute");

        var image = await images.Find(caller.Caller, id, ct) ?? throw Fault.BadRequest($"Can not find requested image");
        if (image.Status != "active")
            throw Fault.BadRequest($"Image {id} is not active.");
        ImageFit.Check(caller, image, flavor);
        return image;
    }

    private async ValueTask CheckQuotas(RequestContext caller, NewServer asked, CancellationToken ct)
    {
        var limits = await quotas.Limits(caller.ProjectId, ct, caller.Caller.UserId);
        InjectionLimits.Check(limits, asked.Metadata, asked.Personality);
    }

    private static string? Hints(CreateServersRequest request)
    {
        if ((request.Hints ?? request.OldHints) is not { } hints)
            return null;
        var json = JsonSerializer.Serialize(hints, HintJson);
        return json == "{}" ? null : json;
    }

    // One group, or a list of one; an empty one asks for none.
    private async ValueTask<GroupRequest?> Group(RequestContext caller, CreateServersRequest request, CancellationToken ct)
    {
        if ((request.Hints ?? request.OldHints)?.Group is not { Value: var asked } || (asked.ValueKind == JsonValueKind.Array && asked.GetArrayLength() == 0))
            return null;

        var only = asked.ValueKind == JsonValueKind.Array && asked.GetArrayLength() == 1 ? asked[0] : asked;
        return (only.ValueKind == JsonValueKind.String && Guid.TryParse(only.GetString(), out var id) ? await lookups.Group(caller, id, ct) : null)
            ?? throw Fault.BadRequest($"Instance group {PythonText.Plain(only)} could not be found.");
    }

    private static string DiskConfig(NewServer asked, ImageInfo image)
    {
        var ofImage = image.Properties.GetValueOrDefault("auto_disk_config");
        if (asked.DiskConfig == "AUTO" && "disabled".Equals(ofImage, StringComparison.OrdinalIgnoreCase))
            throw Fault.BadRequest($"Requested image {image.Id} has automatic disk resize disabled.");
        return asked.DiskConfig ?? (ofImage is not null && LooseBool.Parse(ofImage) == true ? "AUTO" : "MANUAL");
    }

    private static readonly JsonSerializerOptions HintJson = new(WireJson.For(Microversion.Max))
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly record struct RequestedPlace(string? Zone, string? Host, string? Node, bool IsForced);
}
