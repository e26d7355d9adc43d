using Nova.Modules.Flavors;
using Nova.Modules.Shared;
using Nova.Tests.Api.Servers;
using Nova.Tests.Conformance;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

[Collection(nameof(ServerCloud))]
public sealed class ExtraSpecTests(ServerCloud cloud)
{
    [Theory]
    [InlineData("hw:cpu_policy", "dedicated", null)]
    [InlineData("hw:cpu_policy", "sharded", "Validation failed; 'sharded' is not one of: dedicated, shared, mixed.")]
    [InlineData("hw:numa_nodes", "0", "Validation failed; '0' is less than the min value of '1'.")]
    [InlineData("hw:numa_nodes", "two", "Validation failed; 'two' is not a valid integer value.")]
    [InlineData("hw:redirected_usb_ports", "16", "Validation failed; '16' is greater than the max value of '15'.")]
    [InlineData("hw:boot_menu", "maybe", "Validation failed; 'maybe' is not a valid boolean-like value.")]
    [InlineData("hw:boot_menu", " Yes ", null)]
    [InlineData("hw:numa_cpus.1", "0-3,^2", null)]
    [InlineData("hw:numa_cpus.one", "0-3", "Validation failed; extra spec 'hw:numa_cpus.one' does not appear to be a valid extra spec.")]
    [InlineData("hw:mem_page_size", "huge", @"Validation failed; 'huge' is not of the format '(large|small|any|\d+([kKMGT]i?)?(b|bit|B)?)'.")]
    [InlineData("hw:no_such", "1", "Validation failed; extra spec 'hw:no_such' does not appear to be a valid extra spec.")]
    [InlineData("resources:VCPU", "2", null)]
    [InlineData("resources_g1:CUSTOM_GOLD", "2", null)]
    [InlineData("resources:NO_SUCH", "2", "Validation failed; extra spec 'resources:NO_SUCH' does not appear to be a valid extra spec.")]
    [InlineData("trait1:HW_CPU_X86_AVX2", "required", null)]
    [InlineData("trait:CUSTOM_X", "perhaps", "Validation failed; 'perhaps' is not one of: required, forbidden.")]
    [InlineData("capabilities:cpu_info:features", "<in> avx", null)]
    [InlineData("aggregate_instance_extra_specs:ssd", "true", null)]
    [InlineData("ours:anything", "goes", null)]
    [InlineData("anything", "goes", null)]
    public void Known_names_have_rules_for_their_values(string name, string value, string? sentence) =>
        Assert.Equal(sentence, Record.Exception(() => ExtraSpecRules.Check(name, value)) is Fault fault ? fault.Text.ToString() : null);

    [Fact]
    public void A_long_value_costs_no_time() => Assert.Throws<Fault>(() => ExtraSpecRules.Check("hw:pmem", new string('a', 254) + "!"));

    [NeedsFact(Need.Reference)]
    public void Every_published_name_is_known_with_its_rule()
    {
        var wrong = from row in ApiReference.Table("flavor-extra-specs.tsv")
                    let name = row["name"].Replace("{num}", "0", StringComparison.Ordinal).Replace("{group}", "", StringComparison.Ordinal).Replace("{key}", "k", StringComparison.Ordinal)
                        .Replace("{filter}", ":f", StringComparison.Ordinal).Replace("{resource}", "R", StringComparison.Ordinal).Replace("{trait}", "T", StringComparison.Ordinal)
                        .Replace("{standard class}", "VGPU", StringComparison.Ordinal).Replace("{standard trait}", "HW_CPU_X86_AVX", StringComparison.Ordinal)
                    from sample in Samples(row["value"])
                    where (Record.Exception(() => ExtraSpecRules.Check(name, sample.Value)) is null) != sample.IsGood
                    select $"{name} = {sample.Value} ({row["value"]}): {(sample.IsGood ? "refused" : "accepted")}";

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Values_are_checked_from_2_86_on()
    {
        (await cloud.As("admin").Post("/v2.1/flavors", """{"flavor": {"id": "f-specs", "name": "specs", "ram": 64, "vcpus": 1, "disk": 1}}""")).Is(200);
        const string body = """{"extra_specs": {"hw:numa_nodes": 0}}""";
        (await cloud.As("admin").At("2.86").Post("/v2.1/flavors/f-specs/os-extra_specs", body)).Is(400, "Validation failed; '0' is less than the min value of '1'.");
        (await cloud.As("admin").At("2.86").Put("/v2.1/flavors/f-specs/os-extra_specs/hw:numa_nodes", """{"hw:numa_nodes": "x"}""")).Is(400, "Validation failed; 'x' is not a valid integer value.");
        (await cloud.As("admin").At("2.85").Post("/v2.1/flavors/f-specs/os-extra_specs", body)).Is(200);
        (await cloud.As("admin").At("2.86").Put("/v2.1/flavors/f-specs/os-extra_specs/hw:numa_nodes", """{"hw:numa_nodes": 2}""")).Is(200);
    }

    // Values that a rule of the table allows and refuses.
    private static IEnumerable<(string Value, bool IsGood)> Samples(string rule)
    {
        if (rule.StartsWith("string: ", StringComparison.Ordinal))
            return [.. rule["string: ".Length..].Split('|').Select(v => (v, true)), ("no such value", false)];
        if (rule == "boolean")
            return [("true", true), ("0", true), ("2", false), ("text", false)];
        if (rule.StartsWith("integer", StringComparison.Ordinal))
            return [("5", true), ("1.5", false), ("text", false), ("-1", rule == "integer"), ("0", !rule.Contains(">= 1", StringComparison.Ordinal)), ("16", !rule.Contains("<= 15", StringComparison.Ordinal))];
        if (rule.StartsWith("string matching ", StringComparison.Ordinal))
            return new[] { "1", "0-3,^2", "^1", "large", "2MiB", "a,b", "a:1", "a:1, b:2", "", "-", "x y" }
                .Select(v => (v, System.Text.RegularExpressions.Regex.IsMatch(v, $@"\A(?:{rule["string matching ".Length..]})\z")));
        return [("anything", true), ("", true)];
    }
}
