using Nova.Modules.Networks;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Interfaces;

/// <summary>POST /servers/{id}/os-interface.</summary>
public sealed record AttachInterfaceRequest
{
    /// <summary>What is attached; absent takes the project's one network.</summary>
    [WireName("interfaceAttachment"), NotNull]
    public NewInterface? Interface { get; set; }
}

/// <summary>An interface to be attached.</summary>
public sealed record NewInterface
{
    /// <summary>The network on which a port is made.</summary>
    [NotNull, Format("uuid")]
    public string? NetId { get; set; }

    /// <summary>A port that exists.</summary>
    [NotNull, Format("uuid")]
    public string? PortId { get; set; }

    /// <summary>The address of a port that is made; one.</summary>
    [NotNull, Items(1, 1)]
    public IReadOnlyList<NewInterfaceAddress>? FixedIps { get; set; }

    /// <summary>By which the guest knows it.</summary>
    [Since(49), NotNull, Pattern(TagRules.Pattern), Length(1, TagRules.MaxLength)]
    public string? Tag { get; set; }
}

/// <summary>An address that is asked for.</summary>
public sealed record NewInterfaceAddress
{
    /// <summary>IPv4 or IPv6.</summary>
    [Required]
    public FixedIp IpAddress { get; set; }
}

/// <summary>All interfaces of a server.</summary>
public sealed record InterfaceListResponse([property: WireName("interfaceAttachments")] IReadOnlyList<InterfaceView> Interfaces);

/// <summary>One interface.</summary>
public sealed record InterfaceResponse([property: WireName("interfaceAttachment")] InterfaceView Interface);

/// <summary>An interface of a server.</summary>
public sealed record InterfaceView
{
    /// <summary>Its addresses.</summary>
    public required IReadOnlyList<InterfaceAddress> FixedIps { get; init; }

    /// <summary>Lower-case, colon separated.</summary>
    public required string MacAddr { get; init; }

    /// <summary>The network.</summary>
    public required Guid NetId { get; init; }

    /// <summary>The port.</summary>
    public required Guid PortId { get; init; }

    /// <summary>ACTIVE while the server is on a host.</summary>
    public required string PortState { get; init; }

    /// <summary>The device tag, or null.</summary>
    [Since(70)]
    public string? Tag { get; init; }

    /// <summary>A port as the server's row has it.</summary>
    public static InterfaceView Of(Server server, PortBinding port) => new()
    {
        FixedIps = [.. port.Addresses.Select(a => new InterfaceAddress(a.Address, a.SubnetId))],
        MacAddr = port.Mac,
        NetId = port.NetworkId,
        PortId = port.PortId,
        PortState = server.HostId is null ? "DOWN" : "ACTIVE",
        Tag = port.Tag,
    };
}

/// <summary>An address of an interface.</summary>
public sealed record InterfaceAddress(string IpAddress, Guid SubnetId);
