using System.Text.Json;
using Nova.Tests.Support;

namespace Nova.Tests.Placement;

/// <summary>What consumers take and give back, on both databases.</summary>
public class AllocationApiTests
{
    private static readonly string[] Classes = ["VCPU", "MEMORY_MB", "DISK_GB"];

    [Theory, OnSqlite, OnPostgres]
    public async Task A_consumer_is_made_changed_and_gone(string kind)
    {
        await using var stop = await Running(kind);
        var (cloud, consumer) = (stop.Cloud, Guid.NewGuid());
        var (a, b) = (await cloud.Provider("a", null, ("VCPU", 4)), await cloud.Provider("b", null, ("VCPU", 4), ("DISK_GB", 10)));

        Assert.Contains("consumer generation conflict - expected null but got 5", (await cloud.Allocate(consumer, 5, (a, "VCPU", 1))).Detail(409), StringComparison.Ordinal);
        (await cloud.Allocate(consumer, null, (a, "VCPU", 3))).Is(204);
        Assert.Contains("expected 1 but got None", (await cloud.Allocate(consumer, null, (a, "VCPU", 3))).Detail(409), StringComparison.Ordinal);
        (await cloud.Allocate(consumer, 1, (b, "VCPU", 4), (b, "DISK_GB", 2))).Is(204);
        Assert.Equal((0, 4, 2), (await cloud.Used(a, "VCPU"), await cloud.Used(b, "VCPU"), await cloud.Used(b, "DISK_GB")));
        var shown = (await cloud.At("1.39").Get($"/placement/allocations/{consumer}")).Is(200);
        Assert.Equal((2, "INSTANCE", "blue"), (shown["consumer_generation"].GetInt64(), shown["consumer_type"].GetString(), shown["project_id"].GetString()));
        Assert.Equal(1, (await cloud.At("1.39").Get("/placement/usages?project_id=blue"))["usages", "INSTANCE", "consumer_count"].GetInt64());
        Assert.Equal(4, (await cloud.At("1.37").Get("/placement/usages?project_id=blue&user_id=ada"))["usages", "VCPU"].GetInt64());
        (await cloud.At("1.39").Get("/placement/resource_providers/" + b + "/allocations")).Is(200);
        Assert.Equal("placement.resource_provider.inuse", (await cloud.At("1.39").Delete($"/placement/resource_providers/{b}")).Error(409).GetProperty("code").GetString());
        (await cloud.Allocate(consumer, 2)).Is(204);
        Assert.Equal("""{"allocations":{}}""", (await cloud.At("1.39").Get($"/placement/allocations/{consumer}")).Text);
        (await cloud.At("1.39").Delete($"/placement/allocations/{consumer}")).Is(404);
        (await cloud.At("1.39").Delete($"/placement/resource_providers/{b}")).Is(204);
        await cloud.AssertExact();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Old_clients_write_lists_and_name_nobody(string kind)
    {
        await using var stop = await Running(kind);
        var (cloud, consumer) = (stop.Cloud, Guid.NewGuid());
        var id = await cloud.Provider("old", null, ("VCPU", 4));

        (await cloud.At("1.7").Put($"/placement/allocations/{consumer}", new { allocations = new[] { new { resource_provider = new { uuid = id }, resources = new { VCPU = 1 } } } })).Is(204);
        var shown = await cloud.At("1.38").Get($"/placement/allocations/{consumer}");
        Assert.Equal((Guid.Empty.ToString(), "unknown"), (shown["project_id"].GetString(), shown["consumer_type"].GetString()));
        Assert.Contains("'project_id' is a required property", (await cloud.At("1.8").Put($"/placement/allocations/{consumer}", new { allocations = Array.Empty<int>() })).Detail(400), StringComparison.Ordinal);
        (await cloud.At("1.39").Delete($"/placement/allocations/{consumer}")).Is(204);
        await cloud.AssertExact();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task What_does_not_fit_changes_nothing(string kind)
    {
        await using var stop = await Running(kind);
        var cloud = stop.Cloud;
        var id = await cloud.Provider("full", null, ("VCPU", 4));
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());

        Assert.Contains("The requested amount would exceed the capacity.", (await cloud.Allocate(first, null, (id, "VCPU", 5))).Detail(409), StringComparison.Ordinal);
        Assert.Contains("Inventory for 'DISK_GB' on resource provider", (await cloud.Allocate(first, null, (id, "DISK_GB", 5))).Detail(409), StringComparison.Ordinal);
        Assert.Contains("No such resource class CUSTOM_NOBODY.", (await cloud.Allocate(first, null, (id, "CUSTOM_NOBODY", 5))).Detail(400), StringComparison.Ordinal);
        Assert.Contains("that does not exist.", (await cloud.Allocate(first, null, (Guid.NewGuid(), "VCPU", 1))).Detail(400), StringComparison.Ordinal);
        Assert.Contains("Malformed consumer_uuid: x", (await cloud.At("1.39").Put("/placement/allocations/x", "{}")).Detail(400), StringComparison.Ordinal);
        var many = new Dictionary<string, object> { [first.ToString()] = Change(id, 3), [second.ToString()] = Change(id, 3) };
        (await cloud.At("1.39").Post("/placement/allocations", many)).Is(409);
        Assert.Equal(0, await cloud.Used(id, "VCPU"));
        many[second.ToString()] = Change(id, 1);
        (await cloud.At("1.39").Post("/placement/allocations", many)).Is(204);
        Assert.Equal(4, await cloud.Used(id, "VCPU"));

        // What was overcommitted by a smaller inventory may shrink, not grow.
        (await cloud.At("1.39").Put($"/placement/resource_providers/{id}/inventories/VCPU", new { resource_provider_generation = await cloud.Generation(id), total = 1 })).Is(200);
        (await cloud.Allocate(first, 1, (id, "VCPU", 2))).Is(204);
        (await cloud.Allocate(first, 2, (id, "VCPU", 3))).Is(409);
        await cloud.AssertExact();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_reshaper_moves_a_tree_at_once_or_not_at_all(string kind)
    {
        await using var stop = await Running(kind);
        var (cloud, consumer) = (stop.Cloud, Guid.NewGuid());
        var root = await cloud.Provider("root", null, ("VCPU", 8), ("DISK_GB", 10));
        var child = await cloud.Provider("child", root);
        (await cloud.Allocate(consumer, null, (root, "VCPU", 6), (root, "DISK_GB", 2))).Is(204);

        Assert.Contains("actual: 2, given: 9", (await Reshape(cloud, consumer, root, 9, child, 8)).Detail(409), StringComparison.Ordinal);
        Assert.Contains("would exceed the capacity", (await Reshape(cloud, consumer, root, 2, child, 5)).Detail(409), StringComparison.Ordinal);
        Assert.Equal((6, 2), (await cloud.Used(root, "VCPU"), await cloud.Generation(root)));
        (await Reshape(cloud, consumer, root, 2, child, 8)).Is(204);
        Assert.Equal((6, 2), (await cloud.Used(child, "VCPU"), await cloud.Used(root, "DISK_GB")));
        Assert.False((await cloud.At("1.39").Get($"/placement/resource_providers/{root}/usages"))["usages"].TryGetProperty("VCPU", out _));
        await cloud.AssertExact();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Statements_do_not_multiply_with_providers(string kind)
    {
        await using var stop = await Running(kind);
        var cloud = stop.Cloud;
        var providers = new List<Guid>();
        for (var n = 0; n < 32; n++)
            providers.Add(await cloud.Provider($"p{n}", null, [.. Classes.Select(c => (c, 100L))]));

        var one = await Count(() => cloud.Allocate(Guid.NewGuid(), null, (providers[0], "VCPU", 1)));
        var all = await Count(() => cloud.Allocate(Guid.NewGuid(), null, [.. providers.SelectMany(p => Classes.Select(c => (p, c, 1L)))]));

        // Rows go in slices of powers of two: 96 rows are two statements where one row is one.
        Assert.InRange(all - one, 0, 3);
        await cloud.AssertExact();

        async Task<long> Count(Func<Task<CloudAnswer>> act)
        {
            var before = cloud.Statements;
            (await act()).Is(204);
            return cloud.Statements - before;
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Sums_stay_exact_whatever_many_clients_do_at_once(string kind)
    {
        await using var stop = await Running(kind);
        var cloud = stop.Cloud;
        var providers = new List<Guid>();
        for (var n = 0; n < 4; n++)
            providers.Add(await cloud.Provider($"p{n}", null, [.. Classes.Select(c => (c, 6L))]));
        Guid[] consumers = [.. Enumerable.Range(0, 6).Select(_ => Guid.NewGuid())];

        await Parallel.ForEachAsync(Enumerable.Range(0, 8), async (seed, _) =>
        {
            var random = new Random(seed);
            for (var step = 0; step < 25; step++)
                Assert.True((await Act(cloud, random, providers, consumers)).Status is 200 or 201 or 204 or 400 or 404 or 409);
        });

        await cloud.AssertExact();
        foreach (var provider in providers)
            foreach (var usage in (await cloud.At("1.39").Get($"/placement/resource_providers/{provider}/usages"))["usages"].EnumerateObject())
                Assert.InRange(usage.Value.GetInt64(), 0, 6);
    }

    private static async Task<CloudAnswer> Act(PlacementCloud cloud, Random random, List<Guid> providers, Guid[] consumers)
    {
        var (consumer, provider, other) = (Pick(consumers), Pick(providers), Pick(providers));
        var known = await cloud.At("1.39").Get($"/placement/allocations/{consumer}");
        long? generation = known.Json.TryGetProperty("consumer_generation", out var value) ? value.GetInt64() : null;
        return random.Next(5) switch
        {
            0 => await cloud.At("1.39").Delete($"/placement/allocations/{consumer}"),
            1 => await cloud.Allocate(consumer, generation),
            2 => await cloud.At("1.13").Post("/placement/allocations", new Dictionary<string, object>
            {
                [consumer.ToString()] = new { allocations = new Dictionary<string, object> { [provider.ToString()] = new { resources = new { VCPU = random.Next(1, 4) } } }, project_id = "red", user_id = "bob" },
                [Pick(consumers).ToString()] = new { allocations = new { }, project_id = "red", user_id = "bob" },
            }),
            _ => await cloud.Allocate(consumer, generation, [.. new[] { provider, other }.Distinct().Select(p => (p, Classes[random.Next(3)], (long)random.Next(1, 4)))]),
        };

        T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];
    }

    private static Task<CloudAnswer> Reshape(PlacementCloud cloud, Guid consumer, Guid root, long generation, Guid child, int vcpus) => cloud.At("1.39").Post("/placement/reshaper", new
    {
        inventories = new Dictionary<string, object>
        {
            [root.ToString()] = new { resource_provider_generation = generation, inventories = new { DISK_GB = new { total = 10 } } },
            [child.ToString()] = new { resource_provider_generation = 0, inventories = new { VCPU = new { total = vcpus } } },
        },
        allocations = new Dictionary<string, object>
        {
            [consumer.ToString()] = new
            {
                allocations = new Dictionary<string, object> { [root.ToString()] = new { resources = new { DISK_GB = 2 } }, [child.ToString()] = new { resources = new { VCPU = 6 } } },
                project_id = "blue", user_id = "ada", consumer_generation = 1, consumer_type = "INSTANCE",
            },
        },
    });

    private static object Change(Guid provider, int vcpus) => new
    {
        allocations = new Dictionary<string, object> { [provider.ToString()] = new { resources = new { VCPU = vcpus } } },
        project_id = "blue", user_id = "ada", consumer_generation = (int?)null, consumer_type = "INSTANCE",
    };

    private static async Task<Stop> Running(string kind) => new(await PlacementCloud.On(kind));

    private sealed record Stop(PlacementCloud Cloud) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Cloud.DisposeAsync();
    }
}
