using Nova.Drivers.Embedded;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Network.Embedded;

/// <summary>https://docs.openstack.org/api-ref/network/v2/: networks, subnets, ports, security groups and rules.</summary>
public sealed class NetworkEndpoints(NetworkService networks, SubnetService subnets, PortService ports, SecurityGroupService groups) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        NetworkResource.Map(routes, "networks", "network", new(
            async (c, ct) => (await networks.List(c.Caller, ct)).Select(n => NetworkWire.Of(n, IsAdmin(c))),
            async (c, id, ct) => NetworkWire.Of(await networks.Get(c.Caller, id, ct), IsAdmin(c)),
            async (c, body, ct) => NetworkWire.Of(await networks.Create(c.Caller, body, ct), IsAdmin(c)),
            async (c, id, body, ct) => NetworkWire.Of(await networks.Update(c.Caller, id, body, ct), IsAdmin(c)),
            (c, id, ct) => networks.Delete(c.Caller, id, ct)));
        NetworkResource.Map(routes, "subnets", "subnet", new(
            async (c, ct) => (await subnets.List(c.Caller, ct)).Select(NetworkWire.Of),
            async (c, id, ct) => NetworkWire.Of(await subnets.Get(c.Caller, id, ct)),
            async (c, body, ct) => NetworkWire.Of(await subnets.Create(c.Caller, body, ct)),
            async (c, id, body, ct) => NetworkWire.Of(await subnets.Update(c.Caller, id, body, ct)),
            (c, id, ct) => subnets.Delete(c.Caller, id, ct)));
        NetworkResource.Map(routes, "ports", "port", new(
            async (c, ct) => (await ports.Views(c.Caller, await ports.List(c.Caller, c.Query("device_id"), c.Query("network_id"), ct), ct)).Select(p => NetworkWire.Of(p, IsAdmin(c))),
            async (c, id, ct) => NetworkWire.Of((await ports.Views(c.Caller, [await ports.Get(c.Caller, id, ct)], ct))[0], IsAdmin(c)),
            async (c, body, ct) => NetworkWire.Of((await ports.Views(c.Caller, [await ports.Create(c.Caller, body, ct)], ct))[0], IsAdmin(c)),
            async (c, id, body, ct) => NetworkWire.Of((await ports.Views(c.Caller, [await ports.Update(c.Caller, id, body, ct)], ct))[0], IsAdmin(c)),
            (c, id, ct) => ports.Delete(c.Caller, id, ct)));
        NetworkResource.Map(routes, "security-groups", "security_group", new(
            async (c, ct) => (await groups.List(c.Caller, ct)).Select(NetworkWire.Of),
            async (c, id, ct) => NetworkWire.Of(await groups.Get(c.Caller, id, ct)),
            async (c, body, ct) => NetworkWire.Of(await groups.Create(c.Caller, body, ct)),
            async (c, id, body, ct) => NetworkWire.Of(await groups.Update(c.Caller, id, body, ct)),
            (c, id, ct) => groups.Delete(c.Caller, id, ct)));
        NetworkResource.Map(routes, "security-group-rules", "security_group_rule", new(
            async (c, ct) => (await groups.List(c.Caller, ct)).SelectMany(g => g.Rules).Select(NetworkWire.Of),
            async (c, id, ct) => NetworkWire.Of(await groups.Rule(c.Caller, id, ct)),
            async (c, body, ct) => NetworkWire.Of(await groups.CreateRule(c.Caller, body, ct)),
            Update: null,
            (c, id, ct) => groups.DeleteRule(c.Caller, id, ct)));
    }

    private static bool IsAdmin(RequestContext caller) => caller.Caller.HasRole("admin");
}
