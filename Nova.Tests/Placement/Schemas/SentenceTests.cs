using System.Diagnostics;
using System.Text.Json;
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

/// <summary>The sentences of refusals are those of Python's jsonschema, to the letter, and it refuses what we refuse.</summary>
public class SentenceTests
{
    // Every request form of the API in every version.
    private static readonly Versions[] Forms =
    [
        ProviderForms.Create, ProviderForms.Update, ProviderForms.List, InventoryForms.Create, InventoryForms.Update, InventoryForms.Replace,
        TraitForms.List, TraitForms.Replace, ClassForms.Name, AggregateForms.Replace, UsageForms.Total, AllocationForms.Set, AllocationForms.SetMany, ReshaperForms.Reshape, CandidateForms.All,
    ];

    // Every one is given to every form, so that each keyword refuses somewhere. RP is the id of a provider in quotes, LONG and WORDS are long texts.
    private static readonly string[] Values =
    [
        "{}", "[]", "null", "1", "1.0", "1.5", "\"x\"", "true", "\"it's\"", "\"say \\\"it's\\\"\"", "[1, [2, {\"b\": null, \"a\": 1e3}]]",
        """{"name": "x"}""", """{"name": 1}""", """{"name": null, "uuid": "nope"}""", """{"name": "ok", "uuid": "nope"}""",
        """{"name": "LONG"}""",
        """{"name": "WORDS"}""",
        """{"name": "line\nbreak and a tab\t, Grüße aus Zürich, ☃ and \u00a0 with 'quotes' and \"more\""}""",
        """{"transport": "car", "color": "blue"}""", """{"name": "x", "parent_provider_uuid": "nope"}""", """{"name": "x", "parent_provider_uuid": 5}""",
        """{"name": "x", "parent_provider_uuid": null}""", """{"name": "x", "uuid": RP, "parent_provider_uuid": RP}""",
        """{"name": "x", "uuid": "4e8e5957649f477b9e5bf1f75b21c03c"}""", """{"name": "x", "uuid": "{4E8E5957-649F-477B-9E5B-F1F75B21C03C}"}""",
        """{"name": "CUSTOM_OK"}""", """{"name": "CUSTOM_bad"}""", """{"name": "VCPU"}""", """{"name": "CUSTOM_LONG"}""",
        """{"resource_class": "VCPU", "total": 0}""", """{"resource_class": "vcpu", "total": 10}""", """{"total": 2147483648, "resource_provider_generation": 1}""",
        """{"total": 12345678901234567890, "resource_provider_generation": 1}""", """{"total": -5, "reserved": -1, "min_unit": 0, "step_size": 0, "resource_provider_generation": 1}""",
        """{"total": 10, "allocation_ratio": 4.1e38, "resource_provider_generation": 1}""", """{"total": 10, "allocation_ratio": "2", "resource_provider_generation": "1"}""",
        """{"resource_provider_generation": 1, "inventories": {"VCPU": {"total": 0, "house": 1}, "bad": 5}}""",
        """{"resource_provider_generation": 1, "inventories": {"VCPU": {}, "MEMORY_MB": []}}""", """{"resource_provider_generation": 1, "inventories": []}""",
        """{"traits": ["", "A"], "resource_provider_generation": 1}""", """{"traits": "A"}""", """{"traits": ["LONG"], "resource_provider_generation": 1}""",
        "[RP, RP]", "[RP, 5]", """{"aggregates": ["x"], "resource_provider_generation": 1}""", """{"aggregates": [RP, RP], "resource_provider_generation": 1}""",
        """{"project_id": ""}""", """{"project_id": "p", "consumer_type": "lower"}""", """{"project_id": "p", "user_id": "", "consumer_type": ""}""", """{"user_id": "u", "house": "red"}""",
        """{"allocations": []}""", """{"allocations": {}}""", """{"allocations": [], "project_id": "p", "user_id": "u"}""",
        """{"allocations": [{"resource_provider": {"uuid": "x"}, "resources": {}}]}""",
        """{"allocations": [{"resource_provider": {"uuid": RP}, "resources": {"VCPU": 0}}], "project_id": "", "user_id": "u"}""",
        """{"allocations": [{"resources": {"VCPU": 1.5, "bad": 1}, "extra": [1]}]}""",
        """{"allocations": {RP: {"resources": {"VCPU": 2}, "generation": "1"} }, "project_id": "p", "user_id": "u", "consumer_generation": "x"}""",
        """{"allocations": {RP: {"resources": {} } }, "project_id": "p", "user_id": "u", "consumer_generation": null}""",
        """{"allocations": {"house": {"resources": {"VCPU": 2}}, "car": 1}, "project_id": "p", "user_id": "u", "consumer_generation": null, "consumer_type": "instance"}""",
        """{"allocations": {RP: {"resources": {"VCPU": 2}}}, "mappings": {"": ["x"], "_A": []}, "project_id": "p", "user_id": "u", "consumer_generation": 1, "consumer_type": "INSTANCE"}""",
        """{RP: {"allocations": {}, "project_id": "p"}, "bad": {}}""", """{RP: {"allocations": {}, "project_id": "p", "user_id": "u", "consumer_generation": 1.5}}""",
        """{"inventories": {}, "allocations": {}}""", """{"inventories": {RP: {"resource_provider_generation": 0, "inventories": {"VCPU": {"total": "x"}}}}, "allocations": {}}""",
        """{"inventories": {"x": {}}, "allocations": {RP: {"allocations": {}}}}""", """{"inventories": {RP: {"inventories": {}}}, "allocations": []}""",
    ];

    [NeedsFact(Need.PythonJsonSchema)]
    public async Task Every_sentence_is_that_of_jsonschema()
    {
        Schema[] schemas = [.. Forms.SelectMany(f => f.Forms).Select(f => f.Schema)];
        JsonElement[] values = [.. Values.Select(Value)];
        int[][] cases = [.. from s in Enumerable.Range(0, schemas.Length) from v in Enumerable.Range(0, values.Length) select new[] { s, v }];

        var said = await Ask(new { schemas = schemas.Select(s => s.Document), values, cases });

        foreach (var (each, theirs) in cases.Zip(said))
        {
            var (schema, value) = (schemas[each[0]], values[each[1]]);
            Assert.Equal(theirs, SchemaRefusal.Of(value, schema));
            Assert.Equal(theirs is null, schema.Accepts(value));
        }
    }

    private static JsonElement Value(string text) => JsonSerializer.Deserialize<JsonElement>(text
        .Replace("RP", "\"4e8e5957-649f-477b-9e5b-f1f75b21c03c\"", StringComparison.Ordinal)
        .Replace("LONG", new string('L', 300), StringComparison.Ordinal)
        .Replace("WORDS", string.Join(' ', Enumerable.Repeat("word", 80)), StringComparison.Ordinal));

    private static async Task<string?[]> Ask(object question)
    {
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Placement", "Schemas", "sentences.py")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        var answer = python.StandardOutput.ReadToEndAsync();
        await python.StandardInput.WriteAsync(JsonSerializer.Serialize(question));
        python.StandardInput.Close();
        await python.WaitForExitAsync();
        return JsonSerializer.Deserialize<string?[]>(await answer)!;
    }
}
