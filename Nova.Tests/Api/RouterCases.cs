using System.Text.Json;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

/// <summary>What a project does with routers and floating addresses, for either database.</summary>
internal sealed class RouterCases(ServerCloud cloud)
{
    private const string V2 = "/network/v2.0/";
    private static int _last;

    private CloudClient Admin => cloud.As("admin");

    /// <summary>An external network with a range of its own.</summary>
    public async Task<(string Id, string Name, string Prefix)> Outside(int bits = 24)
    {
        var number = Interlocked.Increment(ref _last);
        var (name, prefix) = ($"outside-{Guid.NewGuid()}", $"172.{20 + number / 200}.{number % 200}");
        var id = Text(await Post(Admin, "network", $$"""{"name": "{{name}}", "router:external": true}"""), "id");
        await Post(Admin, "subnet", $$"""{"network_id": "{{id}}", "ip_version": 4, "cidr": "{{prefix}}.0/{{bits}}", "enable_dhcp": false}""");
        return (id, name, prefix);
    }

    public async Task<(string Network, string Subnet)> Inside(CloudClient caller, string cidr)
    {
        var id = Text(await Post(caller, "network", """{"name": "inside"}"""), "id");
        return (id, Text(await Post(caller, "subnet", $$"""{"network_id": "{{id}}", "ip_version": 4, "cidr": "{{cidr}}"}"""), "id"));
    }

    public async Task A_router_leads_from_subnets_to_an_external_network()
    {
        var ada = cloud.NewMember();
        var (outside, _, prefix) = await Outside();
        var (network, subnet) = await Inside(ada, "10.1.0.0/24");
        var router = await Post(ada, "router", $$"""{"name": "r", "external_gateway_info": {"network_id": "{{outside}}"} }""");
        var id = Text(router, "id");
        Assert.Equal(("ACTIVE", true, prefix + ".2"), (Text(router, "status"), router.GetProperty("external_gateway_info").GetProperty("enable_snat").GetBoolean(), Text(router.GetProperty("external_gateway_info").GetProperty("external_fixed_ips")[0], "ip_address")));
        Assert.False(router.TryGetProperty("ha", out _));

        var leg = (await Leg(ada, id, "add", $$"""{"subnet_id": "{{subnet}}"}""")).Is(200);
        Assert.Equal((id, network, subnet), (leg["id"].GetString(), leg["network_id"].GetString(), leg["subnet_ids"][0].GetString()));
        var port = (await ada.Get($"{V2}ports?device_id={id}&device_owner=network:router_interface")).Is(200)["ports"][0];
        Assert.Equal(("10.1.0.1", leg["port_id"].GetString()), (Text(port.GetProperty("fixed_ips")[0], "ip_address"), Text(port, "id")));
        Error(await ada.Delete($"{V2}ports/{Text(port, "id")}"), 409, "ServicePortInUse", $"Port {Text(port, "id")} cannot be deleted directly via the port API: has device owner network:router_interface.");
        Error(await ada.Put($"{V2}subnets/{subnet}", """{"subnet": {"gateway_ip": null}}"""), 409, "GatewayIpInUse", $"Current gateway ip 10.1.0.1 already in use by port {Text(port, "id")}. Unable to update.");
        Error(await ada.Delete(V2 + "networks/" + network), 409, "NetworkInUse");

        Error(await Leg(ada, id, "add", $$"""{"subnet_id": "{{subnet}}"}"""), 400, "BadRequest", $"Bad router request: Router already has a port on subnet {subnet}.");
        var (_, twin) = await Inside(ada, "10.1.0.128/25");
        Error(await Leg(ada, id, "add", $$"""{"subnet_id": "{{twin}}"}"""), 400, "BadRequest", $"Bad router request: Cidr 10.1.0.128/25 of subnet {twin} overlaps with cidr 10.1.0.0/24 of subnet {subnet}.");
        Error(await Leg(ada, id, "add", "{}"), 400, "BadRequest", "Bad router request: Either subnet_id or port_id must be specified.");
        Error(await ada.Delete(V2 + "routers/" + id), 409, "RouterInUse", $"Router {id} still has ports");

        (await Leg(ada, id, "remove", $$"""{"subnet_id": "{{subnet}}"}""")).Is(200);
        Error(await Leg(ada, id, "remove", $$"""{"subnet_id": "{{subnet}}"}"""), 404, "RouterInterfaceNotFoundForSubnet", $"Router {id} has no interface on subnet {subnet}");
        (await ada.Delete(V2 + "routers/" + id)).Is(204);
        Error(await ada.Get(V2 + "routers/" + id), 404, "RouterNotFound", $"Router {id} could not be found");
        (await ada.Delete(V2 + "networks/" + network)).Is(204);
        Assert.Empty((await Admin.Get($"{V2}ports?network_id={outside}")).Is(200)["ports"].EnumerateArray());
    }

    public async Task A_leg_by_port_keeps_the_ports_address_and_routes_need_a_neighbour()
    {
        var ada = cloud.NewMember();
        var (network, subnet) = await Inside(ada, "10.1.0.0/24");
        var port = Text(await Post(ada, "port", $$"""{"network_id": "{{network}}", "fixed_ips": [{"ip_address": "10.1.0.77"}]}"""), "id");
        var router = Text(await Post(ada, "router", """{"name": "r"}"""), "id");
        Assert.Equal(port, (await Leg(ada, router, "add", $$"""{"port_id": "{{port}}"}""")).Is(200)["port_id"].GetString());
        var shown = (await ada.Get(V2 + "ports/" + port)).Is(200)["port"];
        Assert.Equal(("network:router_interface", router, 0), (Text(shown, "device_owner"), Text(shown, "device_id"), shown.GetProperty("security_groups").GetArrayLength()));
        var other = Text(await Post(ada, "router", "{}"), "id");
        Error(await Leg(ada, other, "add", $$"""{"port_id": "{{port}}"}"""), 409, "PortInUse");

        const string Route = """{"router": {"routes": [{"destination": "10.9.0.0/16", "nexthop": "10.1.0.9"}]}}""";
        Assert.Equal("10.9.0.0/16", Text((await ada.Put($"{V2}routers/{router}", Route)).Is(200)["router", "routes"][0], "destination"));
        (await ada.Put($"{V2}routers/{router}/add_extraroutes", Route.Replace("10.9.", "10.8.", StringComparison.Ordinal))).Is(200);
        Assert.Equal(2, (await ada.Put($"{V2}routers/{router}/add_extraroutes", Route)).Is(200)["router", "routes"].GetArrayLength());
        Error(await Leg(ada, router, "remove", $$"""{"subnet_id": "{{subnet}}"}"""), 409, "RouterInterfaceInUseByRoute");
        Assert.Equal(1, (await ada.Put($"{V2}routers/{router}/remove_extraroutes", Route)).Is(200)["router", "routes"].GetArrayLength());
        Error(await ada.Put($"{V2}routers/{router}", Route.Replace("10.1.", "10.2.", StringComparison.Ordinal)), 400, "InvalidRoutes", "Invalid format for routes: 10.2.0.9, the nexthop is not connected with router.");
        (await ada.Put($"{V2}routers/{router}", """{"router": {"routes": []}}""")).Is(200);
        Error(await Leg(ada, router, "remove", $$"""{"port_id": "{{Guid.NewGuid()}}"}"""), 404, "RouterInterfaceNotFound");
        (await Leg(ada, router, "remove", $$"""{"port_id": "{{port}}"}""")).Is(200);
        (await ada.Get(V2 + "ports/" + port)).Is(404);
    }

    public async Task Gateways_are_external_networks_and_administrators_choose_addresses_and_snat()
    {
        var ada = cloud.NewMember();
        var ((first, _, prefix), (second, _, _)) = (await Outside(), await Outside());
        var (inside, _) = await Inside(ada, "10.1.0.0/24");
        var router = Text(await Post(ada, "router", "{}"), "id");
        Error(await Gateway(ada, router, $$"""{"network_id": "{{inside}}"}"""), 400, "BadRequest", $"Bad router request: Network {inside} is not an external network.");
        Error(await Gateway(ada, router, $$"""{"network_id": "{{first}}", "enable_snat": false}"""), 403, "PolicyNotAuthorized");
        Error(await Gateway(ada, router, $$"""{"network_id": "{{first}}", "external_fixed_ips": [{"ip_address": "{{prefix}}.9"}]}"""), 403, "PolicyNotAuthorized");

        var info = (await Gateway(Admin, router, $$"""{"network_id": "{{first}}", "enable_snat": false, "external_fixed_ips": [{"ip_address": "{{prefix}}.9"}]}""")).Is(200)["router", "external_gateway_info"];
        Assert.Equal((false, prefix + ".9"), (info.GetProperty("enable_snat").GetBoolean(), Text(info.GetProperty("external_fixed_ips")[0], "ip_address")));
        Error(await Admin.Put(V2 + "networks/" + first, """{"network": {"router:external": false}}"""), 409, "ExternalNetworkInUse", $"External network {first} cannot be updated to be made non-external, since it has existing gateway ports.");
        Assert.Equal(second, Text((await Gateway(ada, router, $$"""{"network_id": "{{second}}"}""")).Is(200)["router", "external_gateway_info"], "network_id"));
        Assert.Equal(JsonValueKind.Null, (await Gateway(ada, router, "{}")).Is(200)["router", "external_gateway_info"].ValueKind);
        (await Admin.Delete(V2 + "networks/" + second)).Is(204);
        (await Admin.Put(V2 + "networks/" + first, """{"network": {"router:external": false}}""")).Is(200);
    }

    public async Task A_floating_address_leads_to_a_port_behind_a_router()
    {
        var ada = cloud.NewMember();
        var (outside, _, prefix) = await Outside();
        var (network, subnet) = await Inside(ada, "10.1.0.0/24");
        var port = Text(await Post(ada, "port", $$"""{"network_id": "{{network}}", "name": "p"}"""), "id");
        Error(await ada.Post(V2 + "floatingips", $$"""{"floatingip": {"floating_network_id": "{{network}}"} }"""), 400, "BadRequest", $"Bad floatingip request: Network {network} is not a valid external network.");
        var floating = await Post(ada, "floatingip", $$"""{"floating_network_id": "{{outside}}", "description": "d"}""");
        var id = Text(floating, "id");
        Assert.Equal(("DOWN", "d", prefix + ".2"), (Text(floating, "status"), Text(floating, "description"), Text(floating, "floating_ip_address")));
        Error(await Bind(ada, id, port), 404, "ExternalGatewayForFloatingIPNotFound", $"External network {outside} is not reachable from subnet {subnet}.  Therefore, cannot associate Port {port} with a Floating IP.");

        var router = Text(await Post(ada, "router", $$"""{"external_gateway_info": {"network_id": "{{outside}}"} }"""), "id");
        (await Leg(ada, router, "add", $$"""{"subnet_id": "{{subnet}}"}""")).Is(200);
        var bound = (await Bind(ada, id, port)).Is(200)["floatingip"];
        Assert.Equal(("ACTIVE", "10.1.0.2", port, router, "p"), (Text(bound, "status"), Text(bound, "fixed_ip_address"), Text(bound, "port_id"), Text(bound, "router_id"), Text(bound.GetProperty("port_details"), "name")));
        var second = Text(await Post(ada, "floatingip", $$"""{"floating_network_id": "{{outside}}"}"""), "id");
        Error(await Bind(ada, second, port), 409, "FloatingIPPortAlreadyAssociated");
        Error(await ada.Put($"{V2}floatingips/{second}", $$"""{"floatingip": {"port_id": "{{port}}", "fixed_ip_address": "10.1.0.3"} }"""), 400, "BadRequest", $"Bad floatingip request: Port {port} does not have fixed ip 10.1.0.3.");
        Error(await ada.Post(V2 + "floatingips", $$"""{"floatingip": {"floating_network_id": "{{outside}}", "floating_ip_address": "{{prefix}}.99"} }"""), 403, "PolicyNotAuthorized");
        Error(await Leg(ada, router, "remove", $$"""{"subnet_id": "{{subnet}}"}"""), 409, "RouterInterfaceInUseByFloatingIP", $"Router interface for subnet {subnet} on router {router} cannot be deleted, as it is required by one or more floating IPs.");
        Error(await Gateway(ada, router, "null"), 409, "RouterExternalGatewayInUseByFloatingIp", $"Gateway cannot be updated for router {router}, since a gateway to external network {outside} is required by one or more floating IPs.");
        Assert.Single((await ada.Get($"{V2}floatingips?port_id={port}&fields=id")).Is(200)["floatingips"].EnumerateArray());

        (await ada.Delete(V2 + "ports/" + port)).Is(204);
        var left = (await ada.Get(V2 + "floatingips/" + id)).Is(200)["floatingip"];
        Assert.Equal(("DOWN", JsonValueKind.Null, JsonValueKind.Null, JsonValueKind.Null), (Text(left, "status"), left.GetProperty("port_id").ValueKind, left.GetProperty("fixed_ip_address").ValueKind, left.GetProperty("router_id").ValueKind));
        (await ada.Delete(V2 + "floatingips/" + id)).Is(204);
        (await ada.Delete(V2 + "floatingips/" + second)).Is(204);
        Error(await ada.Get(V2 + "floatingips/" + id), 404, "FloatingIPNotFound", $"Floating IP {id} could not be found");
        (await Leg(ada, router, "remove", $$"""{"subnet_id": "{{subnet}}"}""")).Is(200);
        (await ada.Delete(V2 + "routers/" + router)).Is(204);
        (await Admin.Delete(V2 + "networks/" + outside)).Is(204);
    }

    public async Task A_server_shows_its_floating_address_and_the_old_proxies_move_it()
    {
        var ada = cloud.NewMember().At("2.35");
        var (outside, pool, prefix) = await Outside(29);
        var (network, subnet) = await Inside(ada, "10.1.0.0/24");
        var router = Text(await Post(ada, "router", $$"""{"external_gateway_info": {"network_id": "{{outside}}"} }"""), "id");
        (await Leg(ada, router, "add", $$"""{"subnet_id": "{{subnet}}"}""")).Is(200);
        var server = await cloud.Boot(ada, networks: $$"""[{"uuid": "{{network}}"}]""");
        var fixedIp = Text((await ServerCloud.Show(ada, server)).GetProperty("addresses").GetProperty("inside")[0], "addr");

        var made = (await ada.Post("/v2.1/os-floating-ips", $$"""{"pool": "{{pool}}"}""")).Is(200)["floating_ip"];
        var (id, address) = (Text(made, "id"), Text(made, "ip"));
        Assert.Equal((pool, JsonValueKind.Null, true), (Text(made, "pool"), made.GetProperty("instance_id").ValueKind, address.StartsWith(prefix, StringComparison.Ordinal)));
        var act = $"/v2.1/servers/{server}/action";
        (await ada.Post(act, $$"""{"addFloatingIp": {"address": "9.9.9.9"} }""")).Is(404, "Floating IP not found for address 9.9.9.9.");
        (await ada.Post(act, $$"""{"addFloatingIp": {"address": "{{address}}", "fixed_address": "10.1.0.200"} }""")).Is(400, "Specified fixed address not assigned to instance");
        (await ada.Post(act, $$"""{"addFloatingIp": {"address": "{{address}}"} }""")).Is(202);

        var shown = (await ServerCloud.Show(ada, server)).GetProperty("addresses").GetProperty("inside");
        Assert.Equal([(fixedIp, "fixed"), (address, "floating")], shown.EnumerateArray().Select(a => (Text(a, "addr"), Text(a, "OS-EXT-IPS:type"))));
        Assert.Equal(2, (await ada.Get($"/v2.1/servers/{server}/ips")).Is(200)["addresses", "inside"].GetArrayLength());
        Assert.Single((await ada.Get($"/v2.1/servers?ip={fixedIp}")).Is(200)["servers"].EnumerateArray());
        Assert.Empty((await ada.Get($"/v2.1/servers?ip={address}")).Is(200)["servers"].EnumerateArray());
        var listed = (await ada.Get("/v2.1/os-floating-ips")).Is(200)["floating_ips"][0];
        Assert.Equal((server, fixedIp), (Text(listed, "instance_id"), Text(listed, "fixed_ip")));
        Assert.Equal(address, (await ada.Get($"/v2.1/os-floating-ips/{id}")).Is(200)["floating_ip", "ip"].GetString());

        var other = await cloud.Boot(ada.At("2.43"));
        (await ada.Post($"/v2.1/servers/{other}/action", $$"""{"addFloatingIp": {"address": "{{address}}"} }""")).Is(400, "No nw_info cache associated with instance");
        (await ada.Post($"/v2.1/servers/{other}/action", $$"""{"removeFloatingIp": {"address": "{{address}}"} }""")).Is(409, $"Floating IP {address} is not associated with instance {other}.");
        (await ada.Post(act, """{"removeFloatingIp": {"address": "9.9.9.9"}}""")).Is(404, "floating IP not found");
        (await cloud.NewMember().At("2.35").Post(act, $$"""{"removeFloatingIp": {"address": "{{address}}"} }""")).Is(404, $"Instance {server} could not be found.");
        (await ada.At("2.44").Post(act, $$"""{"removeFloatingIp": {"address": "{{address}}"} }""")).Is(404);
        (await ada.At("2.43").Post(act, $$"""{"removeFloatingIp": {"address": "{{address}}"} }""")).Is(202);
        Assert.Single((await ServerCloud.Show(ada, server)).GetProperty("addresses").GetProperty("inside").EnumerateArray());
        (await ada.At("2.43").Post(act, $$"""{"addFloatingIp": {"address": "{{address}}"} }""")).Is(202);

        (await ada.Delete($"/v2.1/servers/{server}")).Is(204);
        await cloud.Settled(server);
        Assert.Equal(JsonValueKind.Null, (await ada.Get($"/v2.1/os-floating-ips/{id}")).Is(200)["floating_ip", "instance_id"].ValueKind);
        (await cloud.NewMember().At("2.35").Delete($"/v2.1/os-floating-ips/{id}")).Is(404, $"Floating IP not found for ID {id}");
        (await ada.Delete($"/v2.1/os-floating-ips/{id}")).Is(202);
        (await ada.Delete($"/v2.1/os-floating-ips/{id}")).Is(404, $"Floating IP not found for ID {id}");
    }

    public async Task Ports_are_bound_to_further_hosts_by_administrators()
    {
        var ada = cloud.NewMember();
        var (network, _) = await Inside(ada, "10.1.0.0/24");
        var path = $"{V2}ports/{Text(await Post(ada, "port", $$"""{"network_id": "{{network}}"}"""), "id")}/bindings";
        Error(await ada.Get(path), 403, "PolicyNotAuthorized");
        (await cloud.NewMember().Get(path)).Is(404);
        Assert.Equal("ACTIVE", (await Admin.Post(path, """{"binding": {"host": "h1"}}""")).Is(201)["binding", "status"].GetString());
        var second = (await Admin.Post(path, """{"binding": {"host": "h2", "vnic_type": "direct", "profile": {"a": 1}}}""")).Is(201)["binding"];
        Assert.Equal(("INACTIVE", "direct", 1), (Text(second, "status"), Text(second, "vnic_type"), second.GetProperty("profile").GetProperty("a").GetInt32()));
        Error(await Admin.Post(path, """{"binding": {"host": "h2"}}"""), 409, "PortBindingAlreadyExists");
        Error(await Admin.Post(path, """{"binding": {"host": "h1"}}"""), 409, "PortBindingAlreadyExists");
        (await Admin.Put(path + "/h2", """{"binding": {"profile": {}}}""")).Is(200);
        Error(await Admin.Put(path + "/h1/activate", null), 409, "PortBindingAlreadyActive");
        Error(await Admin.Put(path + "/h3/activate", null), 404, "PortBindingNotFound");
        Assert.Equal("ACTIVE", (await Admin.Put(path + "/h2/activate", null)).Is(200)["binding", "status"].GetString());
        Assert.Equal([("h2", "ACTIVE"), ("h1", "INACTIVE")], (await Admin.Get(path)).Is(200)["bindings"].EnumerateArray().Select(b => (Text(b, "host"), Text(b, "status"))));
        Assert.Equal("h2", (await Admin.Get(path[..^"/bindings".Length])).Is(200)["port", "binding:host_id"].GetString());
        (await Admin.Delete(path + "/h1")).Is(204);
        (await Admin.Delete(path + "/h2")).Is(204);
        Error(await Admin.Delete(path + "/h2"), 404, "PortBindingNotFound");
        Assert.Empty((await Admin.Get(path)).Is(200)["bindings"].EnumerateArray());
    }

    public async Task Things_have_tags_and_are_found_by_them()
    {
        var ada = cloud.NewMember();
        var (outside, _, _) = await Outside();
        var (network, subnet) = await Inside(ada, "10.1.0.0/24");
        var things = new Dictionary<string, string>
        {
            ["networks"] = network,
            ["subnets"] = subnet,
            ["ports"] = Text(await Post(ada, "port", $$"""{"network_id": "{{network}}"}"""), "id"),
            ["routers"] = Text(await Post(ada, "router", "{}"), "id"),
            ["floatingips"] = Text(await Post(ada, "floatingip", $$"""{"floating_network_id": "{{outside}}"}"""), "id"),
            ["security-groups"] = Text(await Post(ada, "security_group", """{"name": "g"}"""), "id"),
        };
        foreach (var (kind, id) in things)
        {
            var (path, member) = ($"{V2}{kind}/{id}/tags", kind.Replace('-', '_'));
            Assert.Equal("""["a","b"]""", (await ada.Put(path, """{"tags": ["a", "b"]}""")).Is(200)["tags"].GetRawText());
            (await ada.Put(path + "/c", null)).Is(201);
            (await ada.Get(path + "/c")).Is(204);
            (await ada.Delete(path + "/a")).Is(204);
            Error(await ada.Get(path + "/a"), 404, "TagNotFound");
            Assert.Equal("""["b","c"]""", (await ada.Get(path)).Is(200)["tags"].GetRawText());
            Assert.Equal("""["b","c"]""", (await ada.Get($"{V2}{kind}/{id}")).Is(200)[member[..^1], "tags"].GetRawText());
            foreach (var (query, count) in new Dictionary<string, int> { ["tags=b,c"] = 1, ["tags=b,x"] = 0, ["tags-any=b,x"] = 1, ["not-tags-any=b"] = 0, ["not-tags=b,x"] = 1 })
                Assert.Equal(count, (await ada.Get($"{V2}{kind}?id={id}&{query}")).Is(200)[member].GetArrayLength());
            (await cloud.NewMember().Put(path, """{"tags": []}""")).Is(404);
            (await ada.Put(path, """{"tags": ["a", "a"]}""")).Is(400);
            (await ada.Delete(path)).Is(204);
            Assert.Equal("[]", (await ada.Get(path)).Is(200)["tags"].GetRawText());
        }
    }

    public async Task Quotas_bound_routers_and_floating_addresses()
    {
        var ada = cloud.NewMember();
        var project = ada.Token.Split(':')[1];
        var (outside, _, _) = await Outside();
        (await Admin.Put($"{V2}quotas/{project}", """{"quota": {"router": 1, "floatingip": 0}}""")).Is(200);
        await Post(ada, "router", "{}");
        Error(await ada.Post(V2 + "routers", """{"router": {}}"""), 409, "OverQuota", "Quota exceeded for resources: ['router'].");
        Error(await ada.Post(V2 + "floatingips", $$"""{"floatingip": {"floating_network_id": "{{outside}}"} }"""), 409, "OverQuota", "Quota exceeded for resources: ['floatingip'].");
        (await ada.At("2.35").Post("/v2.1/os-floating-ips", $$"""{"pool": "{{outside}}"}""")).Is(403, $"IP allocation over quota in pool {outside}.");
        Assert.Equal(1, (await ada.Get($"{V2}quotas/{project}/details.json")).Is(200)["quota", "router", "used"].GetInt32());
        Assert.Contains((await Admin.Get(V2 + "quotas")).Is(200)["quotas"].EnumerateArray(), q => Text(q, "project_id") == project && q.GetProperty("router").GetInt32() == 1);
        Error(await ada.Get(V2 + "quotas"), 403, "PolicyNotAuthorized");
        Assert.Equal((10, 50), await Default(ada, project));
    }

    public async Task Other_projects_and_readers_have_no_part_in_it()
    {
        var (ada, eve) = (cloud.NewMember(), cloud.NewMember());
        var (outside, _, _) = await Outside();
        var (_, subnet) = await Inside(ada, "10.1.0.0/24");
        var router = Text(await Post(ada, "router", "{}"), "id");
        var floating = Text(await Post(ada, "floatingip", $$"""{"floating_network_id": "{{outside}}"}"""), "id");
        foreach (var path in new[] { "routers/" + router, "floatingips/" + floating })
        {
            (await eve.Get(V2 + path)).Is(404);
            (await eve.Put(V2 + path, $$"""{"{{path.Split('s')[0]}}": {"name": "x"} }""")).Is(404);
            (await eve.Delete(V2 + path)).Is(404);
        }

        (await Leg(eve, router, "add", $$"""{"subnet_id": "{{subnet}}"}""")).Is(404);
        Error(await Leg(eve, Text(await Post(eve, "router", "{}"), "id"), "add", $$"""{"subnet_id": "{{subnet}}"}"""), 404, "SubnetNotFound");
        Assert.Empty((await eve.Get(V2 + "floatingips")).Is(200)["floatingips"].EnumerateArray());
        Assert.DoesNotContain((await eve.Get(V2 + "routers")).Is(200)["routers"].EnumerateArray(), r => Text(r, "id") == router);
        Assert.Contains((await Admin.Get(V2 + "routers")).Is(200)["routers"].EnumerateArray(), r => Text(r, "id") == router);
        Error(await ada.Post(V2 + "ports", $$"""{"port": {"network_id": "{{(await Inside(ada, "10.7.0.0/24")).Network}}", "device_owner": "network:router_gateway"} }"""), 403, "PolicyNotAuthorized");
        (await cloud.As("").Get(V2 + "routers")).Is(401);
    }

    private async Task<(int, int)> Default(CloudClient caller, string project)
    {
        var quota = (await caller.Get($"{V2}quotas/{project}/default")).Is(200)["quota"];
        return (quota.GetProperty("router").GetInt32(), quota.GetProperty("floatingip").GetInt32());
    }

    private static Task<CloudAnswer> Gateway(CloudClient caller, string router, string info) =>
        caller.Put($"{V2}routers/{router}", $$"""{"router": {"external_gateway_info": {{info}} } }""");

    private static Task<CloudAnswer> Bind(CloudClient caller, string floating, string port) =>
        caller.Put($"{V2}floatingips/{floating}", $$"""{"floatingip": {"port_id": "{{port}}"} }""");

    private static Task<CloudAnswer> Leg(CloudClient caller, string router, string verb, string body) => caller.Put($"{V2}routers/{router}/{verb}_router_interface", body);

    private static async Task<JsonElement> Post(CloudClient caller, string name, string body) =>
        (await caller.Post($"{V2}{name.Replace('_', '-')}s", $$"""{"{{name}}": {{body}} }""")).Is(201)[name];

    private static void Error(CloudAnswer answer, int status, string type, string? sentence = null)
    {
        var error = answer.Is(status)["NeutronError"];
        Assert.Equal(type, Text(error, "type"));
        if (sentence is not null)
            Assert.Equal(sentence, Text(error, "message"));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
