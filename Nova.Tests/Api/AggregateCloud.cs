using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Drivers.Hypervisor.Fake;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

/// <summary>A cloud of many hosts, of which each test takes some that no other test uses.</summary>
public class AggregateCloud : ServerCloud
{
    private const int HostCount = 24;

    private int _hosts;
    private int _names;

    /// <inheritdoc />
    protected override IReadOnlyDictionary<string, string> Changed =>
        new Dictionary<string, string>(base.Changed) { ["compute.hosts"] = "24", ["quota.instances"] = "100", ["quota.cores"] = "100" };

    /// <summary>An administrator at the newest version.</summary>
    public CloudClient Admin => As("admin").At("2.96");

    /// <summary>A host that no other test uses.</summary>
    public string NewHost()
    {
        var number = Interlocked.Increment(ref _hosts);
        Assert.True(number <= HostCount, "The tests take more hosts than there are.");
        return $"fake-{number:d5}";
    }

    /// <summary>A name that nobody else uses.</summary>
    public string NewName(string what) => $"{what}-{Interlocked.Increment(ref _names)}";

    /// <summary>The driver of a host.</summary>
    public FakeHypervisor Fake(string host) => Services.GetRequiredService<FakeHypervisors>().Hosts.Single(h => h.Name == host);

    /// <summary>Makes an aggregate, with a zone and hosts where given; the answer is its address.</summary>
    public async Task<string> Make(string name, string? zone = null, params string[] hosts)
    {
        var made = (await Admin.Post("/v2.1/os-aggregates", new { aggregate = new { name, availability_zone = zone } })).Is(200);
        var path = $"/v2.1/os-aggregates/{made["aggregate", "id"].GetInt64()}";
        foreach (var host in hosts)
            (await Add(path, host)).Is(200);
        return path;
    }

    /// <summary>The action add_host.</summary>
    public Task<CloudAnswer> Add(string path, string host) => Admin.Post(path + "/action", new { add_host = new { host } });

    /// <summary>The action remove_host.</summary>
    public Task<CloudAnswer> Remove(string path, string host) => Admin.Post(path + "/action", new { remove_host = new { host } });

    /// <summary>The action set_metadata.</summary>
    public Task<CloudAnswer> Set(string path, object metadata) => Admin.Post(path + "/action", new { set_metadata = new { metadata } });

    /// <summary>The zones that an administrator sees, with the names of their hosts.</summary>
    public async Task<Dictionary<string, string[]>> Zones() => (await Admin.Get("/v2.1/os-availability-zone/detail")).Is(200)["availabilityZoneInfo"].EnumerateArray()
        .ToDictionary(
            z => z.GetProperty("zoneName").GetString()!,
            z => z.GetProperty("hosts") is { ValueKind: JsonValueKind.Object } hosts ? hosts.EnumerateObject().Select(h => h.Name).ToArray() : []);
}
