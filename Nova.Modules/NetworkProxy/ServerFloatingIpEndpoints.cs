using Nova.Modules.Networks;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.NetworkProxy;

/// <summary>https://docs.openstack.org/api-ref/compute/#add-associate-floating-ip-addfloatingip-action-deprecated, until 2.43.</summary>
public sealed class ServerFloatingIpEndpoints(ServerAccess access, INetworkCatalog network) : IEndpoints
{
    private const int Last = 43;
    private const string Address = "/servers/{id}/action";
    private const string Rules = "os_compute_api:os-floating-ips:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Action(Address, "addFloatingIp", Add).Until(Last).Requires(Rules + "add");
        routes.Action(Address, "removeFloatingIp", Remove).Until(Last).Requires(Rules + "remove");
    }

    private async Task<Answer> Add(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<AddFloatingIpRequest>(ct)).Wanted;
        var server = await access.Load(caller, caller.Route("id"), Rules + "add", ct);
        var (port, address) = Fixed(server, asked);
        var floating = await Find(caller, asked.Address.Value, ct) ?? throw Fault.NotFound($"Floating IP not found for address {asked.Address.Value}.");
        try
        {
            await network.LeadFloatingIp(caller.Caller, floating.Id, port, address, ct);
        }
        catch (Fault fault) when (fault.Kind is FaultKind.BadRequest or FaultKind.NotFound or FaultKind.Conflict)
        {
            throw Fault.BadRequest(
                $"Unable to associate floating IP {asked.Address.Value} to fixed IP {address} for instance {server.Id}. Error: {fault.Text.ToString()}");
        }

        return Answer.Empty(202);
    }

    private async Task<Answer> Remove(RequestContext caller, CancellationToken ct)
    {
        var address = (await caller.Body<RemoveFloatingIpRequest>(ct)).Wanted.Address.Value;
        var server = await access.Load(caller, caller.Route("id"), Rules + "remove", ct);
        var floating = await Find(caller, address, ct) ?? throw Fault.NotFound($"floating IP not found");
        if (floating.Server != server.Id)
            throw Fault.Conflict($"Floating IP {address} is not associated with instance {server.Id}.");

        await network.LeadFloatingIp(caller.Caller, floating.Id, port: null, fixedAddress: null, ct);
        return Answer.Empty(202);
    }

    private static (Guid Port, string Address) Fixed(Server server, NewFloatingIp asked)
    {
        var all = server.Networks.SelectMany(port => port.Addresses, (port, fixedIp) => (port.PortId, fixedIp.Address)).ToList();
        if (server.Networks.Count == 0)
            throw Fault.BadRequest($"No nw_info cache associated with instance");
        if (all.Count == 0)
            throw Fault.BadRequest($"No fixed IPs associated to instance");
        if (asked.FixedAddress is { } named)
            return all.Find(pair => pair.Address == named.Value) is { Address: not null } found
                ? found
                : throw Fault.BadRequest($"Specified fixed address not assigned to instance");

        return all.Find(pair => !pair.Address.Contains(':', StringComparison.Ordinal)) is { Address: not null } first
            ? first
            : throw Fault.BadRequest($"Unable to associate floating IP {asked.Address.Value} to any fixed IPs for instance {server.Id}. Instance has no fixed IPv4 addresses to associate.");
    }

    private async Task<CatalogFloatingIp?> Find(RequestContext caller, string address, CancellationToken ct) =>
        (await network.FloatingIps(caller.Caller, ct)).FirstOrDefault(f => f.Address == address);
}

/// <summary>The action addFloatingIp.</summary>
public sealed record AddFloatingIpRequest
{
    /// <summary>Which, and where it leads.</summary>
    [Required, WireName("addFloatingIp")]
    public NewFloatingIp Wanted { get; set; } = null!;
}

/// <summary>A floating address for a server.</summary>
public sealed record NewFloatingIp
{
    /// <summary>The floating address.</summary>
    [Required]
    public FixedIp Address { get; set; }

    /// <summary>The server's fixed address; null takes its first of IPv4.</summary>
    [NotNull]
    public FixedIp? FixedAddress { get; set; }
}

/// <summary>The action removeFloatingIp.</summary>
public sealed record RemoveFloatingIpRequest
{
    /// <summary>Which.</summary>
    [Required, WireName("removeFloatingIp")]
    public OldFloatingIp Wanted { get; set; } = null!;
}

/// <summary>A floating address that leaves a server.</summary>
public sealed record OldFloatingIp
{
    /// <summary>The floating address.</summary>
    [Required]
    public FixedIp Address { get; set; }
}
