using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared.Database;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

/// <summary>A cloud in which a create does not wait for hosts that are away.</summary>
public sealed class HastyCloud : ServerCloud
{
    /// <inheritdoc />
    protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string> { ["create.wait_for_hosts_seconds"] = "0" };
}

/// <summary>What an operator does to a service, and what schedulers make of it.</summary>
public class ServiceChangeTests(HastyCloud cloud) : IClassFixture<HastyCloud>
{
    private const string OnTheRunningHost = """, "host": "fake-00001" """;

    private CloudClient Admin => cloud.As("admin").At("2.90");

    [Theory]
    [InlineData("""{"status": "disabled", "disabled_reason": "fans"}""", """{"status": "enabled"}""")]
    [InlineData("""{"forced_down": true}""", """{"forced_down": false}""")]
    public async Task A_host_that_an_operator_takes_out_gets_no_servers_until_it_is_back(string takeOut, string bringBack)
    {
        var service = (await Admin.Get("/v2.1/os-services?host=fake-00001")).Is(200)["services"][0].GetProperty("id").GetString();

        (await Admin.Put($"/v2.1/os-services/{service}", takeOut)).Is(200);
        var refused = await ServerCloud.Show(Admin, await cloud.Boot(Admin, more: OnTheRunningHost));
        (await Admin.Put($"/v2.1/os-services/{service}", bringBack)).Is(200);
        var taken = await ServerCloud.Show(Admin, await cloud.Boot(Admin, more: OnTheRunningHost));

        Assert.Equal("ERROR", refused.GetProperty("status").GetString());
        Assert.Contains("No valid host was found", refused.GetProperty("fault").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("ACTIVE", taken.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_service_that_runs_is_not_deleted()
    {
        var service = (await Admin.Get("/v2.1/os-services?host=fake-00001")).Is(200)["services"][0].GetProperty("id").GetString();

        (await Admin.Delete($"/v2.1/os-services/{service}")).Is(409, "Unable to delete compute service that is running. Stop it on host fake-00001 first.");
    }

    [Fact]
    public async Task A_service_is_deleted_with_its_provider_when_nobody_is_left_on_its_host()
    {
        var host = await AddStoppedHost("old-1");
        var service = (await Admin.Get("/v2.1/os-services?host=old-1")).Is(200)["services"][0].GetProperty("id").GetString();
        Assert.True((await Choose("old-1")).IsComplete);

        await Claim(host, "blue");
        (await Admin.Delete($"/v2.1/os-services/{service}"))
            .Is(409, $"Unable to delete compute service: 1 consumers have allocations of resource provider {host}. Delete the allocations first.");
        Assert.Single((await Admin.Get("/v2.1/os-services?host=old-1"))["services"].EnumerateArray());

        await Release(host);
        (await Admin.Delete($"/v2.1/os-services/{service}")).Is(204);
        (await Admin.Delete($"/v2.1/os-services/{service}")).Is(404, $"Service {service} not found.");
        Assert.Empty((await Admin.Get("/v2.1/os-services?host=old-1"))["services"].EnumerateArray());
        (await Admin.Get($"/v2.1/os-hypervisors/{host}")).Is(404);
        Assert.Equal(0, await Count("resource_providers", "id", host));
        Assert.Equal(0, await Count("inventories", "provider_id", host));
        Assert.Equal(0, await Count("provider_traits", "provider_id", host));
        Assert.False((await Choose("old-1")).IsComplete);

        Assert.Equal(host, await AddStoppedHost("old-1", host));
        Assert.True((await Choose("old-1")).IsComplete);
    }

    [Fact]
    public async Task A_service_with_servers_is_not_deleted()
    {
        var host = await AddStoppedHost("old-2");
        var service = (await Admin.Get("/v2.1/os-services?host=old-2")).Is(200)["services"][0].GetProperty("id").GetString();
        var server = await cloud.Boot(Admin, more: OnTheRunningHost);
        await Move(server, host);

        (await Admin.Delete($"/v2.1/os-services/{service}")).Is(409, "Unable to delete compute service that is hosting instances. Migrate or delete the instances first.");
    }

    private Database Database => cloud.Services.GetRequiredService<Database>();

    // As the registry knows it from an earlier life of its process; nothing is connected.
    private async Task<Guid> AddStoppedHost(string name, Guid? id = null)
    {
        var host = id ?? Guid.NewGuid();
        var inventory = new HostInventory
        {
            HypervisorHostname = name, HypervisorType = "fake", HypervisorVersion = 1, HostIp = "192.0.2.9", Vcpus = 4, MemoryMb = 4096, DiskGb = 40,
            CpuInfo = "{}", SupportedInstances = ["x86_64/fake/hvm"], Traits = ["HW_CPU_X86_SSE"],
        };
        await cloud.Services.GetRequiredService<HostRegistry>().Register([new(host, name, inventory, [], "1")], default);
        return host;
    }

    private async Task<Selection> Choose(string host) => await cloud.Services.GetRequiredService<IScheduler>().Choose(
        new() { Id = Guid.NewGuid(), Servers = [Guid.NewGuid()], ProjectId = "blue", Resources = [new("VCPU", 1)], Host = host }, default);

    private Task Claim(Guid host, string project) => Database.Write(
        tx => Assert.True(cloud.Services.GetRequiredService<IClaims>().TryClaim(tx, new(host, host, project, "ada", [new("VCPU", 1)]))), default);

    private Task Release(Guid consumer) => Database.Write(tx => cloud.Services.GetRequiredService<IClaims>().Release(tx, consumer), default);

    private Task Move(string server, Guid host) => Database.Write(tx => tx.Run("UPDATE servers SET host_id = $1 WHERE id = $2", host, Guid.Parse(server)), default);

    private Task<long> Count(string table, string column, Guid id) =>
        Database.ReadOne(rows => rows.One($"SELECT COUNT(*) FROM {table} WHERE {column} = $1", row => row.Long(0), id), default);
}
