using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Placement;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Placement;

/// <summary>The program without hosts, as clients of Placement see it.</summary>
public sealed class PlacementCloud : TestCloud
{
    private readonly Dictionary<string, string> _changed = new() { ["compute.hosts"] = "0" };

    /// <summary>On SQLite, with the default settings.</summary>
    public PlacementCloud()
    {
    }

    /// <summary>With other settings.</summary>
    internal PlacementCloud(params (string Key, string Value)[] changed)
    {
        foreach (var (key, value) in changed)
            _changed[key] = value;
    }

    /// <summary>The statements that were executed so far.</summary>
    public long Statements => Services.GetRequiredService<Database>().Counters.Statements;

    protected override IReadOnlyDictionary<string, string> Changed => _changed;

    /// <summary>A running service on a database of this kind.</summary>
    public static async Task<PlacementCloud> On(string kind)
    {
        var cloud = kind == "postgres"
            ? new PlacementCloud(("database.kind", "postgres"), ("database.connection", await PostgresServer.Shared.CreateEmpty()))
            : new PlacementCloud();
        await cloud.InitializeAsync();
        return cloud;
    }

    /// <summary>The administrator, who may also reshape, at a version.</summary>
    public CloudClient At(string version) =>
        As("admin").With("OpenStack-API-Version", $"placement {version}").With("X-Roles", "admin,service").With("Accept", "application/json");

    /// <summary>A provider with inventories, by class and total.</summary>
    public async Task<Guid> Provider(string name, Guid? parent = null, params (string Class, long Total)[] inventories)
    {
        var made = (await At("1.39").Post("/placement/resource_providers", new { name, parent_provider_uuid = parent })).Is(200);
        var id = made["uuid"].GetGuid();
        if (inventories.Length > 0)
            (await At("1.39").Put($"/placement/resource_providers/{id}/inventories", new { resource_provider_generation = 0, inventories = inventories.ToDictionary(i => i.Class, i => new { total = i.Total }) })).Is(200);
        return id;
    }

    /// <summary>A PUT of allocations at 1.39.</summary>
    public Task<CloudAnswer> Allocate(Guid consumer, long? generation, params (Guid Provider, string Class, long Amount)[] amounts) => At("1.39").Put(
        $"/placement/allocations/{consumer}",
        new Dictionary<string, object?>
        {
            ["allocations"] = amounts.GroupBy(a => a.Provider).ToDictionary(g => g.Key.ToString(), g => new { resources = g.ToDictionary(a => a.Class, a => a.Amount) }),
            ["project_id"] = "blue", ["user_id"] = "ada", ["consumer_generation"] = generation, ["consumer_type"] = "INSTANCE",
        });

    /// <summary>What is used of a class of a provider.</summary>
    public async Task<long> Used(Guid provider, string @class) =>
        (await At("1.39").Get($"/placement/resource_providers/{provider}/usages"))["usages", @class].GetInt64();

    /// <summary>The generation of a provider.</summary>
    public async Task<long> Generation(Guid provider) => (await At("1.39").Get($"/placement/resource_providers/{provider}"))["generation"].GetInt64();

    /// <summary>Sums equal their parts, and no consumer is without allocations.</summary>
    public async Task AssertExact()
    {
        var database = Services.GetRequiredService<Database>();
        Assert.Empty(await database.Read(PlacementAudit.Recount, default));
        Assert.Empty(await database.Read(PlacementAudit.Strays, default));
    }
}

/// <summary>How an error of Placement is read.</summary>
internal static class PlacementErrors
{
    /// <summary>The first error of the document, checked for its status.</summary>
    public static JsonElement Error(this CloudAnswer answer, int status) => answer.Is(status).Json.GetProperty("errors")[0];

    /// <summary>The sentence of an error.</summary>
    public static string Detail(this CloudAnswer answer, int status) => answer.Error(status).GetProperty("detail").GetString()!;
}
