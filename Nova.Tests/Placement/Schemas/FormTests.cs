using System.Text.Json;
using System.Text.Json.Nodes;
using Nova.Modules.Placement.Aggregates;
using Nova.Modules.Placement.Allocations;
using Nova.Modules.Placement.Candidates;
using Nova.Modules.Placement.Inventories;
using Nova.Modules.Placement.Providers;
using Nova.Modules.Placement.Reshaper;
using Nova.Modules.Placement.ResourceClasses;
using Nova.Modules.Placement.Schemas;
using Nova.Modules.Placement.Traits;
using Nova.Modules.Placement.Usages;
using Nova.Tests.Support;

namespace Nova.Tests.Placement.Schemas;

/// <summary>Requests may be what the published schemas say, in every version, with the keywords in their order.</summary>
public class FormTests
{
    private static readonly Dictionary<string, Versions> Forms = new()
    {
        ["resource_classes.create"] = ClassForms.Name,
        ["resource_classes.update"] = ClassForms.Name,
        ["resource_providers.list"] = ProviderForms.List,
        ["resource_providers.create"] = ProviderForms.Create,
        ["resource_providers.update"] = ProviderForms.Update,
        ["inventories.create"] = InventoryForms.Create,
        ["inventories.replace"] = InventoryForms.Replace,
        ["inventories.update"] = InventoryForms.Update,
        ["aggregates.replace"] = AggregateForms.Replace,
        ["provider_traits.replace"] = TraitForms.Replace,
        ["allocations.set_many"] = AllocationForms.SetMany,
        ["allocations.set"] = AllocationForms.Set,
        ["traits.list"] = TraitForms.List,
        ["usages.total"] = UsageForms.Total,
        ["reshaper.reshape"] = ReshaperForms.Reshape,
        ["allocation_candidates.list"] = CandidateForms.All,
    };

    [NeedsFact(Need.Reference)]
    public void Every_form_is_the_published_one()
    {
        var published = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(Machine.ReferenceFolder, "placement-api/request-schemas.json")));
        foreach (var operation in published.EnumerateObject())
            foreach (var range in operation.Value.EnumerateArray())
            {
                var ours = Forms[operation.Name].At(MinorOf(range.GetProperty("min").GetString()!));
                Assert.Equal(InOrder(range.GetProperty("schema")), InOrder(ours.Document));
            }
    }

    private static int MinorOf(string version) => int.Parse(version.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture);

    // Numbers may be written in several ways; the order of members stays.
    private static string InOrder(JsonElement value) => JsonNode.Parse(value.GetRawText())!.ToJsonString().Replace("E+38", "e+38", StringComparison.Ordinal);
}
