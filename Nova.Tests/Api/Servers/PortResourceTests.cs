using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Servers.Audit;
using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

/// <summary>Two hosts: one with a network card of 1000 kbit/s, packets and a virtual function, one without.</summary>
public class PortResourceCloud : ServerCloud
{
    private const string Profiles =
        """
        [{"count": 1, "hardware": {
            "pools": [
                {"name": "card", "resources": {"NET_BW_EGR_KILOBIT_PER_SEC": 1000, "NET_BW_IGR_KILOBIT_PER_SEC": 1000}, "traits": ["CUSTOM_PHYSNET_PHYSNET0", "CUSTOM_VNIC_TYPE_NORMAL"]},
                {"name": "other", "resources": {"NET_BW_EGR_KILOBIT_PER_SEC": 9000, "NET_BW_IGR_KILOBIT_PER_SEC": 9000}, "traits": ["CUSTOM_PHYSNET_OTHER", "CUSTOM_VNIC_TYPE_NORMAL"]},
                {"name": "switch", "resources": {"NET_PACKET_RATE_KILOPACKET_PER_SEC": 100}, "traits": ["CUSTOM_VNIC_TYPE_NORMAL"]}],
            "devices": [{"address": "0000:81:10.1", "vendor_id": "8086", "product_id": "154c", "type": "type-VF", "physical_network": "physnet0"}]}},
         {"vcpus": 8}]
        """;

    private readonly string _profiles = Path.GetTempFileName();

    /// <inheritdoc />
    protected override IReadOnlyDictionary<string, string> Changed
    {
        get
        {
            File.WriteAllText(_profiles, Profiles);
            return new Dictionary<string, string> { ["compute.hosts"] = "2", ["fake.profile_file"] = _profiles };
        }
    }
}

/// <summary>Ports that take bandwidth, packets or a device of their host.</summary>
public class PortResourceTests(PortResourceCloud cloud) : IClassFixture<PortResourceCloud>
{
    private CloudClient Admin => cloud.As("admin").At("2.72");

    [Fact]
    public async Task A_server_goes_where_its_port_has_bandwidth_and_the_port_says_who_gives_it()
    {
        var (network, policy) = (await NewNetwork("physnet0"), await NewPolicy(("minimum_bandwidth", "min_kbps", 400, "egress"), ("minimum_bandwidth", "min_kbps", 300, "ingress"), ("minimum_packet_rate", "min_kpps", 60, "any")));
        var port = await NewPort(network, policy);
        var request = (await Admin.Get($"/network/v2.0/ports/{port}")).Is(200)["port", "resource_request"];
        var groups = request.GetProperty("request_groups");
        Assert.Equal(2, groups.GetArrayLength());
        Assert.Equal(400, groups[0].GetProperty("resources").GetProperty("NET_BW_EGR_KILOBIT_PER_SEC").GetInt64());
        Assert.Equal(["CUSTOM_PHYSNET_PHYSNET0", "CUSTOM_VNIC_TYPE_NORMAL"], groups[0].GetProperty("required").EnumerateArray().Select(t => t.GetString()));

        var id = await Boot(port);
        var profile = (await Admin.Get($"/network/v2.0/ports/{port}")).Is(200)["port", "binding:profile"].GetProperty("allocation");
        var card = await Provider("card");
        Assert.Equal(card, profile.GetProperty(groups[0].GetProperty("id").GetString()!).GetString());
        Assert.Equal(await Provider("switch"), profile.GetProperty(groups[1].GetProperty("id").GetString()!).GetString());
        var held = (await Admin.Get($"/placement/allocations/{id}")).Is(200)["allocations"];
        Assert.Equal((400, 300), (Of(held, card, "NET_BW_EGR_KILOBIT_PER_SEC"), Of(held, card, "NET_BW_IGR_KILOBIT_PER_SEC")));
        await Audited();

        // The card has 600 left, the switch 40.
        var greedy = await NewPort(network, policy);
        var refused = await Create(greedy);
        await cloud.Settled(refused);
        var fault = (await Admin.Get($"/v2.1/servers/{refused}")).Is(200)["server", "fault"].GetProperty("message").GetString()!;
        Assert.Contains("NET_PACKET_RATE_KILOPACKET_PER_SEC", fault, StringComparison.Ordinal);
        (await Admin.Delete($"/v2.1/servers/{refused}")).Is(204);
        await cloud.Settled(refused);

        (await Admin.Put($"/network/v2.0/ports/{port}", """{"port": {"qos_policy_id": null}}""")).Is(409);
        (await Admin.Delete($"/network/v2.0/qos/policies/{policy}")).Is(409);
        (await Admin.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);
        Assert.Empty((await Admin.Get($"/network/v2.0/ports/{port}")).Is(200)["port", "binding:profile"].EnumerateObject());
        Assert.Equal(0, await Used("card", "NET_BW_EGR_KILOBIT_PER_SEC"));
        await Audited();
    }

    [Fact]
    public async Task A_port_with_bandwidth_is_attached_where_the_servers_host_has_it()
    {
        var (network, policy) = (await NewNetwork("other"), await NewPolicy(("minimum_bandwidth", "min_kbps", 4000, "egress")));
        var (first, second, third) = (await NewPort(network, policy), await NewPort(network, policy), await NewPort(network, policy));
        var id = await Boot(first);
        var path = $"/v2.1/servers/{id}/os-interface";

        (await Admin.Post(path, Attach(second))).Is(200);
        Assert.Equal(8000, await Used("other", "NET_BW_EGR_KILOBIT_PER_SEC"));
        Assert.Equal(await Provider("other"), (await Admin.Get($"/network/v2.0/ports/{second}")).Is(200)["port", "binding:profile"].GetProperty("allocation").EnumerateObject().Single().Value.GetString());
        (await Admin.Post(path, Attach(third))).Is(400, $"Failed to allocate additional resources to {id} during interface attach");
        Assert.Equal("", (await Admin.Get($"/network/v2.0/ports/{third}")).Is(200)["port", "device_id"].GetString());
        await Audited();

        (await Admin.Delete($"{path}/{second}")).Is(202);
        await cloud.Settled(id);
        Assert.Equal(4000, await Used("other", "NET_BW_EGR_KILOBIT_PER_SEC"));
        (await Admin.Post(path, Attach(third))).Is(200);

        // A port that is deleted gives back what it had.
        (await Admin.Delete($"/network/v2.0/ports/{third}")).Is(204);
        Assert.Equal(4000, await Used("other", "NET_BW_EGR_KILOBIT_PER_SEC"));
        await Audited();
        (await Admin.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);
        Assert.Equal(0, await Used("other", "NET_BW_EGR_KILOBIT_PER_SEC"));

        // The host without cards cannot give it.
        var elsewhere = await cloud.Boot(Admin.At("2.74"), more: ""","host": "fake-00002" """);
        (await Admin.Post($"/v2.1/servers/{elsewhere}/os-interface", Attach(second))).Is(400, $"Failed to allocate additional resources to {elsewhere} during interface attach");
        (await Admin.Delete($"/v2.1/servers/{elsewhere}")).Is(204);
        await cloud.Settled(elsewhere);
    }

    [Fact]
    public async Task Before_2_72_no_server_is_made_with_such_a_port()
    {
        var port = await NewPort(await NewNetwork("physnet0"), await NewPolicy(("minimum_bandwidth", "min_kbps", 1, "egress")));
        (await Admin.At("2.71").Post("/v2.1/servers", cloud.Body(networks: $$"""[{"port": "{{port}}"}]"""))).Is(
            400, "Creating servers with ports having resource requests, like a port with a QoS minimum bandwidth policy, is not supported until microversion 2.72.");
        var id = await Boot(port);
        (await Admin.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);
    }

    [Fact]
    public async Task A_direct_port_is_a_device_of_the_host_until_it_is_detached()
    {
        var network = await NewNetwork("physnet0");
        var port = await NewPort(network, policy: null, """, "binding:vnic_type": "direct" """);
        var second = await NewPort(network, policy: null, """, "binding:vnic_type": "direct" """);
        var id = await Boot(port);
        var profile = (await Admin.Get($"/network/v2.0/ports/{port}")).Is(200)["port", "binding:profile"];
        Assert.Equal(("0000:81:10.1", "physnet0"), (profile.GetProperty("pci_slot").GetString(), profile.GetProperty("physical_network").GetString()));
        (await Admin.Post($"/v2.1/servers/{id}/os-interface", Attach(second))).Is(400, $"Failed to claim PCI device for {id} during interface attach");

        var without = await Create(second);
        await cloud.Settled(without);
        Assert.Equal("ERROR", (await Admin.Get($"/v2.1/servers/{without}")).Is(200)["server", "status"].GetString());
        (await Admin.Delete($"/v2.1/servers/{without}")).Is(204);
        await cloud.Settled(without);

        (await Admin.Delete($"/v2.1/servers/{id}/os-interface/{port}")).Is(202);
        await cloud.Settled(id);
        var other = await Boot(second);
        await Audited();
        foreach (var server in new[] { id, other })
        {
            (await Admin.Delete($"/v2.1/servers/{server}")).Is(204);
            await cloud.Settled(server);
        }
    }

    [Fact]
    public async Task Policies_and_rules_are_made_changed_and_removed_by_administrators()
    {
        var ada = cloud.NewMember();
        (await ada.Post("/network/v2.0/qos/policies", """{"policy": {"name": "mine"}}""")).Is(403);
        var hidden = await NewPolicy();
        (await ada.Get($"/network/v2.0/qos/policies/{hidden}")).Is(404);
        var path = $"/network/v2.0/qos/policies/{hidden}";
        (await Admin.Put(path, """{"policy": {"shared": true, "name": "gold"}}""")).Is(200);
        Assert.Equal("gold", (await ada.Get(path)).Is(200)["policy", "name"].GetString());

        var rules = path + "/minimum_bandwidth_rules";
        (await Admin.Post(rules, """{"minimum_bandwidth_rule": {"direction": "any", "min_kbps": 1}}""")).Is(400);
        (await Admin.Post(rules, """{"minimum_bandwidth_rule": {"direction": "egress"}}""")).Is(400);
        (await Admin.Post(rules, """{"minimum_bandwidth_rule": {"min_kbps": -1}}""")).Is(400);
        (await ada.Post(rules, """{"minimum_bandwidth_rule": {"min_kbps": 1}}""")).Is(403);
        var rule = (await Admin.Post(rules, """{"minimum_bandwidth_rule": {"min_kbps": 10}}""")).Is(201)["minimum_bandwidth_rule", "id"].GetString();
        (await Admin.Post(rules, """{"minimum_bandwidth_rule": {"min_kbps": 20}}""")).Is(409);
        Assert.Equal(30, (await Admin.Put($"{rules}/{rule}", """{"minimum_bandwidth_rule": {"min_kbps": 30}}""")).Is(200)["minimum_bandwidth_rule", "min_kbps"].GetInt64());
        Assert.Equal("egress", (await ada.Get($"{rules}/{rule}")).Is(200)["minimum_bandwidth_rule", "direction"].GetString());
        Assert.Equal(1, (await ada.Get(path)).Is(200)["policy", "rules"].GetArrayLength());
        (await Admin.Get($"{path}/minimum_packet_rate_rules/{rule}")).Is(404);
        (await Admin.Delete($"{rules}/{rule}")).Is(204);
        (await Admin.Delete($"{rules}/{rule}")).Is(404);
        Assert.Equal(["minimum_bandwidth", "minimum_packet_rate"], (await ada.Get("/network/v2.0/qos/rule-types")).Is(200)["rule_types"].EnumerateArray().Select(t => t.GetProperty("type").GetString()));
        (await ada.Post("/network/v2.0/ports", $$$"""{"port": {"network_id": "{{{await NewNetwork("physnet0")}}}", "qos_policy_id": "{{{Guid.Empty}}}"}}""")).Is(404);
        (await Admin.Delete(path)).Is(204);
        (await Admin.Get(path)).Is(404);
    }

    private async Task Audited() => Assert.Empty((await cloud.Services.GetRequiredService<ServerAudit>().Run(default)).Findings);

    private static string Attach(string port) => $$$"""{"interfaceAttachment": {"port_id": "{{{port}}}"}}""";

    private Task<string> Boot(string port) => cloud.Boot(Admin, networks: $$"""[{"port": "{{port}}"}]""");

    private async Task<string> Create(string port) =>
        (await Admin.Post("/v2.1/servers", cloud.Body(networks: $$"""[{"port": "{{port}}"}]"""))).Is(202)["server", "id"].GetString()!;

    private async Task<string> NewNetwork(string physical)
    {
        var network = (await Admin.Post("/network/v2.0/networks", $$$"""{"network": {"name": "n", "shared": true, "provider:physical_network": "{{{physical}}}"}}""")).Is(201)["network", "id"].GetString()!;
        (await Admin.Post("/network/v2.0/subnets", $$$"""{"subnet": {"network_id": "{{{network}}}", "ip_version": 4, "cidr": "10.95.0.0/24"}}""")).Is(201);
        return network;
    }

    private async Task<string> NewPolicy(params (string Kind, string Member, int Amount, string Direction)[] rules)
    {
        var policy = (await Admin.Post("/network/v2.0/qos/policies", """{"policy": {"name": "p"}}""")).Is(201)["policy", "id"].GetString()!;
        foreach (var (kind, member, amount, direction) in rules)
            (await Admin.Post($"/network/v2.0/qos/policies/{policy}/{kind}_rules", $$$"""{"{{{kind}}}_rule": {"{{{member}}}": {{{amount}}}, "direction": "{{{direction}}}"}}""")).Is(201);
        return policy;
    }

    private async Task<string> NewPort(string network, string? policy, string more = "") => (await Admin.Post(
        "/network/v2.0/ports", $$$"""{"port": {"network_id": "{{{network}}}"{{{(policy is null ? "" : $", \"qos_policy_id\": \"{policy}\"")}}}{{{more}}}}}""")).Is(201)["port", "id"].GetString()!;

    private async Task<string> Provider(string pool) => (await Admin.Get($"/placement/resource_providers?name=fake-00001_{pool}")).Is(200)["resource_providers"][0].GetProperty("uuid").GetString()!;

    private async Task<long> Used(string pool, string name) =>
        (await Admin.Get($"/placement/resource_providers/{await Provider(pool)}/usages")).Is(200)["usages"].GetProperty(name).GetInt64();

    private static long Of(JsonElement allocations, string provider, string name) => allocations.GetProperty(provider).GetProperty("resources").GetProperty(name).GetInt64();
}
