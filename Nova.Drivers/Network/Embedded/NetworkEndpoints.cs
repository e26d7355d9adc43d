using Nova.Drivers.Embedded;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Network.Embedded;

/// <summary>https://docs.openstack.org/api-ref/network/v2/: networks, subnets, ports, security groups and rules.</summary>
public sealed class NetworkEndpoints(NetworkService networks, SubnetService subnets, PortService ports, SecurityGroupService groups) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        Map(routes, "networks", "network", new(
            async (c, ct) => (await networks.List(c.Caller, ct)).Select(n => NetworkWire.Of(n, IsAdmin(c))),
            async (c, id, ct) => NetworkWire.Of(await networks.Get(c.Caller, id, ct), IsAdmin(c)),
            async (c, body, ct) => NetworkWire.Of(await networks.Create(c.Caller, body, ct), IsAdmin(c)),
            async (c, id, body, ct) => NetworkWire.Of(await networks.Update(c.Caller, id, body, ct), IsAdmin(c)),
            (c, id, ct) => networks.Delete(c.Caller, id, ct)));
        Map(routes, "subnets", "subnet", new(
            async (c, ct) => (await subnets.List(c.Caller, ct)).Select(NetworkWire.Of),
            async (c, id, ct) => NetworkWire.Of(await subnets.Get(c.Caller, id, ct)),
            async (c, body, ct) => NetworkWire.Of(await subnets.Create(c.Caller, body, ct)),
            async (c, id, body, ct) => NetworkWire.Of(await subnets.Update(c.Caller, id, body, ct)),
            (c, id, ct) => subnets.Delete(c.Caller, id, ct)));
        Map(routes, "ports", "port", new(
            async (c, ct) => (await ports.Views(c.Caller, await ports.List(c.Caller, c.Query("device_id"), c.Query("network_id"), ct), ct)).Select(p => NetworkWire.Of(p, IsAdmin(c))),
            async (c, id, ct) => NetworkWire.Of((await ports.Views(c.Caller, [await ports.Get(c.Caller, id, ct)], ct))[0], IsAdmin(c)),
            async (c, body, ct) => NetworkWire.Of((await ports.Views(c.Caller, [await ports.Create(c.Caller, body, ct)], ct))[0], IsAdmin(c)),
            async (c, id, body, ct) => NetworkWire.Of((await ports.Views(c.Caller, [await ports.Update(c.Caller, id, body, ct)], ct))[0], IsAdmin(c)),
            (c, id, ct) => ports.Delete(c.Caller, id, ct)));
        Map(routes, "security-groups", "security_group", new(
            async (c, ct) => (await groups.List(c.Caller, ct)).Select(NetworkWire.Of),
            async (c, id, ct) => NetworkWire.Of(await groups.Get(c.Caller, id, ct)),
            async (c, body, ct) => NetworkWire.Of(await groups.Create(c.Caller, body, ct)),
            async (c, id, body, ct) => NetworkWire.Of(await groups.Update(c.Caller, id, body, ct)),
            (c, id, ct) => groups.Delete(c.Caller, id, ct)));
        Map(routes, "security-group-rules", "security_group_rule", new(
            async (c, ct) => (await groups.List(c.Caller, ct)).SelectMany(g => g.Rules).Select(NetworkWire.Of),
            async (c, id, ct) => NetworkWire.Of(await groups.Rule(c.Caller, id, ct)),
            async (c, body, ct) => NetworkWire.Of(await groups.CreateRule(c.Caller, body, ct)),
            Update: null,
            (c, id, ct) => groups.DeleteRule(c.Caller, id, ct)));
    }

    private static bool IsAdmin(RequestContext caller) => caller.Caller.HasRole("admin");

    private static void Map(Routes routes, string path, string name, Resource resource)
    {
        var (all, one) = ($"/v2.0/{path}", $"/v2.0/{path}/{{id}}");
        routes.Get(all, async (c, ct) => NetworkList.Of(c, name + "s", await resource.List(c, ct))).AnyCaller();
        routes.Post(all, (c, ct) => Create(c, name, resource, ct)).AnyCaller();
        routes.Get(one, async (c, ct) => NetworkList.One(c, name, await resource.Get(c, c.Route("id"), ct))).AnyCaller();
        routes.Delete(one, async (c, ct) =>
        {
            await resource.Delete(c, c.Route("id"), ct);
            return Answer.Empty();
        }).AnyCaller();
        if (resource.Update is { } update)
            routes.Put(one, async (c, ct) => NetworkList.One(c, name, await update(c, c.Route("id"), (await JsonBody.Read(c, ct)).Object(name), ct))).AnyCaller();
    }

    // One, or a list of them under the plural name.
    private static async Task<Answer> Create(RequestContext caller, string name, Resource resource, CancellationToken ct)
    {
        var body = await JsonBody.Read(caller, ct);
        if (body.Objects(name + "s") is not { } many)
            return NetworkList.One(caller, name, await resource.Create(caller, body.Object(name), ct), 201);

        var made = new List<Dictionary<string, object?>>();
        foreach (var item in many)
            made.Add(await resource.Create(caller, item, ct));
        return Answer.Json(new Dictionary<string, object> { [name + "s"] = made }, 201);
    }

    private sealed record Resource(
        Func<RequestContext, CancellationToken, Task<IEnumerable<Dictionary<string, object?>>>> List,
        Func<RequestContext, string, CancellationToken, Task<Dictionary<string, object?>>> Get,
        Func<RequestContext, JsonBody, CancellationToken, Task<Dictionary<string, object?>>> Create,
        Func<RequestContext, string, JsonBody, CancellationToken, Task<Dictionary<string, object?>>>? Update,
        Func<RequestContext, string, CancellationToken, Task> Delete);
}
