using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Placement.Queries;

/// <summary>What a query demands of traits.</summary>
/// <param name="Required">Of each set at least one trait is there.</param>
/// <param name="Forbidden">None of these is there.</param>
public sealed record TraitTerms(IReadOnlyList<IReadOnlySet<string>> Required, IReadOnlySet<string> Forbidden)
{
    // Forbidden traits exist from the first, any-of and repeated parameters from the second.
    private const int ForbiddenSince = 22;
    private const int AnySince = 39;

    /// <summary>No demand.</summary>
    public static readonly TraitTerms None = new([], new HashSet<string>());

    /// <summary>Every trait that is named, for looking them up.</summary>
    public IEnumerable<string> Names => Required.SelectMany(set => set).Concat(Forbidden).Distinct(StringComparer.Ordinal);

    /// <summary>The demand of a parameter such as <c>required</c> or <c>required_NET1</c>; before 1.39 its last value counts.</summary>
    /// <exception cref="Fault">400 in the original's words.</exception>
    public static TraitTerms Of(RequestContext caller, string parameter) =>
        Of([.. caller.QueryAll(parameter).Select(value => value ?? "")], caller.Version.Minor);

    /// <summary>The demand of the values of a parameter; before 1.39 the last counts.</summary>
    /// <exception cref="Fault">400 in the original's words.</exception>
    public static TraitTerms Of(IReadOnlyList<string> values, int minor)
    {
        var parsed = values.TakeLast(minor >= AnySince ? values.Count : 1).Select(value => Parse(value, minor >= ForbiddenSince, minor >= AnySince)).ToList();
        return new([.. parsed.SelectMany(p => p.Required)], parsed.SelectMany(p => p.Forbidden).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>The demand of one value.</summary>
    /// <param name="value">As in the query.</param>
    /// <param name="allowForbidden">Whether a leading <c>!</c> forbids a trait.</param>
    /// <param name="allowAny">Whether <c>in:</c> asks for any of the traits.</param>
    /// <exception cref="Fault">400 in the original's words.</exception>
    public static TraitTerms Parse(string value, bool allowForbidden, bool allowAny)
    {
        if (value.StartsWith("in:", StringComparison.Ordinal))
            return AnyOf(value, allowAny);

        var all = value.Split(',', StringSplitOptions.TrimEntries);
        var forbidden = all.Where(t => t.StartsWith('!')).Select(t => t.TrimStart('!')).ToHashSet(StringComparer.Ordinal);
        if (all.Concat(forbidden).Any(t => t.Length == 0))
            throw Fault.BadRequest(
                $"Invalid query string parameters: Expected 'required' parameter value of the form: HW_CPU_X86_VMX,{(allowForbidden ? "!" : "")}CUSTOM_MAGIC. Got an empty trait in: {value}");
        if (forbidden.Count > 0 && !allowForbidden)
            throw Fault.BadRequest($"Invalid query string parameters: Expected 'required' parameter value of the form: HW_CPU_X86_VMX,CUSTOM_MAGIC. Got: {value}");

        return new([.. all.Where(t => !t.StartsWith('!')).Select(t => new HashSet<string>(StringComparer.Ordinal) { t })], forbidden);
    }

    private static TraitTerms AnyOf(string value, bool allowAny)
    {
        if (!allowAny)
            throw Fault.BadRequest($"Invalid query string parameters: The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only supported since microversion 1.39. Got: {value}");

        var any = value[3..].Split(',', StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
        if (any.Contains(""))
            throw Fault.BadRequest(
                $"Invalid query string parameters: Expected 'required' parameter value of the form: in:HW_CPU_X86_VMX,CUSTOM_MAGIC. Got an empty trait in: {value}");
        if (any.Any(t => t.StartsWith('!')))
            throw Fault.BadRequest($"Invalid query string parameters: The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' does not support forbidden traits. Got: {value}");

        return new([any], None.Forbidden);
    }
}
