using Nova.Drivers.Network.Embedded.Qos;
using Nova.Modules.Identity;
using Nova.Modules.Networks;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>What an attach asks of networks and ports, checked in the original's words, and turned into the interface that the server gets.</summary>
public sealed class AttachPlanner(Db database, PictureCache pictures, DefaultGroups defaultGroups, IPolicy policy, Ids ids)
{
    private const string AttachExternal = "network:attach_external_network";

    /// <summary>As <see cref="INetworkProvider.PlanAttach"/> says.</summary>
    public async Task<PlannedNic> Plan(Caller caller, AttachRequest request, CancellationToken ct)
    {
        var picture = await pictures.Get(ct);
        if (request.PortId is not null)
            return await Existing(caller, request, picture, ct);

        var network = request.NetworkId is { } id ? Named(caller, id, picture) : Only(request, picture);
        if (network.Row is { External: true, Shared: false } && !policy.Allows(caller, AttachExternal, PolicyTarget.Of(caller)))
            throw Fault.Forbidden($"It is not allowed to create an interface on external network {network.Row.Id}");
        if (network.Subnets.Count == 0)
            throw Fault.BadRequest($"Network {network.Row.Id} requires a subnet in order to boot instances on.");
        if (request.FixedIp is { } wanted && !(IpNumber.TryParse(wanted, out var number) && network.Subnets.Any(s => s.Cidr.Contains(number))))
            throw Fault.BadRequest($"Invalid input received: Fixed IP {wanted} is not a valid ip address for network {network.Row.Id}.");

        return new()
        {
            PortId = ids.Next(),
            Create = true,
            NetworkId = network.Row.Id,
            FixedIp = request.FixedIp,
            Tag = request.Tag,
            SecurityGroups = network.Row.PortSecurity ? [await defaultGroups.Ensure(request.ProjectId, ct)] : [],
        };
    }

    private static PictureNetwork Named(Caller caller, string id, NetworkPicture picture) =>
        Guid.TryParse(id, out var key) && picture.Networks.TryGetValue(key, out var network) && NetworkAccess.MaySee(caller, network.Row)
            ? network
            : throw Fault.NotFound($"Network {id} could not be found.");

    private static PictureNetwork Only(AttachRequest request, NetworkPicture picture) =>
        ((PictureNetwork[])[.. picture.NetworksOf(request.ProjectId).Where(n => !n.Row.Shared), .. picture.SharedNetworks]) switch
        {
            [var one] => one,
            [] => throw Fault.BadRequest($"No specific network was requested and none are available for project '{request.ProjectId}'."),
            _ => throw Fault.BadRequest($"More than one possible network found. Specify network ID(s) to select which one(s) to connect to."),
        };

    private async Task<PlannedNic> Existing(Caller caller, AttachRequest request, NetworkPicture picture, CancellationToken ct)
    {
        var port = Guid.TryParse(request.PortId, out var id)
            ? await database.Read(rows => rows.Find<PortRow>($"SELECT {PortRow.Columns} FROM ports WHERE id = @id", new { id }), ct)
            : null;
        if (port is null || !NetworkAccess.Owns(caller, port.ProjectId))
            throw Fault.NotFound($"Port id {request.PortId} could not be found.");
        if (port.ProjectId != request.ProjectId)
            throw Fault.BadRequest($"Port {request.PortId} not usable for instance {request.ServerId}.");
        if (port.DeviceId.Length > 0)
            throw Fault.Conflict($"Port {request.PortId} is still in use.");
        if (port.FixedIps == "[]" && picture.Networks[port.NetworkId].Subnets.Count > 0)
            throw Fault.BadRequest($"Port {request.PortId} requires a FixedIP in order to be used.");

        var physical = picture.Networks[port.NetworkId].Row.PhysicalNetwork;
        if (PortResources.Device(id, port.VnicType, physical) is not null)
            throw Fault.BadRequest($"Failed to claim PCI device for {request.ServerId} during interface attach");

        var rules = port.QosPolicyId is { } policy ? await database.Read(rows => QosStore.RulesOf(rows, policy), ct) : [];
        return new()
        {
            PortId = id, Create = false, NetworkId = port.NetworkId, Tag = request.Tag, VnicType = port.VnicType,
            Groups = PortResources.Groups(id, port.VnicType, physical, rules),
        };
    }
}
