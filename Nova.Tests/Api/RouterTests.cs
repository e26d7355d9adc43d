using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Networks;
using Nova.Modules.Servers;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

/// <summary>Routers, floating addresses and what is around them, over HTTP.</summary>
[Collection(nameof(ServerCloud))]
public sealed class RouterTests(ServerCloud cloud)
{
    private readonly RouterCases _cases = new(cloud);

    [Fact]
    public Task A_router_leads_from_subnets_to_an_external_network() => _cases.A_router_leads_from_subnets_to_an_external_network();

    [Fact]
    public Task A_leg_by_port_keeps_the_ports_address_and_routes_need_a_neighbour() => _cases.A_leg_by_port_keeps_the_ports_address_and_routes_need_a_neighbour();

    [Fact]
    public Task Gateways_are_external_networks_and_administrators_choose_addresses_and_snat() => _cases.Gateways_are_external_networks_and_administrators_choose_addresses_and_snat();

    [Fact]
    public Task A_floating_address_leads_to_a_port_behind_a_router() => _cases.A_floating_address_leads_to_a_port_behind_a_router();

    [Fact]
    public Task A_server_shows_its_floating_address_and_the_old_proxies_move_it() => _cases.A_server_shows_its_floating_address_and_the_old_proxies_move_it();

    [Fact]
    public Task Ports_are_bound_to_further_hosts_by_administrators() => _cases.Ports_are_bound_to_further_hosts_by_administrators();

    [Fact]
    public Task Things_have_tags_and_are_found_by_them() => _cases.Things_have_tags_and_are_found_by_them();

    [Fact]
    public Task Quotas_bound_routers_and_floating_addresses() => _cases.Quotas_bound_routers_and_floating_addresses();

    [Fact]
    public Task Other_projects_and_readers_have_no_part_in_it() => _cases.Other_projects_and_readers_have_no_part_in_it();

    [Fact]
    public async Task Hosts_are_told_of_routers_and_floating_addresses_while_guests_run()
    {
        var ada = cloud.NewMember();
        var (outside, _, prefix) = await _cases.Outside();
        var (network, subnet) = await _cases.Inside(ada, "10.1.0.0/24");
        var server = Guid.Parse(await cloud.Boot(ada, networks: $$"""[{"uuid": "{{network}}"}]"""));
        var told = new System.Collections.Concurrent.ConcurrentQueue<Guid>();
        cloud.Services.GetRequiredService<LiveChanges>().GuestChanged += told.Enqueue;

        var router = (await ada.Post("/network/v2.0/routers", $$"""{"router": {"external_gateway_info": {"network_id": "{{outside}}"} } }""")).Is(201)["router", "id"].GetString();
        Assert.Null((await Nic(server)).Network.Routers);
        (await ada.Put($"/network/v2.0/routers/{router}/add_router_interface", $$"""{"subnet_id": "{{subnet}}"}""")).Is(200);
        Assert.Contains(server, told);
        var spec = Assert.Single((await Nic(server)).Network.Routers!);
        Assert.Equal((true, prefix + ".2", new RouterLegSpec(Guid.Parse(network), "10.1.0.0/24", "10.1.0.1")), (spec.LeadsOut, spec.Outside, Assert.Single(spec.Legs)));

        told.Clear();
        var nic = await Nic(server);
        var floating = (await ada.Post("/network/v2.0/floatingips", $$"""{"floatingip": {"floating_network_id": "{{outside}}", "port_id": "{{nic.PortId}}"} }""")).Is(201)["floatingip"];
        Assert.Contains(server, told);
        Assert.Equal([new(nic.Addresses[0].Address, floating.GetProperty("floating_ip_address").GetString()!)], (await Nic(server)).Floating!);

        told.Clear();
        (await ada.Delete("/network/v2.0/floatingips/" + floating.GetProperty("id").GetString())).Is(204);
        Assert.Contains(server, told);
        Assert.Null((await Nic(server)).Floating);
        (await ada.Put($"/network/v2.0/routers/{router}", """{"router": {"admin_state_up": false}}""")).Is(200);
        Assert.False(Assert.Single((await Nic(server)).Network.Routers!).LeadsOut);
        (await ada.Put($"/network/v2.0/routers/{router}/remove_router_interface", $$"""{"subnet_id": "{{subnet}}"}""")).Is(200);
        Assert.Null((await Nic(server)).Network.Routers);
    }

    private async Task<NicSpec> Nic(Guid server)
    {
        var row = await cloud.Services.GetRequiredService<ServerStore>().Find(server, default);
        return Assert.Single(await cloud.Services.GetRequiredService<INetworkProvider>().Describe(row!.Networks, default));
    }

    [Fact]
    public async Task There_is_an_agent_for_each_host_and_only_administrators_see_it()
    {
        var agents = (await cloud.As("admin").Get("/network/v2.0/agents")).Is(200)["agents"].EnumerateArray().ToList();
        var hosts = (await cloud.As("admin").At("2.53").Get("/v2.1/os-services?binary=nova-compute")).Is(200)["services"].EnumerateArray().Select(s => s.GetProperty("host").GetString());
        Assert.Equal(hosts.Order(), agents.Select(a => a.GetProperty("host").GetString()).Order());
        Assert.All(agents, a => Assert.True(a.GetProperty("alive").GetBoolean()));
        Assert.Equal(agents[0].GetProperty("host").GetString(), (await cloud.As("admin").Get("/network/v2.0/agents/" + agents[0].GetProperty("id").GetString())).Is(200)["agent", "host"].GetString());
        Assert.Empty((await cloud.NewMember().Get("/network/v2.0/agents")).Is(200)["agents"].EnumerateArray());
        (await cloud.NewMember().Get("/network/v2.0/agents/" + agents[0].GetProperty("id").GetString())).Is(404);
    }

    [Fact]
    public async Task Administrators_see_how_full_networks_are()
    {
        var ada = cloud.NewMember();
        var (network, subnet) = await _cases.Inside(ada, "10.1.0.0/28");
        (await ada.Post("/network/v2.0/ports", $$"""{"port": {"network_id": "{{network}}"} }""")).Is(201);
        var shown = (await cloud.As("admin").Get("/network/v2.0/network-ip-availabilities/" + network)).Is(200)["network_ip_availability"];
        Assert.Equal((13, 1, subnet), (shown.GetProperty("total_ips").GetInt32(), shown.GetProperty("used_ips").GetInt32(), shown.GetProperty("subnet_ip_availability")[0].GetProperty("subnet_id").GetString()));
        Assert.Single((await cloud.As("admin").Get($"/network/v2.0/network-ip-availabilities?network_id={network}")).Is(200)["network_ip_availabilities"].EnumerateArray());
        Assert.Empty((await ada.Get("/network/v2.0/network-ip-availabilities")).Is(200)["network_ip_availabilities"].EnumerateArray());
        (await ada.Get("/network/v2.0/network-ip-availabilities/" + network)).Is(404);
    }

    [Fact]
    public async Task Lists_are_paged_in_both_directions()
    {
        var ada = cloud.NewMember();
        (await ada.Post("/network/v2.0/routers", """{"routers": [{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}]}""")).Is(201);
        var first = await Page("/network/v2.0/routers?sort_key=name&limit=2");
        Assert.Equal(["a", "b"], first.Names);
        Assert.Equal(["next"], first.Links.Keys);
        var second = await Page(first.Links["next"]);
        Assert.Equal(["c", "d"], second.Names);
        Assert.Equal(["previous"], second.Links.Keys);
        Assert.Equal(["a", "b"], (await Page(second.Links["previous"])).Names);
        Assert.Equal(["c", "d"], (await Page("/network/v2.0/routers?sort_key=name&limit=2&page_reverse=True")).Names);
        (await ada.Get("/network/v2.0/routers?limit=2&marker=" + Guid.NewGuid())).Is(404);
        (await ada.Get("/network/v2.0/routers?limit=-1")).Is(400);
        (await ada.Get("/network/v2.0/routers?sort_key=nonsense")).Is(400);
        (await ada.Get("/network/v2.0/routers?sort_key=name&sort_dir=up")).Is(400);

        async Task<(IEnumerable<string?> Names, Dictionary<string, string> Links)> Page(string path)
        {
            var answer = (await ada.Get(path)).Is(200);
            var links = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(answer.Text)!.GetValueOrDefault("routers_links");
            return (answer["routers"].EnumerateArray().Select(r => r.GetProperty("name").GetString()).ToList(),
                links.ValueKind == JsonValueKind.Array ? links.EnumerateArray().ToDictionary(l => l.GetProperty("rel").GetString()!, l => new Uri(l.GetProperty("href").GetString()!).PathAndQuery) : []);
        }
    }
}

/// <summary>The same statements over PostgreSQL.</summary>
public sealed class RouterOnPostgresTests
{
    [NeedsFact(Need.Postgres)]
    public async Task Routers_and_floating_addresses_work_over_postgres()
    {
        var cloud = new PostgresServerCloud();
        await cloud.InitializeAsync();
        try
        {
            var cases = new RouterCases(cloud);
            await cases.A_router_leads_from_subnets_to_an_external_network();
            await cases.A_leg_by_port_keeps_the_ports_address_and_routes_need_a_neighbour();
            await cases.Gateways_are_external_networks_and_administrators_choose_addresses_and_snat();
            await cases.A_floating_address_leads_to_a_port_behind_a_router();
            await cases.A_server_shows_its_floating_address_and_the_old_proxies_move_it();
            await cases.Ports_are_bound_to_further_hosts_by_administrators();
            await cases.Things_have_tags_and_are_found_by_them();
            await cases.Quotas_bound_routers_and_floating_addresses();
            await cases.Other_projects_and_readers_have_no_part_in_it();
        }
        finally
        {
            await cloud.Remove();
        }
    }
}
