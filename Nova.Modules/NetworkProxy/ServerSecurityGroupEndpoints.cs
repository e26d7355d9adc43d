using Nova.Modules.Networks;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.NetworkProxy;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#servers-security-groups-servers-os-security-groups: the groups of a server are those of its
/// ports. What the network service does to a port reaches the server's row and its host.
/// </summary>
public sealed class ServerSecurityGroupEndpoints(ServerAccess access, INetworkCatalog network) : IEndpoints
{
    private const string Address = "/servers/{id}/action";
    private const string Rules = "os_compute_api:os-security-groups:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/servers/{server_id}/os-security-groups", List).Requires(Rules + "list");
        routes.Action(Address, "addSecurityGroup", Add).Requires(Rules + "add");
        routes.Action(Address, "removeSecurityGroup", Remove).Requires(Rules + "remove");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var server = await access.Load(caller, caller.Route("server_id"), Rules + "list", ct);
        var all = await network.Groups(caller.Caller, ct);
        var own = server.Networks.SelectMany(port => port.SecurityGroups).ToHashSet();
        return Answer.Json(new GroupListResponse(
        [
            .. all.Where(g => own.Contains(g.Id)).OrderBy(g => g.ProjectId, StringComparer.Ordinal).ThenBy(g => g.Name, StringComparer.Ordinal)
                .Select(g => SecurityGroupProxyEndpoints.View(g, all)),
        ]));
    }

    private async Task<Answer> Add(RequestContext caller, CancellationToken ct)
    {
        var name = (await caller.Body<AddSecurityGroupRequest>(ct)).Group.Name;
        var server = await access.Load(caller, caller.Route("id"), Rules + "add", Transitions.ChangeSecurityGroups, ct);
        var group = await Find(caller, name, ct);
        foreach (var port in PortsOf(server))
        {
            if (port.IsOpen || port.Addresses.Count == 0)
                throw Fault.BadRequest($"Network requires port_security_enabled and subnet associated in order to apply security groups.");
            if (!port.SecurityGroups.Contains(group.Id))
                await network.SetPortGroups(caller.Caller, port.PortId, [.. port.SecurityGroups, group.Id], ct);
        }

        return Answer.Empty(202);
    }

    private async Task<Answer> Remove(RequestContext caller, CancellationToken ct)
    {
        var name = (await caller.Body<RemoveSecurityGroupRequest>(ct)).Group.Name;
        var server = await access.Load(caller, caller.Route("id"), Rules + "remove", Transitions.ChangeSecurityGroups, ct);
        var group = await Find(caller, name, ct);
        var ports = PortsOf(server).Where(port => port.SecurityGroups.Contains(group.Id)).ToList();
        if (ports.Count == 0)
            throw Fault.NotFound($"Security group {name} not associated with the instance {server.Id}");

        foreach (var port in ports)
            await network.SetPortGroups(caller.Caller, port.PortId, [.. port.SecurityGroups.Where(g => g != group.Id)], ct);
        return Answer.Empty(202);
    }

    private async Task<CatalogGroup> Find(RequestContext caller, string name, CancellationToken ct)
    {
        if (name.Trim().Length == 0)
            throw Fault.BadRequest($"Security group name cannot be empty");

        var mine = (await network.Groups(caller.Caller, ct)).Where(g => g.ProjectId == caller.Caller.ProjectId || caller.IsAdmin).ToList();
        if (Guid.TryParse(name, out var id) && mine.FirstOrDefault(g => g.Id == id) is { } byId)
            return byId;

        return mine.Where(g => g.Name == name && g.ProjectId == caller.Caller.ProjectId).ToList() switch
        {
            [var only] => only,
            [] => throw Fault.NotFound($"Security group {name} is not found for project {caller.ProjectId}"),
            _ => throw Fault.Conflict($"Multiple security_group matches found for name '{name}', use an ID to be more specific."),
        };
    }

    private static IReadOnlyList<PortBinding> PortsOf(Server server) => server.Networks.Count > 0
        ? server.Networks
        : throw Fault.NotFound($"instance_id {server.Id} could not be found as device id on any ports");
}

/// <summary>The action addSecurityGroup.</summary>
[Open]
public sealed record AddSecurityGroupRequest
{
    /// <summary>Which.</summary>
    [Required, WireName("addSecurityGroup")]
    public ServerGroupName Group { get; set; } = null!;
}

/// <summary>The action removeSecurityGroup.</summary>
[Open]
public sealed record RemoveSecurityGroupRequest
{
    /// <summary>Which.</summary>
    [Required, WireName("removeSecurityGroup")]
    public ServerGroupName Group { get; set; } = null!;
}

/// <summary>A security group by name or id.</summary>
public sealed record ServerGroupName
{
    /// <summary>Name or id.</summary>
    [Required, Length(1)]
    public string Name { get; set; } = "";
}
