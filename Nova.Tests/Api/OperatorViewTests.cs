using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

/// <summary>A cloud with two hosts, of which none is connected.</summary>
public sealed class CloudWithHosts : TestCloud, IAsyncLifetime
{
    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        var database = Services.GetRequiredService<Database>();
        await database.Write(
            tx =>
            {
                // The cloud's own fake host makes room for two whose every column is known.
                tx.Execute("DELETE FROM hosts");
                tx.Execute("DELETE FROM services");
                for (var i = 1; i <= 2; i++)
                    AddHost(tx, i);
            }, default);
    }

    /// <summary>The id of a service or host: the same digit everywhere.</summary>
    public static Guid Id(int number) => Guid.Parse($"0199{new string((char)('0' + number), 4)}-0000-7000-8000-000000000000");

    private static void AddHost(Tx tx, int number)
    {
        tx.Execute(
            """
            INSERT INTO services (id, number, binary_name, host, disabled, forced_down, release, wire_level, schema_level, created_at, updated_at)
            VALUES (@id, @number, 'nova-compute', @host, FALSE, FALSE, '1', 1, 1, 0, 1000)
            """, new { id = Id(number), number, host = $"host{number}" });
        tx.Execute(
            """
            INSERT INTO hosts (cell, id, number, service_id, name, node, zone, state, state_since, hypervisor_type, hypervisor_version,
                host_ip, vcpus, memory_mb, disk_gb, cpu_info, supported_instances, created_at)
            VALUES (0, @id, @number, @id, @host, @node, 'nova', 'down', 0, 'QEMU', 7002000, '192.0.2.1', 8, 16384, 100, '{"arch": "x86_64"}', '[]', 0)
            """, new { id = Id(number), number, host = $"host{number}", node = $"node{number}.example" });
    }
}

public class OperatorViewTests(CloudWithHosts cloud) : IClassFixture<CloudWithHosts>
{
    private CloudClient Admin => cloud.As("admin");

    [Fact]
    public async Task Services_are_listed_with_numbers_until_2_52_and_uuids_from_2_53()
    {
        var old = (await Admin.At("2.52").Get("/v2.1/os-services?host=host2")).Is(200)["services"][0];
        var now = (await Admin.At("2.53").Get("/v2.1/os-services?host=host2&binary=nova-compute")).Is(200)["services"][0];

        Assert.Equal(2, old.GetProperty("id").GetInt32());
        Assert.Equal(CloudWithHosts.Id(2), now.GetProperty("id").GetGuid());
        Assert.Equal("down", now.GetProperty("state").GetString());
        Assert.Equal("1970-01-01T00:00:01.000000", now.GetProperty("updated_at").GetString());
        Assert.False((await Admin.At("2.10").Get("/v2.1/os-services"))["services"][0].TryGetProperty("forced_down", out _));
        Assert.True((await Admin.At("2.11").Get("/v2.1/os-services"))["services"][0].TryGetProperty("forced_down", out _));
        (await Admin.At("2.74").Get("/v2.1/os-services?x=1")).Is(200);
        (await Admin.At("2.75").Get("/v2.1/os-services?x=1")).Is(400);
        (await cloud.As("ada:blue").Get("/v2.1/os-services")).Is(403);
    }

    [Fact]
    public async Task Until_2_52_the_address_says_what_to_do_with_a_service()
    {
        var who = new { host = "host1", binary = "nova-compute" };

        Assert.Equal("disabled", (await Admin.Put("/v2.1/os-services/disable", who)).Is(200)["service", "status"].GetString());
        (await Admin.Put("/v2.1/os-services/disable-log-reason", who)).Is(400, "Missing disabled reason field");
        Assert.Equal("broken", (await Admin.Put("/v2.1/os-services/disable-log-reason", new { who.host, who.binary, disabled_reason = "broken" })).Is(200)["service", "disabled_reason"].GetString());
        Assert.Equal("enabled", (await Admin.Put("/v2.1/os-services/enable", who)).Is(200)["service", "status"].GetString());
        (await Admin.At("2.10").Put("/v2.1/os-services/force-down", who)).Is(404, "Unknown action");
        Assert.True((await Admin.At("2.11").Put("/v2.1/os-services/force-down", new { who.host, who.binary, forced_down = "yes" })).Is(200)["service", "forced_down"].GetBoolean());
        (await Admin.Put("/v2.1/os-services/enable", new { host = "nowhere", binary = "nova-compute" })).Is(404, "Could not find binary nova-compute on host nowhere.");
        (await Admin.Put("/v2.1/os-services/enable", new { host = "host1", binary = "nova-api" }))
            .Is(400, "Updating a nova-api service is not supported. Only nova-compute services can be updated.");
    }

    [Fact]
    public async Task From_2_53_the_body_says_what_to_change()
    {
        var at = Admin.At("2.53");
        var path = $"/v2.1/os-services/{CloudWithHosts.Id(1)}";

        Assert.Equal("why", (await at.Put(path, new { status = "disabled", disabled_reason = "why" })).Is(200)["service", "disabled_reason"].GetString());
        Assert.Equal("enabled", (await at.Put(path, new { status = "enabled" })).Is(200)["service", "status"].GetString());
        (await at.Put(path, new { status = "enabled", disabled_reason = "x" })).Is(400, "Specifying 'disabled_reason' with status 'enabled' is invalid.");
        (await at.Put(path, new { })).Is(400, "No updates were requested. Fields 'status' or 'forced_down' should be specified.");
        (await at.Put("/v2.1/os-services/enable", new { status = "enabled" })).Is(400, "Invalid uuid enable");
        (await at.Put($"/v2.1/os-services/{Guid.Empty}", new { status = "enabled" })).Is(404, $"Service {Guid.Empty} could not be found.");
        (await at.Delete($"/v2.1/os-services/{Guid.Empty}")).Is(404);
        (await Admin.Delete("/v2.1/os-services/x")).Is(400);
    }

    [Fact]
    public async Task Hypervisors_change_their_form_at_2_28_2_53_and_2_88()
    {
        var first = (await Admin.Get("/v2.1/os-hypervisors/detail")).Is(200)["hypervisors"][0];
        Assert.Equal(1, first.GetProperty("id").GetInt32());
        Assert.Equal("{\"arch\": \"x86_64\"}", first.GetProperty("cpu_info").GetString());
        Assert.Equal(16384, first.GetProperty("free_ram_mb").GetInt32());
        Assert.Equal("x86_64", (await Admin.At("2.28").Get("/v2.1/os-hypervisors/1")).Is(200)["hypervisor", "cpu_info", "arch"].GetString());
        (await Admin.At("2.53").Get("/v2.1/os-hypervisors/1")).Is(400, "Invalid uuid 1");
        Assert.Equal(8, (await Admin.At("2.87").Get($"/v2.1/os-hypervisors/{CloudWithHosts.Id(1)}")).Is(200)["hypervisor", "vcpus"].GetInt32());
        Assert.False((await Admin.At("2.88").Get($"/v2.1/os-hypervisors/{CloudWithHosts.Id(1)}")).Is(200)["hypervisor"].TryGetProperty("vcpus", out _));
        (await Admin.Get("/v2.1/os-hypervisors/99")).Is(404, "Hypervisor with ID '99' could not be found.");
        (await Admin.Get("/v2.1/os-hypervisors/1/uptime")).Is(501);
        (await cloud.As("ada:blue").Get("/v2.1/os-hypervisors")).Is(403);
    }

    [Fact]
    public async Task Hypervisors_have_pages_from_2_33_and_are_searched()
    {
        var page = (await Admin.At("2.33").Get("/v2.1/os-hypervisors?limit=1")).Is(200);
        Assert.Equal(cloud.Url + "/v2.1/os-hypervisors?limit=1&marker=1", page["hypervisors_links"][0].GetProperty("href").GetString());
        Assert.Equal(2, (await Admin.At("2.53").Get($"/v2.1/os-hypervisors?marker={CloudWithHosts.Id(1)}")).Is(200)["hypervisors"].GetArrayLength() + 1);
        (await Admin.At("2.53").Get($"/v2.1/os-hypervisors?marker={Guid.Empty}")).Is(400, $"marker [{Guid.Empty}] not found");
        Assert.Equal(1, (await Admin.At("2.53").Get("/v2.1/os-hypervisors?hypervisor_hostname_pattern=node2")).Is(200)["hypervisors"].GetArrayLength());
        Assert.Equal(0, (await Admin.At("2.75").Get("/v2.1/os-hypervisors?with_servers=true")).Is(200)["hypervisors"][0].GetProperty("servers").GetArrayLength());
        (await Admin.At("2.53").Get("/v2.1/os-hypervisors?hypervisor_hostname_pattern=node2&limit=1")).Is(400);
        (await Admin.At("2.53").Get("/v2.1/os-hypervisors?limit=1&limit=2")).Is(400, "Invalid input for query parameters limit. Value: ['1', '2']. ['1', '2'] is too long");
        Assert.Equal(1, (await Admin.Get("/v2.1/os-hypervisors/node2/search")).Is(200)["hypervisors"].GetArrayLength());
        (await Admin.Get("/v2.1/os-hypervisors/none/search")).Is(404, "No hypervisor matching 'none' could be found.");
        (await Admin.At("2.53").Get("/v2.1/os-hypervisors/node2/search")).Is(404);
        Assert.Equal(2, (await Admin.At("2.87").Get("/v2.1/os-hypervisors/statistics")).Is(200)["hypervisor_statistics", "count"].GetInt32());
    }

    [Fact]
    public async Task Zones_are_for_everyone_and_their_hosts_for_administrators()
    {
        var zone = (await cloud.As("ada:blue").Get("/v2.1/os-availability-zone")).Is(200)["availabilityZoneInfo"][0];
        Assert.Equal("nova", zone.GetProperty("zoneName").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, zone.GetProperty("hosts").ValueKind);
        (await cloud.As("ada:blue").Get("/v2.1/os-availability-zone/detail")).Is(403);
        Assert.False((await Admin.Get("/v2.1/os-availability-zone/detail")).Is(200)["availabilityZoneInfo"][0].GetProperty("hosts").GetProperty("host2").GetProperty("nova-compute").GetProperty("available").GetBoolean());
    }

    [Theory]
    [InlineData("2.35", "maxTotalFloatingIps", true)]
    [InlineData("2.36", "maxTotalFloatingIps", false)]
    [InlineData("2.38", "maxImageMeta", true)]
    [InlineData("2.39", "maxImageMeta", false)]
    [InlineData("2.56", "maxPersonality", true)]
    [InlineData("2.57", "maxPersonality", false)]
    public async Task Limits_lose_what_others_count(string version, string name, bool isThere)
    {
        var limits = (await cloud.As("ada:blue").At(version).Get("/v2.1/limits")).Is(200);

        Assert.Equal(isThere, limits["limits", "absolute"].TryGetProperty(name, out _));
        Assert.Equal(20, limits["limits", "absolute", "maxTotalCores"].GetInt32());
    }

    [Fact]
    public async Task A_purge_is_for_administrators_and_says_what_it_would_remove()
    {
        var answer = (await Admin.Post("/nova-host/v1/purge", """{"before": "2026-01-31T12:00:00Z", "dry_run": true}""")).Is(200);
        Assert.Equal("2026-01-31T12:00:00Z", answer["before"].GetString());
        Assert.Equal(0, answer["rows", "servers"].GetInt32());
        (await Admin.Post("/nova-host/v1/purge", """{"before": "2999-01-31T12:00:00Z"}""")).Is(400);
        (await Admin.Post("/nova-host/v1/purge", """{"before": "soon"}""")).Is(400);
        (await Admin.Post("/nova-host/v1/purge", "{}")).Is(400);
        (await cloud.As("ada:blue").Post("/nova-host/v1/purge", """{"before": "2026-01-31T12:00:00Z"}""")).Is(403);
    }

    [Fact]
    public async Task Only_administrators_read_the_limits_of_another_project()
    {
        (await Admin.Get("/v2.1/limits?tenant_id=blue")).Is(200);
        (await cloud.As("ada:blue").Get("/v2.1/limits?tenant_id=red")).Is(403);
    }
}
