using System.Text.Json;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours;

/// <summary>Every command of the stock client's Placement plugin, once.</summary>
public class PlacementTests
{
    private const string Consumer = "11111111-2222-4333-8444-555555555555";
    private const string Aggregate = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

    [NeedsFact(Need.OpenStackClient, Need.OscPlacement)]
    [Trait("Category", "Slow")]
    public async Task Every_command_of_the_client_works()
    {
        await using var cloud = await NeighbourCloud.Start();

        await Classes(cloud);
        await Traits(cloud);
        var (parent, child) = await Providers(cloud);
        await Inventories(cloud, parent);
        await Belongings(cloud, parent);
        await Allocations(cloud, parent);
        await End(cloud, parent, child);
    }

    private static async Task Classes(NeighbourCloud cloud)
    {
        await Do(cloud, "1.2", "resource class create CUSTOM_GOLD");
        await Do(cloud, "1.7", "resource class set CUSTOM_GOLD");
        await Do(cloud, "1.7", "resource class set CUSTOM_SILVER");
        Same("""{"name": "CUSTOM_GOLD"}""", await Ask(cloud, "1.2", "resource class show CUSTOM_GOLD"));
        var names = (await Ask(cloud, "1.2", "resource class list")).Names().ToList();
        Assert.Equal(["VCPU", "MEMORY_MB", "DISK_GB"], names[..3]);
        Assert.Equal(["CUSTOM_GOLD", "CUSTOM_SILVER"], names[^2..]);
        await Do(cloud, "1.2", "resource class delete CUSTOM_SILVER");
    }

    private static async Task Traits(NeighbourCloud cloud)
    {
        await Do(cloud, "1.6", "trait create CUSTOM_QUIET");
        await Do(cloud, "1.6", "trait create CUSTOM_LOUD");
        Same("""{"name": "CUSTOM_QUIET"}""", await Ask(cloud, "1.6", "trait show CUSTOM_QUIET"));
        Same("""[{"name": "CUSTOM_LOUD"}, {"name": "CUSTOM_QUIET"}]""", await Ask(cloud, "1.6", "trait list --name startswith:CUSTOM_"));
        await Do(cloud, "1.6", "trait delete CUSTOM_LOUD");
    }

    private static async Task<(string Parent, string Child)> Providers(NeighbourCloud cloud)
    {
        var parent = (await Ask(cloud, "1.29", "resource provider create big")).Text("uuid");
        var created = await Ask(cloud, "1.29", $"resource provider create small --parent-provider {parent}");
        var child = created.Text("uuid");
        Same($$"""{"uuid": "{{child}}", "name": "small", "generation": 0, "root_provider_uuid": "{{parent}}", "parent_provider_uuid": "{{parent}}"}""", created);
        Same(
            $$"""{"uuid": "{{child}}", "name": "tiny", "generation": 0, "root_provider_uuid": "{{parent}}", "parent_provider_uuid": "{{parent}}"}""",
            await Ask(cloud, "1.29", $"resource provider set {child} --name tiny"));
        Same($$"""{"uuid": "{{child}}", "name": "tiny", "generation": 0}""", await Ask(cloud, "1.0", $"resource provider show {child}"));
        Assert.Equal(["big", "tiny"], (await Ask(cloud, "1.29", $"resource provider list --in-tree {parent}")).Names());
        return (parent, child);
    }

    private static async Task Inventories(NeighbourCloud cloud, string provider)
    {
        var all = await Ask(cloud, "1.29", $"resource provider inventory set {provider} --resource VCPU=8 --resource VCPU:allocation_ratio=2.0 --resource MEMORY_MB=1024 --resource CUSTOM_GOLD=3");
        Assert.Equal(["CUSTOM_GOLD", "MEMORY_MB", "VCPU"], all.Names("resource_class").Order());
        Same(
            """{"allocation_ratio": 1.0, "min_unit": 1, "max_unit": 512, "reserved": 0, "step_size": 1, "total": 2048}""",
            await Ask(cloud, "1.29", $"resource provider inventory class set {provider} MEMORY_MB --total 2048 --max_unit 512"));
        Same(
            """{"allocation_ratio": 2.0, "min_unit": 1, "max_unit": 2147483647, "reserved": 0, "step_size": 1, "total": 8, "used": 0}""",
            await Ask(cloud, "1.29", $"resource provider inventory show {provider} VCPU"));
        await Do(cloud, "1.29", $"resource provider inventory delete {provider} --resource-class CUSTOM_GOLD");
        Assert.Equal(["MEMORY_MB", "VCPU"], (await Ask(cloud, "1.29", $"resource provider inventory list {provider}")).Names("resource_class").Order());
    }

    private static async Task Belongings(NeighbourCloud cloud, string provider)
    {
        var generation = (await Ask(cloud, "1.29", $"resource provider show {provider}")).Text("generation");
        Same($$"""[{"uuid": "{{Aggregate}}"}]""", await Ask(cloud, "1.29", $"resource provider aggregate set {provider} --aggregate {Aggregate} --generation {generation}"));
        Same($$"""[{"uuid": "{{Aggregate}}"}]""", await Ask(cloud, "1.29", $"resource provider aggregate list {provider}"));
        Same("""[{"name": "CUSTOM_QUIET"}]""", await Ask(cloud, "1.29", $"resource provider trait set {provider} --trait CUSTOM_QUIET"));
        Same("""[{"name": "CUSTOM_QUIET"}]""", await Ask(cloud, "1.29", $"resource provider trait list {provider}"));
        Assert.Equal(["big"], (await Ask(cloud, "1.29", $"resource provider list --resource VCPU=16 --required CUSTOM_QUIET --member-of {Aggregate}")).Names());
        var candidate = Assert.Single((await Ask(cloud, "1.29", "allocation candidate list --resource VCPU=2 --resource MEMORY_MB=512 --required CUSTOM_QUIET --limit 5")).EnumerateArray());
        Assert.Equal("VCPU=2,MEMORY_MB=512", candidate.Text("allocation"));
        Assert.Equal(provider, candidate.Text("resource provider"));
        Assert.Equal("CUSTOM_QUIET", candidate.Text("traits"));
    }

    private static async Task Allocations(NeighbourCloud cloud, string provider)
    {
        var set = await Ask(
            cloud, "1.29", $"resource provider allocation set {Consumer} --allocation rp={provider},VCPU=2 --allocation rp={provider},MEMORY_MB=512 --project-id blue --user-id ada");
        Assert.Equal((provider, "blue", "ada"), (set.Text("0.resource_provider"), set.Text("0.project_id"), set.Text("0.user_id")));
        Same("""{"VCPU": 2, "MEMORY_MB": 512}""", set.EnumerateArray().Single().At("resources"));
        Same("""{"VCPU": 2}""", (await Ask(cloud, "1.29", $"resource provider allocation unset {Consumer} --resource-class MEMORY_MB")).EnumerateArray().Single().At("resources"));
        Same("""{"VCPU": 2}""", (await Ask(cloud, "1.29", $"resource provider allocation show {Consumer}")).EnumerateArray().Single().At("resources"));
        Same("""[{"resource_class": "MEMORY_MB", "usage": 0}, {"resource_class": "VCPU", "usage": 2}]""", await Ask(cloud, "1.29", $"resource provider usage show {provider} --sort-column resource_class"));
        Same("""[{"resource_class": "VCPU", "usage": 2}]""", await Ask(cloud, "1.29", "resource usage show blue --user-id ada"));
        await Do(cloud, "1.29", $"resource provider allocation delete {Consumer}");
    }

    private static async Task End(NeighbourCloud cloud, string parent, string child)
    {
        await Do(cloud, "1.29", $"resource provider trait delete {parent}");
        await Do(cloud, "1.29", $"resource provider delete {child}");
        await Do(cloud, "1.29", $"resource provider delete {parent}");
        Assert.Empty((await Ask(cloud, "1.29", "resource provider list")).EnumerateArray());
    }

    private static Task<JsonElement> Ask(NeighbourCloud cloud, string version, string command) =>
        cloud.OpenStack(["--os-placement-api-version", version, .. command.Split(' ')]);

    private static Task Do(NeighbourCloud cloud, string version, string command) =>
        cloud.Run(["--os-placement-api-version", version, .. command.Split(' ')]);

    private static void Same(string expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(JsonSerializer.Deserialize<JsonElement>(expected), actual), $"{expected}\ninstead came\n{actual}");
}
