using Nova.Modules.Networks;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Interfaces;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#add-associate-fixed-ip-addfixedip-action-deprecated, until 2.43. Addresses of ports are rows:
/// they have changed when the answer is given, and the host follows.
/// </summary>
public sealed class FixedIpEndpoints(ServerAccess access, Database database, ITransactionalNetwork network) : IEndpoints
{
    private const string Address = "/servers/{id}/action";
    private const string Rules = "os_compute_api:os-multinic:";
    private const int LastVersion = 43;

    // The published table of states does not have these actions: only a lock refuses them.
    private static readonly StateRule Anytime = new("servers.action.addFixedIp / removeFixedIp", "change fixed IPs") { During = null, NeedsLaunched = false };

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Action(Address, "addFixedIp", Add).Until(LastVersion).Requires(Rules + "add");
        routes.Action(Address, "removeFixedIp", Remove).Until(LastVersion).Requires(Rules + "remove");
    }

    private async Task<Answer> Add(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<AddFixedIpRequest>(ct)).Wanted;
        var server = await access.Load(caller, caller.Route("id"), Rules + "add", Anytime, ct);
        if (!Guid.TryParse(asked.NetworkId.Value, out var id) || !await database.Write(tx => network.AddAddress(tx, server.Id, id), ct))
            throw Fault.NotFound($"Network could not be found for instance {server.Id}.");
        return Answer.Empty(202);
    }

    private async Task<Answer> Remove(RequestContext caller, CancellationToken ct)
    {
        var address = (await caller.Body<RemoveFixedIpRequest>(ct)).Unwanted.Address.Value;
        var server = await access.Load(caller, caller.Route("id"), Rules + "remove", Anytime, ct);
        if (!await database.Write(tx => network.RemoveAddress(tx, server.Id, address), ct))
            throw Fault.BadRequest($"Instance {server.Id} does not have fixed IP '{address}'.");
        return Answer.Empty(202);
    }
}

/// <summary>The action addFixedIp.</summary>
public sealed record AddFixedIpRequest
{
    /// <summary>Where.</summary>
    [Required, WireName("addFixedIp")]
    public WantedFixedIp Wanted { get; set; } = null!;
}

/// <summary>The network of an address.</summary>
public sealed record WantedFixedIp
{
    /// <summary>The network's id; numbers are taken too, and name none.</summary>
    [Required, WireName("networkId")]
    public NetworkKey NetworkId { get; set; }
}

/// <summary>The action removeFixedIp.</summary>
public sealed record RemoveFixedIpRequest
{
    /// <summary>Which.</summary>
    [Required, WireName("removeFixedIp")]
    public UnwantedFixedIp Unwanted { get; set; } = null!;
}

/// <summary>An address.</summary>
public sealed record UnwantedFixedIp
{
    /// <summary>IPv4 or IPv6.</summary>
    [Required]
    public FixedIp Address { get; set; }
}
