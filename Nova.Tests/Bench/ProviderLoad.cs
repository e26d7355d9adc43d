using System.Text.Json.Nodes;

namespace Nova.Tests.Bench;

/// <summary>Providers for the Placement benchmark, made through the API.</summary>
internal abstract class ProviderLoad(string name, int providers)
{
    /// <summary>Connections that make providers at once.</summary>
    public const int Clients = 8;

    /// <summary>The key of a figure of this load.</summary>
    public string Key(string figure) => $"{name}_{providers}_{figure}";

    /// <summary>How many providers there are.</summary>
    public int Providers => providers;

    /// <summary>What a scheduler would ask for.</summary>
    public abstract string Query { get; }

    /// <summary>Makes all of them.</summary>
    public abstract Task Create(CloudClient client, CancellationToken ct);

    protected static Task Each(int count, Func<int, Task> make, CancellationToken ct) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = ct }, async (n, _) => await make(n));

    /// <summary>Makes one with its inventories and traits.</summary>
    protected static async Task<Guid> Add(CloudClient client, Guid? parent, JsonObject inventories, string[] traits, CancellationToken ct)
    {
        var id = Guid.NewGuid();
        await client.Ask(HttpMethod.Post, "/placement/resource_providers", new JsonObject { ["uuid"] = id, ["name"] = $"bench-{id}", ["parent_provider_uuid"] = parent }, ct);
        await client.Ask(HttpMethod.Put, $"/placement/resource_providers/{id}/inventories", new JsonObject { ["resource_provider_generation"] = 0, ["inventories"] = inventories }, ct);
        if (traits.Length > 0)
            await client.Ask(
                HttpMethod.Put, $"/placement/resource_providers/{id}/traits",
                new JsonObject { ["resource_provider_generation"] = 1, ["traits"] = new JsonArray([.. traits.Select(t => (JsonNode)t)]) }, ct);
        return id;
    }

    protected static JsonObject Total(long total) => new() { ["total"] = total };
}

/// <summary>
/// Compute nodes with two NUMA nodes that have two devices each: seven providers a tree, as the original's nested load test
/// makes them (gate/gabbits/nested-perfload.yaml).
/// </summary>
internal sealed class TreeLoad(int providers) : ProviderLoad("trees", providers)
{
    private const int ProvidersOfTree = 7;

    /// <inheritdoc />
    public override string Query =>
        "resources=DISK_GB:10&required=COMPUTE_VOLUME_MULTI_ATTACH&resources_COMPUTE=VCPU:1,MEMORY_MB:256&required_COMPUTE=CUSTOM_FOO"
        + "&resources_FPGA=FPGA:1&group_policy=none&same_subtree=_COMPUTE,_FPGA";

    /// <inheritdoc />
    public override async Task Create(CloudClient client, CancellationToken ct)
    {
        await client.Ask(HttpMethod.Put, "/placement/traits/CUSTOM_FOO", null, ct);
        await Each((Providers + ProvidersOfTree - 1) / ProvidersOfTree, _ => AddTree(client, ct), ct);
    }

    private static async Task AddTree(CloudClient client, CancellationToken ct)
    {
        var node = await Add(client, null, new() { ["DISK_GB"] = Total(20_480) }, ["COMPUTE_VOLUME_MULTI_ATTACH"], ct);
        var first = await Add(
            client, node,
            new() { ["VCPU"] = new JsonObject { ["total"] = 4, ["reserved"] = 2 }, ["MEMORY_MB"] = new JsonObject { ["total"] = 2048, ["min_unit"] = 512, ["step_size"] = 256 } },
            ["HW_NUMA_ROOT"], ct);
        await Add(client, first, new() { ["FPGA"] = Total(1) }, [], ct);
        await Add(client, first, new() { ["VGPU"] = Total(8) }, [], ct);
        var second = await Add(
            client, node,
            new() { ["VCPU"] = Total(4), ["MEMORY_MB"] = new JsonObject { ["total"] = 2048, ["min_unit"] = 256, ["max_unit"] = 1024 } },
            ["HW_NUMA_ROOT", "CUSTOM_FOO"], ct);
        await Add(client, second, new() { ["FPGA"] = Total(1) }, [], ct);
        await Add(client, second, new() { ["FPGA"] = Total(1) }, [], ct);
    }
}

/// <summary>Providers without children, each with three classes, in an aggregate and with traits, as the original's other load test has them.</summary>
internal sealed class FlatLoad(int providers) : ProviderLoad("flat", providers)
{
    private static readonly Guid Aggregate = new("14a5c8a3-5a99-4e8f-88be-00d85fcb1c17");

    /// <inheritdoc />
    public override string Query => $"resources=VCPU:1,DISK_GB:10,MEMORY_MB:256&member_of={Aggregate}&required=HW_CPU_X86_AVX2";

    /// <inheritdoc />
    public override Task Create(CloudClient client, CancellationToken ct) => Each(
        Providers,
        async _ =>
        {
            var id = await Add(
                client, null, new() { ["VCPU"] = Total(64), ["MEMORY_MB"] = Total(262_144), ["DISK_GB"] = Total(4_000) }, ["HW_CPU_X86_AVX2", "HW_CPU_X86_SSE2"], ct);
            await client.Ask(
                HttpMethod.Put, $"/placement/resource_providers/{id}/aggregates",
                new JsonObject { ["resource_provider_generation"] = 2, ["aggregates"] = new JsonArray(Aggregate) }, ct);
        },
        ct);
}
