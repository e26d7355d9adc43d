using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Placement.Candidates;

/// <summary>Whatever a client has written through the API, its next question about candidates is answered with it.</summary>
public sealed class CandidateFreshnessTests : IAsyncLifetime
{
    private readonly EmptyCloud _cloud = new();
    private readonly Guid _host = Guid.NewGuid();
    private readonly Guid _child = Guid.NewGuid();
    private readonly Guid _aggregate = Guid.NewGuid();

    public async Task InitializeAsync()
    {
        await _cloud.InitializeAsync();
        await Count(0, "resources=VCPU:1");
        await Make(_host, null);
        await SetInventories(_host, 8);
    }

    public Task DisposeAsync() => _cloud.DisposeAsync();

    [Fact]
    public async Task Inventories()
    {
        await Count(1, "resources=VCPU:8");
        await SetInventories(_host, 4);
        await Count(0, "resources=VCPU:8");
        await Put($"/resource_providers/{_host}/inventories/VCPU", new { resource_provider_generation = await Generation(_host), total = 6 });
        await Count(1, "resources=VCPU:6");
        await Send(HttpMethod.Delete, $"/resource_providers/{_host}/inventories/VCPU", null);
        await Count(0, "resources=VCPU:1");
    }

    [Fact]
    public async Task Traits()
    {
        await Count(0, "resources=VCPU:1&required=HW_CPU_X86_AVX2");
        await Put($"/resource_providers/{_host}/traits", new { resource_provider_generation = await Generation(_host), traits = new[] { "HW_CPU_X86_AVX2" } });
        await Count(1, "resources=VCPU:1&required=HW_CPU_X86_AVX2");
        await Send(HttpMethod.Delete, $"/resource_providers/{_host}/traits", null);
        await Count(0, "resources=VCPU:1&required=HW_CPU_X86_AVX2");
    }

    [Theory]
    [InlineData("1.18")]
    [InlineData("1.19")]
    public async Task Aggregates(string version)
    {
        await Count(0, $"resources=VCPU:1&member_of={_aggregate}");
        object body = version == "1.18" ? new[] { _aggregate } : new { resource_provider_generation = await Generation(_host), aggregates = new[] { _aggregate } };
        await Send(HttpMethod.Put, $"/resource_providers/{_host}/aggregates", body, version);
        await Count(1, $"resources=VCPU:1&member_of={_aggregate}");
    }

    [Fact]
    public async Task Allocations()
    {
        var consumer = Guid.NewGuid();
        await Put($"/allocations/{consumer}", Allocation(_host, 5, null));
        await Count(0, "resources=VCPU:4");
        await Count(1, "resources=VCPU:3");
        await Send(HttpMethod.Post, "/allocations", new Dictionary<Guid, object> { [consumer] = Allocation(_host, 2, 1) });
        await Count(1, "resources=VCPU:6");
        await Send(HttpMethod.Delete, $"/allocations/{consumer}", null);
        await Count(1, "resources=VCPU:8");
    }

    [Fact]
    public async Task Trees()
    {
        var other = Guid.NewGuid();
        await Make(other, null);
        await Make(_child, _host);
        await SetInventories(_child, 2, "VGPU");
        await Count(1, "resources=VCPU:1,VGPU:1");
        await Put($"/resource_providers/{_child}", new { name = $"{_child}", parent_provider_uuid = other });
        await Count(0, "resources=VCPU:1,VGPU:1");
        await Put($"/resource_providers/{_child}", new { name = $"{_child}", parent_provider_uuid = _host });
        await Count(1, "resources=VCPU:1,VGPU:1");
        await Send(HttpMethod.Delete, $"/resource_providers/{_child}", null);
        await Count(0, "resources=VGPU:1");
    }

    [Fact]
    public async Task Reshaping()
    {
        await Make(_child, _host);
        await Count(1, "resources=VCPU:8&in_tree=" + _child);
        await Send(HttpMethod.Post, "/reshaper", new
        {
            inventories = new Dictionary<Guid, object>
            {
                [_host] = new { resource_provider_generation = await Generation(_host), inventories = new { } },
                [_child] = new { resource_provider_generation = await Generation(_child), inventories = new { VCPU = new { total = 3 } } },
            },
            allocations = new { },
        });
        await Count(0, "resources=VCPU:8");
        await Count(1, "resources_C=VCPU:3");
    }

    private static object Allocation(Guid provider, int amount, int? generation) => new
    {
        allocations = new Dictionary<Guid, object> { [provider] = new { resources = new { VCPU = amount } } },
        project_id = "p", user_id = "u", consumer_generation = generation, consumer_type = "TEST",
    };

    private Task Make(Guid id, Guid? parent) =>
        Send(HttpMethod.Post, "/resource_providers", new { uuid = id, name = $"{id}", parent_provider_uuid = parent });

    private async Task SetInventories(Guid id, int total, string @class = "VCPU") => await Put(
        $"/resource_providers/{id}/inventories",
        new { resource_provider_generation = await Generation(id), inventories = new Dictionary<string, object> { [@class] = new { total } } });

    private async Task<int> Generation(Guid id) =>
        (await Send(HttpMethod.Get, $"/resource_providers/{id}", null))["generation"].GetInt32();

    private async Task Count(int expected, string query) =>
        Assert.Equal(expected, (await Send(HttpMethod.Get, "/allocation_candidates?" + query, null))["allocation_requests"].GetArrayLength());

    private Task Put(string path, object body) => Send(HttpMethod.Put, path, body);

    private async Task<CloudAnswer> Send(HttpMethod method, string path, object? body, string version = "1.39")
    {
        var answer = await _cloud.As("service").With("x-roles", "admin,service").With("OpenStack-API-Version", "placement " + version).Send(method, "/placement" + path, body);
        Assert.True(answer.Status is 200 or 201 or 204, $"{method} {path}: {answer.Status} {answer.Text}");
        return answer;
    }
}
