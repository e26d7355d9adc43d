using System.Text.RegularExpressions;
using Nova.Modules.Placement.Api;
using Nova.Modules.Placement.Queries;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Placement.Candidates;

/// <summary>Reads a query string that fits <see cref="CandidateForms"/>, and refuses what no schema says.</summary>
internal sealed partial class CandidateQuery
{
    private const int ForbiddenTraitsSince = 22;
    private const int TreesSince = 29;
    private const int NamedSuffixesSince = 33;
    private const int ResourcelessSince = 36;

    private readonly IReadOnlyList<KeyValuePair<string, string>> _pairs;
    private readonly ILookup<string, string> _values;
    private readonly int _minor;

    private CandidateQuery(IReadOnlyList<KeyValuePair<string, string>> pairs, int minor)
    {
        (_pairs, _minor) = (pairs, minor);
        _values = pairs.ToLookup(p => p.Key, p => p.Value, StringComparer.Ordinal);
    }

    /// <summary>The request.</summary>
    /// <param name="pairs">The parameters in the order of the query string.</param>
    /// <param name="minor">The minor version.</param>
    /// <exception cref="Fault">400, in the original's words.</exception>
    public static CandidateRequest Parse(IReadOnlyList<KeyValuePair<string, string>> pairs, int minor) => new CandidateQuery(pairs, minor).Parse();

    private CandidateRequest Parse()
    {
        var root = RootTraits();
        var sameSubtrees = SameSubtrees();
        var groups = Groups();
        if (_minor >= ResourcelessSince)
            CheckResourceless(groups, sameSubtrees);
        else
            CheckResources(groups);
        if (_minor >= ForbiddenTraitsSince)
            CheckConflicts(groups);
        if (!_values.Contains("group_policy") && groups.Count(g => g.IsGranular) > 1)
            throw Fault.BadRequest($"The \"group_policy\" parameter is required when specifying more than one \"resources{{N}}\" parameter.");

        return new()
        {
            Groups = groups,
            Limit = Limit(),
            IsIsolated = _values["group_policy"].FirstOrDefault() == "isolate",
            Root = root,
            SameSubtrees = sameSubtrees,
            KnowsNesting = _minor >= TreesSince,
        };
    }

    // Of several the first counts, though it is the last that the schema has looked at.
    private int? Limit() => _values["limit"].FirstOrDefault() switch
    {
        null => null,
        var text when Positive().IsMatch(text) => int.TryParse(text, out var limit) ? limit : int.MaxValue,
        var text => throw PlacementFaults.BadParameter($"Invalid query string parameters: {PythonText.Quoted(text)} is no limit."),
    };

    private TraitTerms RootTraits()
    {
        var values = _values["root_required"].ToList();
        if (values.Count == 0)
            return TraitTerms.None;
        if (values.Count > 1)
            throw PlacementFaults.RepeatedParameter($"Query parameter 'root_required' may be specified only once.");

        var traits = TraitTerms.Parse(values[0], allowForbidden: true, allowAny: false);
        var conflicts = traits.Required.SelectMany(any => any).Intersect(traits.Forbidden).ToList();
        return conflicts.Count == 0
            ? traits
            : throw PlacementFaults.BadParameter($"Conflicting required and forbidden traits found in root_required: {string.Join(", ", conflicts)}");
    }

    private List<IReadOnlySet<string>> SameSubtrees()
    {
        var all = new List<IReadOnlySet<string>>();
        foreach (var value in _values["same_subtree"])
        {
            var suffixes = value.Split(',').Select(s => s.Trim()).ToHashSet(StringComparer.Ordinal);
            if (suffixes.Contains(""))
                throw PlacementFaults.BadParameter($"Empty string (unsuffixed group) can not be specified in `same_subtree` ");
            all.Add(suffixes);
        }

        return all;
    }

    private List<RequestGroup> Groups()
    {
        var groups = new OrderedDictionary<string, RequestGroup>(StringComparer.Ordinal);
        var parameter = _minor >= NamedSuffixesSince ? NamedParameter() : NumberedParameter();
        foreach (var (key, value) in _pairs)
        {
            if (parameter.Match(key) is not { Success: true } match)
                continue;

            var (name, suffix) = (match.Groups[1].Value, match.Groups[2].Value);
            groups[suffix] = With(groups.GetValueOrDefault(suffix) ?? new RequestGroup { Suffix = suffix }, name, key, value);
        }

        return [.. groups.Values];
    }

    private RequestGroup With(RequestGroup group, string name, string key, string value)
    {
        switch (name)
        {
            case "resources":
                return group with { Resources = ResourceTerms.Parse(value) };
            case "required":
                return group with { Traits = TraitTerms.Of([.. _values[key]], _minor) };
            case "member_of":
                return group with { Aggregates = AggregateTerms.Of([.. _values[key]], group.Suffix, _minor) };
            default:
                return group with { InTree = TreeTerm.Parse(value) };
        }
    }

    private static void CheckResourceless(List<RequestGroup> groups, List<IReadOnlySet<string>> sameSubtrees)
    {
        var resourceless = groups.Where(g => g.Resources.Count == 0).Select(g => g.Suffix).ToList();
        if (resourceless.Count == groups.Count)
            throw PlacementFaults.MissingParameter($"There must be at least one resources or resources[$S] parameter.");

        var named = sameSubtrees.SelectMany(suffixes => suffixes).Distinct().ToList();
        if (resourceless.Except(named).ToList() is { Count: > 0 } loose)
            throw PlacementFaults.BadParameter(
                $"Resourceless suffixed group request should be specified in `same_subtree` query param: bad group(s) - {Quoted(loose)}.");
        if (named.Except(groups.Select(g => g.Suffix)).ToList() is { Count: > 0 } unknown)
            throw PlacementFaults.BadParameter(
                $"Real suffixes should be specified in `same_subtree`: {Quoted(unknown)} not found in {Quoted(groups.Select(g => g.Suffix))}.");
    }

    private static void CheckResources(List<RequestGroup> groups)
    {
        var bare = groups.Where(g => g.Resources.Count == 0).ToList();
        if (bare.Where(g => g.Traits.Required.Count > 0).ToList() is { Count: > 0 } traits)
            throw Fault.BadRequest(
                $"All traits parameters must be associated with resources.  Found the following orphaned traits keys: {Keys("required", traits)}");
        if (bare.Where(g => g.Aggregates.Required.Count + g.Aggregates.Forbidden.Count > 0).ToList() is { Count: > 0 } members)
            throw Fault.BadRequest(
                $"All member_of parameters must be associated with resources. Found the following orphaned member_of keys: {Keys("member_of", members)}");
        if (bare.Count > 0)
            throw Fault.BadRequest($"All request groups must specify resources.");
        if (groups.Count == 0)
            throw Fault.BadRequest($"At least one request group (`resources` or `resources{{$S}}`) is required.");
    }

    private static void CheckConflicts(List<RequestGroup> groups)
    {
        var conflicts = from @group in groups
                        from any in @group.Traits.Required
                        where any.All(@group.Traits.Forbidden.Contains)
                        select $"required{@group.Suffix}: ({string.Join(", ", any.Order(StringComparer.Ordinal))})";
        if (conflicts.Order(StringComparer.Ordinal).ToList() is { Count: > 0 } found)
            throw Fault.BadRequest($"Conflicting required and forbidden traits found in the following traits keys: {string.Join(", ", found)}");
    }

    private static string Keys(string name, IEnumerable<RequestGroup> groups) => string.Join(", ", groups.Select(g => name + g.Suffix));

    private static string Quoted(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(PythonText.Quoted))}]";

    [GeneratedRegex("^(resources|required|member_of|in_tree)(" + CandidateForms.NumberSuffix + ")?$")]
    private static partial Regex NumberedParameter();

    [GeneratedRegex("^(resources|required|member_of|in_tree)(" + CandidateForms.NameSuffix + ")?$")]
    private static partial Regex NamedParameter();

    [GeneratedRegex("^[1-9][0-9]*$")]
    private static partial Regex Positive();
}
