using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Placement;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Placement.Candidates;

/// <summary>
/// A compute node cn1 with two devices below it, a compute node cn2 with a disk of its own, and a disk ss that is shared
/// with both.
/// </summary>
public sealed class CandidateCloud : EmptyCloud
{
    public static readonly Guid Aggregate = new("aaaaaaaa-0000-4000-8000-000000000001");
    public static readonly Guid Cn1 = new("11111111-0000-4000-8000-000000000001");
    public static readonly Guid Pf1 = new("11111111-0000-4000-8000-000000000002");
    public static readonly Guid Pf2 = new("11111111-0000-4000-8000-000000000003");
    public static readonly Guid Cn2 = new("22222222-0000-4000-8000-000000000001");
    public static readonly Guid Ss = new("33333333-0000-4000-8000-000000000001");

    /// <inheritdoc />
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        var none = new HashSet<Guid>();
        var shared = new HashSet<Guid> { Aggregate };
        await Services.GetRequiredService<Database>().Write(
            tx => ProviderSeed.Insert(tx,
            [
                new(Cn1, null, Cn1, [Of("VCPU", 8), Of("MEMORY_MB", 4096)], new HashSet<string> { "HW_CPU_X86_AVX", "CUSTOM_BIG" }, shared),
                new(Pf1, Cn1, Cn1, [Of("CUSTOM_VF", 4)], new HashSet<string> { "CUSTOM_PHYSNET1" }, none),
                new(Pf2, Cn1, Cn1, [Of("CUSTOM_VF", 4)], new HashSet<string> { "CUSTOM_PHYSNET2" }, none),
                new(Cn2, null, Cn2, [Of("VCPU", 8) with { Used = 2 }, Of("MEMORY_MB", 2048), Of("DISK_GB", 500)], new HashSet<string> { "CUSTOM_GOLD" }, shared),
                new(Ss, null, Ss, [Of("DISK_GB", 2000)], new HashSet<string> { "MISC_SHARES_VIA_AGGREGATE" }, shared),
            ]),
            default);
    }

    private static Inventory Of(string @class, long total) => new() { Class = @class, Total = total, MaxUnit = total };
}

/// <summary>GET /allocation_candidates over HTTP: the form in each version, and the sentence of each refusal.</summary>
public sealed class CandidateApiTests(CandidateCloud cloud) : IClassFixture<CandidateCloud>
{
    private const string Summary = """ "resources": {"MEMORY_MB": {"capacity": 4096, "used": 0}, "VCPU": {"capacity": 8, "used": 0}}, "traits": ["HW_CPU_X86_AVX", "CUSTOM_BIG"] """;

    private const string Tree = """
        {"$CN1": { $SUMMARY, "parent_provider_uuid": null, "root_provider_uuid": "$CN1"},
         "$PF1": {"resources": {"CUSTOM_VF": {"capacity": 4, "used": 0}}, "traits": ["CUSTOM_PHYSNET1"], "parent_provider_uuid": "$CN1", "root_provider_uuid": "$CN1"},
         "$PF2": {"resources": {"CUSTOM_VF": {"capacity": 4, "used": 0}}, "traits": ["CUSTOM_PHYSNET2"], "parent_provider_uuid": "$CN1", "root_provider_uuid": "$CN1"}}
        """;

    private static readonly (Guid Cn1, Guid Pf1, Guid Pf2, Guid Cn2, Guid Ss) P =
        (CandidateCloud.Cn1, CandidateCloud.Pf1, CandidateCloud.Pf2, CandidateCloud.Cn2, CandidateCloud.Ss);

    [Fact]
    public async Task Until_1_11_allocations_are_a_list()
    {
        foreach (var version in new[] { "1.10", "1.11" })
            IsJson(await Get(version, "resources=VCPU:7"), """
                {"allocation_requests": [{"allocations": [{"resource_provider": {"uuid": "$CN1"}, "resources": {"VCPU": 7}}]}],
                 "provider_summaries": {"$CN1": {"resources": {"VCPU": {"capacity": 8, "used": 0}}}}}
                """);
    }

    [Fact]
    public async Task From_1_12_allocations_are_an_object()
    {
        foreach (var version in new[] { "1.12", "1.16" })
            IsJson(await Get(version, "resources=VCPU:7"), """
                {"allocation_requests": [{"allocations": {"$CN1": {"resources": {"VCPU": 7}}}}],
                 "provider_summaries": {"$CN1": {"resources": {"VCPU": {"capacity": 8, "used": 0}}}}}
                """);
    }

    [Fact]
    public async Task From_1_15_the_answer_is_dated()
    {
        Assert.False((await Get("1.14", "resources=VCPU:7")).Headers.ContainsKey("Last-Modified"));
        var dated = await Get("1.15", "resources=VCPU:7");
        Assert.True(dated.Headers.ContainsKey("Last-Modified"));
        Assert.Equal("no-cache", dated.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task From_1_17_summaries_have_traits_and_from_1_27_all_classes()
    {
        IsJson(await Get("1.26", "resources=VCPU:1&required=CUSTOM_BIG"), """
            {"allocation_requests": [{"allocations": {"$CN1": {"resources": {"VCPU": 1}}}}],
             "provider_summaries": {"$CN1": {"resources": {"VCPU": {"capacity": 8, "used": 0}}, "traits": ["HW_CPU_X86_AVX", "CUSTOM_BIG"]}}}
            """);
        IsJson(await Get("1.28", "resources=VCPU:1&required=CUSTOM_BIG"), """
            {"allocation_requests": [{"allocations": {"$CN1": {"resources": {"VCPU": 1}}}}],
             "provider_summaries": {"$CN1": { $SUMMARY }}}
            """);
    }

    [Fact]
    public async Task From_1_29_summaries_are_of_whole_trees()
    {
        foreach (var version in new[] { "1.29", "1.33" })
            IsJson(await Get(version, "resources=VCPU:7"), """
                {"allocation_requests": [{"allocations": {"$CN1": {"resources": {"VCPU": 7}}}}], "provider_summaries": $TREE}
                """);
    }

    [Fact]
    public async Task From_1_34_a_candidate_says_which_group_has_which_provider()
    {
        foreach (var version in new[] { "1.34", "1.39", "latest" })
            IsJson(await Get(version, "resources=VCPU:7&resources_NET=CUSTOM_VF:2&required_NET=CUSTOM_PHYSNET2"), """
                {"allocation_requests": [{"allocations": {"$CN1": {"resources": {"VCPU": 7}}, "$PF2": {"resources": {"CUSTOM_VF": 2}}},
                  "mappings": {"": ["$CN1"], "_NET": ["$PF2"]}}],
                 "provider_summaries": $TREE}
                """);
    }

    [Fact]
    public async Task Before_1_29_nothing_is_taken_from_two_providers_of_a_tree()
    {
        Assert.Equal(0, Count(await Get("1.28", "resources=VCPU:1,CUSTOM_VF:1")));
        Assert.Equal(2, Count(await Get("1.29", "resources=VCPU:1,CUSTOM_VF:1")));
        var shared = await Get("1.28", "resources=VCPU:1,DISK_GB:10");
        Assert.Equal(3, Count(shared));
        Assert.Equal([$"{P.Cn1}", $"{P.Cn2}", $"{P.Ss}"], shared["provider_summaries"].EnumerateObject().Select(p => p.Name).Order());
    }

    [Fact]
    public async Task What_is_shared_is_one_candidate_whichever_tree_it_is_found_from()
    {
        var found = await Get("1.34", "resources=DISK_GB:600");
        Assert.Equal(1, Count(found));
        Assert.Equal([$"{P.Ss}"], found["provider_summaries"].EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task Suffixes_differ_by_case()
    {
        var found = await Get("1.33", "resources_net=CUSTOM_VF:1&resources_NET=CUSTOM_VF:1&required_NET=CUSTOM_PHYSNET2&required_net=CUSTOM_PHYSNET1&group_policy=none");
        Assert.Equal(1, Count(found));
    }

    [Fact]
    public async Task A_limit_ends_the_list_and_its_summaries()
    {
        Assert.Equal(2, Count(await Get("1.16", "resources=VCPU:1")));
        var one = await Get("1.16", "resources=VCPU:1&limit=1");
        Assert.Equal(1, Count(one));
        Assert.Single(one["provider_summaries"].EnumerateObject());
        Assert.Equal(2, Count(await Get("1.16", "resources=VCPU:1&limit=99999999999999999999")));
    }

    [Theory]
    [InlineData("1.17", "required=CUSTOM_GOLD", 1)]
    [InlineData("1.17", "required=CUSTOM_GOLD,CUSTOM_BIG", 0)]
    [InlineData("1.21", "member_of=aaaaaaaa-0000-4000-8000-000000000001", 2)]
    [InlineData("1.21", "member_of=in:aaaaaaaa-0000-4000-8000-000000000001,bbbbbbbb-0000-4000-8000-000000000001", 2)]
    [InlineData("1.21", "member_of=bbbbbbbb-0000-4000-8000-000000000001", 0)]
    [InlineData("1.22", "required=!CUSTOM_GOLD", 1)]
    [InlineData("1.24", "member_of=aaaaaaaa-0000-4000-8000-000000000001&member_of=bbbbbbbb-0000-4000-8000-000000000001", 0)]
    [InlineData("1.31", "in_tree=11111111-0000-4000-8000-000000000003", 1)]
    [InlineData("1.31", "in_tree=bbbbbbbb-0000-4000-8000-000000000001", 0)]
    [InlineData("1.32", "member_of=!aaaaaaaa-0000-4000-8000-000000000001", 0)]
    [InlineData("1.32", "member_of=!in:bbbbbbbb-0000-4000-8000-000000000001,bbbbbbbb-0000-4000-8000-000000000002", 2)]
    [InlineData("1.35", "root_required=CUSTOM_GOLD", 1)]
    [InlineData("1.35", "root_required=!CUSTOM_GOLD,!CUSTOM_BIG", 0)]
    [InlineData("1.38", "required=CUSTOM_BIG&required=CUSTOM_GOLD", 1)]
    [InlineData("1.39", "required=CUSTOM_BIG&required=CUSTOM_GOLD", 0)]
    [InlineData("1.39", "required=in:CUSTOM_BIG,CUSTOM_GOLD&required=!HW_CPU_X86_AVX", 1)]
    [InlineData("1.39", "required=HW_CPU_X86_VMX", 0)]
    public async Task Each_filter_exists_from_its_version_on(string version, string filter, int count) =>
        Assert.Equal(count, Count(await Get(version, "resources=VCPU:1&" + filter)));

    [Theory]
    [InlineData("1.10", "", "'resources' is a required property")]
    [InlineData("1.15", "resources=VCPU:1&limit=5", "'limit' was unexpected")]
    [InlineData("1.16", "resources=VCPU:1&limit=0", "'0' does not match '^[1-9][0-9]*$'")]
    [InlineData("1.16", "resources=VCPU:1&limit=x&limit=5", "'x' is no limit")]
    [InlineData("1.16", "resources=VCPU:1&required=CUSTOM_GOLD", "'required' was unexpected")]
    [InlineData("1.20", "resources=VCPU:1&member_of=x", "'member_of' was unexpected")]
    [InlineData("1.24", "resources=VCPU:1&resources1=VCPU:1", "'resources1' was unexpected")]
    [InlineData("1.30", "resources=VCPU:1&in_tree=x", "'in_tree' does not match any of the regexes")]
    [InlineData("1.32", "resources_A=VCPU:1", "'resources_A' does not match any of the regexes")]
    [InlineData("1.34", "resources=VCPU:1&root_required=CUSTOM_GOLD", "'root_required' does not match any of the regexes")]
    [InlineData("1.35", "resources=VCPU:1&same_subtree=_A", "'same_subtree' does not match any of the regexes")]
    [InlineData("1.10", "resources=", "Got: empty string.")]
    [InlineData("1.10", "resources=VCPU", "?resources=VCPU:2,MEMORY_MB:1024. Got: VCPU.")]
    [InlineData("1.10", "resources=VCPU:x", "Requested resource VCPU expected positive integer amount. Got: x.")]
    [InlineData("1.10", "resources=VCPU:0", "Requested resource VCPU requires amount >= 1. Got: 0.")]
    [InlineData("1.10", "resources=VCPU:1,CUSTOM_NONE:1", "Invalid resource class in resources parameter: No such resource class CUSTOM_NONE.")]
    [InlineData("1.17", "resources=VCPU:1&required=CUSTOM_NONE", "No such trait(s): CUSTOM_NONE.")]
    [InlineData("1.17", "resources=VCPU:1&required=CUSTOM_GOLD,", "parameter value of the form: HW_CPU_X86_VMX,CUSTOM_MAGIC. Got an empty trait in: CUSTOM_GOLD,")]
    [InlineData("1.21", "resources=VCPU:1&required=!CUSTOM_GOLD", "parameter value of the form: HW_CPU_X86_VMX,CUSTOM_MAGIC. Got: !CUSTOM_GOLD")]
    [InlineData("1.22", "resources=VCPU:1&required=CUSTOM_GOLD,!CUSTOM_GOLD", "Conflicting required and forbidden traits found in the following traits keys: required: (CUSTOM_GOLD)")]
    [InlineData("1.21", "resources=VCPU:1&member_of=x", "Expected 'member_of' parameter to contain valid UUID(s). Got: x")]
    [InlineData("1.23", "resources=VCPU:1&member_of=aaaaaaaa-0000-4000-8000-000000000001&member_of=aaaaaaaa-0000-4000-8000-000000000001", "Multiple member_of parameters are not supported")]
    [InlineData("1.31", "resources=VCPU:1&member_of=!aaaaaaaa-0000-4000-8000-000000000001", "Forbidden member_of parameters are not supported in the specified microversion")]
    [InlineData("1.31", "resources=VCPU:1&in_tree=life", "Expected 'in_tree' parameter to be a format of uuid. Got: life")]
    [InlineData("1.25", "resources1=VCPU:1&resources2=VCPU:1", "The \"group_policy\" parameter is required when specifying more than one \"resources{N}\" parameter.")]
    [InlineData("1.25", "resources1=VCPU:1&group_policy=maybe", "'maybe' is not one of ['none', 'isolate']")]
    [InlineData("1.25", "resources=VCPU:1&required2=CUSTOM_GOLD", "All traits parameters must be associated with resources.  Found the following orphaned traits keys: required2")]
    [InlineData("1.25", "resources=VCPU:1&member_of2=aaaaaaaa-0000-4000-8000-000000000001", "All member_of parameters must be associated with resources. Found the following orphaned member_of keys: member_of2")]
    [InlineData("1.25", "", "At least one request group (`resources` or `resources{$S}`) is required.")]
    [InlineData("1.31", "in_tree=aaaaaaaa-0000-4000-8000-000000000001", "All request groups must specify resources.")]
    [InlineData("1.35", "resources=VCPU:1&root_required=CUSTOM_NONE", "No such trait(s): CUSTOM_NONE.")]
    [InlineData("1.35", "resources=VCPU:1&root_required=CUSTOM_GOLD&root_required=CUSTOM_BIG", "Query parameter 'root_required' may be specified only once.", "placement.query.duplicate_key")]
    [InlineData("1.35", "resources=VCPU:1&root_required=CUSTOM_GOLD,!CUSTOM_GOLD", "Conflicting required and forbidden traits found in root_required: CUSTOM_GOLD", "placement.query.bad_value")]
    [InlineData("1.39", "resources=VCPU:1&root_required=in:CUSTOM_GOLD,CUSTOM_BIG", "only supported since microversion 1.39. Got: in:CUSTOM_GOLD,CUSTOM_BIG")]
    [InlineData("1.36", "", "There must be at least one resources or resources[$S] parameter.", "placement.query.missing_value")]
    [InlineData("1.36", "resources_A=VCPU:1&required_B=CUSTOM_GOLD&group_policy=none", "in `same_subtree` query param: bad group(s) - ['_B'].", "placement.query.bad_value")]
    [InlineData("1.36", "resources_A=VCPU:1&same_subtree=_A,_C", "Real suffixes should be specified in `same_subtree`: ['_C'] not found in ['_A'].", "placement.query.bad_value")]
    [InlineData("1.36", "resources_A=VCPU:1&same_subtree=_A,", "Empty string (unsuffixed group) can not be specified in `same_subtree`", "placement.query.bad_value")]
    [InlineData("1.38", "resources=VCPU:1&required=in:CUSTOM_GOLD,CUSTOM_BIG", "only supported since microversion 1.39")]
    [InlineData("1.39", "resources=VCPU:1&required=in:CUSTOM_GOLD,!CUSTOM_BIG", "does not support forbidden traits. Got: in:CUSTOM_GOLD,!CUSTOM_BIG")]
    [InlineData("1.39", "resources=VCPU:1&required=in:CUSTOM_GOLD,", "of the form: in:HW_CPU_X86_VMX,CUSTOM_MAGIC. Got an empty trait in: in:CUSTOM_GOLD,")]
    [InlineData("1.39", "resources=VCPU:1&required=in:CUSTOM_GOLD,CUSTOM_BIG&required=!CUSTOM_GOLD,!CUSTOM_BIG", "traits keys: required: (CUSTOM_BIG, CUSTOM_GOLD)")]
    public async Task What_is_wrong_is_said_in_the_originals_words(string version, string query, string sentence, string code = "placement.undefined_code")
    {
        var answer = (await Ask(version, query)).Is(400);
        var error = answer.Json.GetProperty("errors")[0];
        Assert.Contains(sentence, error.GetProperty("detail").GetString());
        if (int.Parse(version[2..]) >= 23)
            Assert.Equal(code, error.GetProperty("code").GetString());
    }

    // What is looked at before has no result: the original then never comes to the name that does not exist.
    [Theory]
    [InlineData("resources=VCPU:1&member_of=bbbbbbbb-0000-4000-8000-000000000001&required=CUSTOM_NONE", 200)]
    [InlineData("resources=VCPU:1000&required=CUSTOM_NONE", 400)]
    [InlineData("resources1=VCPU:1000&resources2=CUSTOM_NONE:1&group_policy=none", 200)]
    [InlineData("resources1=VCPU:1&resources2=CUSTOM_NONE:1&group_policy=none", 400)]
    [InlineData("resources=CUSTOM_NONE:1&member_of=bbbbbbbb-0000-4000-8000-000000000001", 400)]
    public async Task An_unknown_name_is_refused_where_the_original_comes_to_it(string query, int status) => (await Ask("1.36", query)).Is(status);

    [Fact]
    public async Task Who_may_not_and_what_is_not_there_is_refused()
    {
        (await cloud.As("ada:blue").With("OpenStack-API-Version", "placement 1.39").Get("/placement/allocation_candidates?resources=VCPU:1")).Is(403);
        (await Ask("1.9", "resources=VCPU:1")).Is(404);
        (await cloud.As("admin").With("OpenStack-API-Version", "placement 1.39").With("Accept", "text/plain").Get("/placement/allocation_candidates?resources=VCPU:1")).Is(406);
    }

    private async Task<CloudAnswer> Get(string version, string query) => (await Ask(version, query)).Is(200);

    private Task<CloudAnswer> Ask(string version, string query) =>
        cloud.As("admin").With("OpenStack-API-Version", "placement " + version).Get("/placement/allocation_candidates?" + query);

    private static int Count(CloudAnswer answer) => answer["allocation_requests"].GetArrayLength();

    private static void IsJson(CloudAnswer answer, string expected)
    {
        var text = expected.Replace("$TREE", Tree).Replace("$SUMMARY", Summary)
            .Replace("$CN1", $"{P.Cn1}").Replace("$PF1", $"{P.Pf1}").Replace("$PF2", $"{P.Pf2}");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(text), JsonNode.Parse(answer.Text)), $"expected {text}\ngot {answer.Text}");
    }
}
