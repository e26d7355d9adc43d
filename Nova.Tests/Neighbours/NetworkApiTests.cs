using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Compute;
using Nova.Modules.Networks;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours;

public class NetworkApiTests
{
    private const string V2 = "/network/v2.0/";

    [Fact]
    public async Task A_network_with_a_subnet_and_a_port_is_made_shown_and_deleted()
    {
        await using var cloud = await NeighbourCloud.Start();
        var (network, subnet) = await Network(cloud.Demo, "net", "10.1.0.0/24");
        var shown = await cloud.Demo.Json(V2 + "subnets/" + subnet);
        Assert.Equal(("10.1.0.1", "10.1.0.2", "10.1.0.254"), (shown.Text("subnet.gateway_ip"), shown.Text("subnet.allocation_pools.0.start"), shown.Text("subnet.allocation_pools.0.end")));

        var port = (await Create(cloud.Demo, "port", new { network_id = network, name = "p" })).At("port");
        Assert.Equal("10.1.0.2", port.Text("fixed_ips.0.ip_address"));
        Assert.Equal("DOWN", port.Text("status"));
        Assert.False(port.TryGetProperty("binding:host_id", out _));
        Assert.Equal("", (await cloud.Admin.Json(V2 + "ports/" + port.Text("id"))).Text("port.binding:host_id"));
        Assert.Equal("NetworkInUse", (await cloud.Demo.Send(HttpMethod.Delete, V2 + "networks/" + network, null, 409)).Text("NeutronError.type"));
        Assert.Equal("SubnetInUse", (await cloud.Demo.Send(HttpMethod.Delete, V2 + "subnets/" + subnet, null, 409)).Text("NeutronError.type"));

        await cloud.Demo.Send(HttpMethod.Delete, V2 + "ports/" + port.Text("id"), null, 204);
        await cloud.Demo.Send(HttpMethod.Delete, V2 + "networks/" + network, null, 204);
        var error = (await cloud.Demo.Json(V2 + "networks/" + network, 404)).At("NeutronError");
        Assert.Equal(("NetworkNotFound", $"Network {network} could not be found.", ""), (error.Text("type"), error.Text("message"), error.Text("detail")));
    }

    [Fact]
    public async Task What_other_projects_may_see_and_change_is_up_to_the_owner_and_the_admin()
    {
        await using var cloud = await NeighbourCloud.Start();
        var (network, _) = await Network(cloud.Admin, "secret", "10.1.0.0/24");
        await cloud.Demo.Json(V2 + "networks/" + network, 404);
        Assert.Empty((await cloud.Demo.Json(V2 + "networks")).At("networks").EnumerateArray());

        await cloud.Admin.Send(HttpMethod.Put, V2 + "networks/" + network, new { network = new { shared = true } }, 200);
        Assert.True((await cloud.Demo.Json(V2 + "networks/" + network)).At("network").At("shared").GetBoolean());
        await cloud.Demo.Send(HttpMethod.Put, V2 + "networks/" + network, new { network = new { name = "mine" } }, 403);
        Assert.Equal("PolicyNotAuthorized", (await cloud.Demo.Send(HttpMethod.Post, V2 + "networks", new { network = new { name = "x", shared = true } }, 403)).Text("NeutronError.type"));
        Assert.False((await cloud.Demo.Json(V2 + "networks/" + network)).At("network").TryGetProperty("provider:network_type", out _));
    }

    [Fact]
    public async Task Addresses_are_given_by_name_by_subnet_and_until_there_are_no_more()
    {
        await using var cloud = await NeighbourCloud.Start();
        var (network, subnet) = await Network(cloud.Demo, "net", "10.1.0.0/29");
        var port = (await Create(cloud.Demo, "port", new { network_id = network, fixed_ips = new[] { new { ip_address = "10.1.0.4" } } })).Text("port.id");
        Assert.Equal("IpAddressAlreadyAllocated", await Refused(new { network_id = network, fixed_ips = new[] { new { ip_address = "10.1.0.4" } } }, 409));
        Assert.Equal("InvalidIpForNetwork", await Refused(new { network_id = network, fixed_ips = new[] { new { ip_address = "10.2.0.4" } } }, 400));
        Assert.Equal("InvalidInput", await Refused(new { network_id = network, fixed_ips = new[] { new { ip_address = "x" } } }, 400));
        for (var i = 0; i < 4; i++)
            await Create(cloud.Demo, "port", new { network_id = network, fixed_ips = new[] { new { subnet_id = subnet } } });
        Assert.Equal("IpAddressGenerationFailure", await Refused(new { network_id = network }, 409));

        await cloud.Demo.Send(HttpMethod.Put, V2 + "ports/" + port, new { port = new { fixed_ips = Array.Empty<object>() } }, 200);
        Assert.Equal("10.1.0.4", (await Create(cloud.Demo, "port", new { network_id = network })).Text("port.fixed_ips.0.ip_address"));

        async Task<string> Refused(object body, int status) =>
            (await cloud.Demo.Send(HttpMethod.Post, V2 + "ports", new { port = body }, status)).Text("NeutronError.type");
    }

    [Fact]
    public async Task Pools_follow_what_is_asked_and_what_is_in_use()
    {
        await using var cloud = await NeighbourCloud.Start();
        var network = (await Create(cloud.Demo, "network", new { name = "net" })).Text("network.id");
        var subnet = (await Create(cloud.Demo, "subnet", new
        {
            network_id = network, ip_version = 4, cidr = "10.1.0.0/24", allocation_pools = new[] { new { start = "10.1.0.10", end = "10.1.0.11" } },
            dns_nameservers = new[] { "9.9.9.9" }, host_routes = new[] { new { destination = "10.9.0.0/16", nexthop = "10.1.0.5" } },
        })).Text("subnet.id");
        Assert.Equal("10.1.0.10", (await Create(cloud.Demo, "port", new { network_id = network })).Text("port.fixed_ips.0.ip_address"));

        await cloud.Demo.Send(HttpMethod.Put, V2 + "subnets/" + subnet, new { subnet = new { allocation_pools = new[] { new { start = "10.1.0.10", end = "10.1.0.12" } } } }, 200);
        Assert.Equal("10.1.0.11", (await Create(cloud.Demo, "port", new { network_id = network })).Text("port.fixed_ips.0.ip_address"));
        await Refused(new { network_id = network, ip_version = 4, cidr = "10.1.0.128/25" });
        await Refused(new { network_id = network, ip_version = 6, cidr = "10.3.0.0/24" });
        await Refused(new { network_id = network, ip_version = 4, cidr = "10.3.0.0/24", allocation_pools = new[] { new { start = "10.4.0.1", end = "10.4.0.2" } } });
        var v6 = await Create(cloud.Demo, "subnet", new { network_id = network, ip_version = 6, cidr = "fd00::/64", ipv6_address_mode = "slaac", ipv6_ra_mode = "slaac" });
        Assert.Equal("fd00::1", v6.Text("subnet.gateway_ip"));
        var dual = (await Create(cloud.Demo, "port", new { network_id = network })).At("port").At("fixed_ips");
        Assert.Equal(["10.1.0.12", "fd00::f816:3eff:fe"], dual.Names("ip_address").Select((a, i) => i == 0 ? a : a[..18]));

        async Task Refused(object body) =>
            Assert.Equal("InvalidInput", (await cloud.Demo.Send(HttpMethod.Post, V2 + "subnets", new { subnet = body }, 400)).Text("NeutronError.type"));
    }

    [Fact]
    public async Task Every_project_has_a_default_group_that_stays()
    {
        await using var cloud = await NeighbourCloud.Start();
        var group = (await cloud.Demo.Json(V2 + "security-groups?name=default")).At("security_groups")[0];
        Assert.Equal(4, group.At("security_group_rules").GetArrayLength());
        Assert.Equal("SecurityGroupCannotRemoveDefault", (await cloud.Demo.Send(HttpMethod.Delete, V2 + "security-groups/" + group.Text("id"), null, 409)).Text("NeutronError.type"));
        await cloud.Demo.Send(HttpMethod.Post, V2 + "security-groups", new { security_group = new { name = "default" } }, 409);
        Assert.NotEqual(group.Text("id"), (await cloud.Admin.Json(V2 + $"security-groups?name=default&project_id={await Project(cloud.Admin, "admin")}")).Text("security_groups.0.id"));
    }

    [Fact]
    public async Task A_rule_shows_its_prefix_as_it_was_sent_and_as_it_works()
    {
        await using var cloud = await NeighbourCloud.Start();
        var group = (await Create(cloud.Demo, "security_group", new { name = "web" }, "security-groups")).Text("security_group.id");
        object Rule(string prefix) => new { security_group_rule = new { security_group_id = group, direction = "ingress", remote_ip_prefix = prefix } };

        var made = await cloud.Demo.Send(HttpMethod.Post, V2 + "security-group-rules", Rule("10.2.3.124/24"), 201);
        Assert.Equal(("10.2.3.124/24", "10.2.3.0/24"), (made.Text("security_group_rule.remote_ip_prefix"), made.Text("security_group_rule.normalized_cidr")));
        await cloud.Demo.Send(HttpMethod.Post, V2 + "security-group-rules", Rule("10.2.3.0/24"), 409);
        Assert.Equal("10.2.4.1/32", (await cloud.Demo.Send(HttpMethod.Post, V2 + "security-group-rules", Rule("10.2.4.1"), 201)).Text("security_group_rule.remote_ip_prefix"));
    }

    [Theory]
    [InlineData("tcp", 22, 22, "10.0.0.0/8", 201)]
    [InlineData("TCP", 22, 22, null, 201)]
    [InlineData("6", 22, 22, null, 201)]
    [InlineData("icmp", 8, 0, null, 201)]
    [InlineData(null, null, null, null, 201)]
    [InlineData("tcp", 30, 20, null, 400)]
    [InlineData("tcp", 0, 70000, null, 400)]
    [InlineData(null, 22, 22, null, 400)]
    [InlineData("nonsense", null, null, null, 400)]
    [InlineData("icmp", 300, null, null, 400)]
    [InlineData("tcp", 22, 22, "fd00::/64", 400)]
    [InlineData("tcp", 22, 22, "nonsense", 400)]
    public async Task A_rule_is_taken_or_refused(string? protocol, int? min, int? max, string? prefix, int status)
    {
        await using var cloud = await NeighbourCloud.Start();
        var group = (await Create(cloud.Demo, "security_group", new { name = "web" }, "security-groups")).Text("security_group.id");
        var rule = new { security_group_rule = new { security_group_id = group, direction = "ingress", ethertype = "IPv4", protocol, port_range_min = min, port_range_max = max, remote_ip_prefix = prefix } };
        await cloud.Demo.Send(HttpMethod.Post, V2 + "security-group-rules", rule, status);
        if (status == 201)
            Assert.Equal("SecurityGroupRuleExists", (await cloud.Demo.Send(HttpMethod.Post, V2 + "security-group-rules", rule, 409)).Text("NeutronError.type"));
    }

    [Fact]
    public async Task What_the_API_changes_is_what_the_host_is_told()
    {
        await using var cloud = await NeighbourCloud.Start();
        var (network, _) = await Network(cloud.Demo, "net", "10.1.0.0/24");
        var group = (await Create(cloud.Demo, "security_group", new { name = "web" }, "security-groups")).Text("security_group.id");
        var port = (await Create(cloud.Demo, "port", new { network_id = network, security_groups = new[] { group } })).At("port");
        var groups = cloud.Services.GetRequiredService<ISecurityGroups>();
        Assert.DoesNotContain(await groups.RulesOf(Guid.Parse(group), default), r => r.Ingress);

        await Create(cloud.Demo, "security_group_rule", new { security_group_id = group, direction = "ingress", protocol = "tcp", port_range_min = 22, port_range_max = 22, remote_group_id = group }, "security-group-rules");
        var rule = (await groups.RulesOf(Guid.Parse(group), default)).Single(r => r.Ingress);
        Assert.Equal((22, "tcp", Guid.Parse(group)), (rule.PortMin, rule.Protocol, rule.RemoteGroup));
        Assert.Equal(["10.1.0.2"], (await groups.MembersOf(new(Guid.Parse(network), Guid.Parse(group)), 0, default)).Joined);
        Assert.Equal("SecurityGroupInUse", (await cloud.Demo.Send(HttpMethod.Delete, V2 + "security-groups/" + group, null, 409)).Text("NeutronError.type"));
        await cloud.Demo.Send(HttpMethod.Put, V2 + "ports/" + port.Text("id"), new { port = new { security_groups = Array.Empty<string>(), port_security_enabled = false } }, 200);
        Assert.Empty((await groups.MembersOf(new(Guid.Parse(network), Guid.Parse(group)), 0, default)).Joined);
        await cloud.Demo.Send(HttpMethod.Delete, V2 + "security-groups/" + group, null, 204);
    }

    [Fact]
    public async Task Quotas_stop_and_are_set_by_admins_only()
    {
        await using var cloud = await NeighbourCloud.Start();
        var project = await Project(cloud.Demo, "demo");
        await cloud.Demo.Send(HttpMethod.Put, V2 + "quotas/" + project, new { quota = new { network = 9 } }, 403);
        await cloud.Admin.Send(HttpMethod.Put, V2 + "quotas/" + project, new { quota = new { network = 1 } }, 200);
        await Network(cloud.Demo, "one", "10.1.0.0/24");

        var error = (await cloud.Demo.Send(HttpMethod.Post, V2 + "networks", new { network = new { name = "two" } }, 409)).At("NeutronError");
        Assert.Equal(("OverQuota", "Quota exceeded for resources: ['network']."), (error.Text("type"), error.Text("message")));
        var details = await cloud.Demo.Json(V2 + $"quotas/{project}/details.json");
        Assert.Equal(("1", "1", "0"), (details.Text("quota.network.limit"), details.Text("quota.network.used"), details.Text("quota.network.reserved")));
        await cloud.Admin.Send(HttpMethod.Delete, V2 + "quotas/" + project, null, 204);
        Assert.Equal("100", (await cloud.Demo.Json(V2 + "quotas/" + project)).Text("quota.network"));
    }

    [Fact]
    public async Task Lists_are_filtered_cut_sorted_and_paged()
    {
        await using var cloud = await NeighbourCloud.Start();
        var many = await cloud.Demo.Send(HttpMethod.Post, V2 + "networks", new { networks = ((string[])["b", "a", "c"]).Select(name => new { name }) }, 201);
        Assert.Equal(3, many.At("networks").GetArrayLength());

        Assert.Equal(["a", "c"], (await cloud.Demo.Json(V2 + "networks?name=a&name=c&sort_key=name")).At("networks").Names());
        var cut = (await cloud.Demo.Json(V2 + "networks?fields=name&sort_key=name&sort_dir=desc")).At("networks");
        Assert.Equal(("c", 1), (cut[0].Text("name"), cut[0].EnumerateObject().Count()));
        var page = await cloud.Demo.Json(V2 + "networks?limit=2&sort_key=name");
        var next = new Uri(page.Text("networks_links.0.href")).PathAndQuery;
        Assert.Equal(["c"], (await cloud.Demo.Json(next)).At("networks").Names());
    }

    [Fact]
    public async Task Clients_find_what_they_look_for_first()
    {
        await using var cloud = await NeighbourCloud.Start();
        Assert.Equal("v2.0", (await cloud.Anonymous.Json("/network/")).Text("versions.0.id"));
        Assert.Contains("security-group", (await cloud.Demo.Json(V2 + "extensions")).At("extensions").Names("alias"));
        await cloud.Demo.Json(V2 + "extensions/trunk", 404);
        foreach (var empty in (IEnumerable<string>)["floatingips", "routers", "agents", "subnetpools"])
            Assert.Empty((await cloud.Demo.Json(V2 + empty)).At(empty).EnumerateArray());
        await cloud.Anonymous.Json(V2 + "networks", 401);
        await cloud.Demo.Json(V2 + "networks/nonsense", 404);
    }

    [NeedsFact(Need.OpenStackClient)]
    public async Task The_stock_client_works()
    {
        await using var cloud = await NeighbourCloud.Start();
        Assert.Equal("net", (await cloud.OpenStack("network", "create", "--share", "net")).Text("name"));
        Assert.Equal("10.1.0.0/24", (await cloud.OpenStack("subnet", "create", "--network", "net", "--subnet-range", "10.1.0.0/24", "--dns-nameserver", "9.9.9.9", "sub")).Text("cidr"));
        Assert.Equal("port1", (await cloud.OpenStack("port", "create", "--network", "net", "--fixed-ip", "subnet=sub,ip-address=10.1.0.9", "port1")).Text("name"));
        await cloud.Run("security", "group", "create", "web", "-f", "json");
        Assert.Equal("22", (await cloud.OpenStack("security", "group", "rule", "create", "--proto", "tcp", "--dst-port", "22", "web")).Text("port_range_min"));
        Assert.Equal(1, (await cloud.OpenStack("network", "list")).GetArrayLength());
        Assert.Equal(1, (await cloud.OpenStack("port", "list", "--network", "net")).GetArrayLength());
        Assert.Equal(3, (await cloud.OpenStack("security", "group", "rule", "list", "web")).GetArrayLength());
        await cloud.Run("port", "set", "--security-group", "web", "--name", "renamed", "port1");
        await cloud.Run("port", "delete", "renamed");
        await cloud.Run("security", "group", "delete", "web");
        await cloud.Run("subnet", "delete", "sub");
        await cloud.Run("network", "delete", "net");
        Assert.Empty((await cloud.OpenStack("network", "list")).EnumerateArray());
    }

    private static async Task<(string Network, string Subnet)> Network(HttpClient client, string name, string cidr)
    {
        var network = (await Create(client, "network", new { name })).Text("network.id");
        return (network, (await Create(client, "subnet", new { network_id = network, ip_version = 4, cidr })).Text("subnet.id"));
    }

    private static Task<JsonElement> Create(HttpClient client, string name, object body, string? path = null) =>
        client.Send(HttpMethod.Post, V2 + (path ?? name + "s"), new Dictionary<string, object> { [name] = body }, 201);

    private static async Task<string> Project(HttpClient client, string name) =>
        (await client.Json("/identity/v3/auth/projects")).At("projects").EnumerateArray().Single(p => p.Text("name") == name).Text("id");
}
