using Nova.Modules.Placement.Schemas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Placement.Queries;

/// <summary>What a query demands of aggregates.</summary>
/// <param name="Required">The provider is in at least one aggregate of each set.</param>
/// <param name="Forbidden">The provider is in none of these.</param>
public sealed record AggregateTerms(IReadOnlyList<IReadOnlySet<Guid>> Required, IReadOnlySet<Guid> Forbidden)
{
    private const int RepeatedSince = 24;
    private const int ForbiddenSince = 32;

    /// <summary>No demand.</summary>
    public static readonly AggregateTerms None = new([], new HashSet<Guid>());

    /// <summary>The demand of the parameter <c>member_of</c> with the suffix of a request group, or without.</summary>
    /// <exception cref="Fault">400 in the original's words.</exception>
    public static AggregateTerms Of(RequestContext caller, string suffix = "") =>
        Of([.. caller.QueryAll("member_of" + suffix).Select(value => value ?? "")], suffix, caller.Version.Minor);

    /// <summary>The demand of the values of a parameter with this suffix.</summary>
    /// <exception cref="Fault">400 in the original's words.</exception>
    public static AggregateTerms Of(IReadOnlyList<string> values, string suffix, int minor)
    {
        if (values.Count > 1 && minor < RepeatedSince)
            throw Fault.BadRequest($"Multiple member_of{suffix} parameters are not supported");

        var required = new List<IReadOnlySet<Guid>>();
        var forbidden = new HashSet<Guid>();
        foreach (var value in values)
        {
            var (isForbidden, aggregates) = Parse(value);
            if (isForbidden && minor < ForbiddenSince)
                throw Fault.BadRequest($"Forbidden member_of{suffix} parameters are not supported in the specified microversion");
            if (isForbidden)
                forbidden.UnionWith(aggregates);
            else
                required.Add(aggregates);
        }

        return new(required, forbidden);
    }

    private static (bool IsForbidden, HashSet<Guid> Aggregates) Parse(string value)
    {
        var isForbidden = value.StartsWith('!');
        var rest = isForbidden ? value[1..] : value;
        var isList = rest.StartsWith("in:", StringComparison.Ordinal);
        if (value.Contains(',', StringComparison.Ordinal) && !isList)
            throw Fault.BadRequest($"Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword using the valid microversion. Got: {value}");

        return (isForbidden, (isList ? rest[3..].Split(',') : [rest]).Select(Uuid).ToHashSet());
    }

    private static Guid Uuid(string text) => Uuids.TryParse(text, out var uuid)
        ? uuid
        : throw Fault.BadRequest($"Invalid query string parameters: Expected 'member_of' parameter to contain valid UUID(s). Got: {text}");
}
