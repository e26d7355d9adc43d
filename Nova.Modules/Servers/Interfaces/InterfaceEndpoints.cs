using Nova.Modules.Networks;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Interfaces;

/// <summary>https://docs.openstack.org/api-ref/compute/#port-interfaces-servers-os-interface. Shown as the server's row has them.</summary>
public sealed class InterfaceEndpoints(ServerAccess access) : IEndpoints
{
    private const string Rules = "os_compute_api:os-attach-interfaces:";
    private const string All = "/servers/{server_id}/os-interface";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(All, Index).Requires(Rules + "list");
        routes.Get(All + "/{id}", Show).Requires(Rules + "show");
    }

    private async Task<Answer> Index(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var server = await access.Load(caller, caller.Route("server_id"), Rules + "list", ct);
        return Answer.Json(new InterfaceListResponse([.. server.Networks.Select(port => InterfaceView.Of(server, port))]));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var server = await access.Load(caller, caller.Route("server_id"), Rules + "show", ct);
        var id = caller.Route("id");
        var port = (Guid.TryParse(id, out var portId) ? server.Networks.FirstOrDefault(p => p.PortId == portId) : null)
            ?? throw Fault.NotFound($"Instance {server.Id} does not have a port with id {id}");
        return Answer.Json(new InterfaceResponse(InterfaceView.Of(server, port)));
    }
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
