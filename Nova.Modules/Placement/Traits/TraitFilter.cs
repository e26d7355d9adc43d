using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Placement.Traits;

/// <summary>Which traits a list shows.</summary>
internal sealed class TraitFilter
{
    private IReadOnlySet<string>? _names;
    private string? _prefix;
    private bool? _associated;

    private TraitFilter()
    {
    }

    /// <summary>True when it matters which traits providers have.</summary>
    public bool NeedsAssociations => _associated is not null;

    /// <summary>What a query asks for.</summary>
    /// <exception cref="Fault">400.</exception>
    public static TraitFilter Of(RequestContext caller)
    {
        var filter = new TraitFilter();
        if (caller.Query("name") is { } name)
            filter.ReadName(name);
        if (caller.Query("associated") is { } associated)
            filter._associated = bool.TryParse(associated, out var wanted)
                ? wanted
                : throw Fault.BadRequest($"The query parameter \"associated\" only accepts \"true\" or \"false\"");
        return filter;
    }

    /// <summary>Those that are asked for.</summary>
    public IEnumerable<string> Apply(IEnumerable<string> names, IReadOnlySet<string> associated) => names.Where(name =>
        (_names is null || _names.Contains(name))
        && (_prefix is null || name.StartsWith(_prefix, StringComparison.Ordinal))
        && (_associated is null || associated.Contains(name) == _associated));

    // Another word in front of the colon asks for nothing, as in the original.
    private void ReadName(string text)
    {
        if (text.Split(':', 2) is not [var kind, var value])
            throw Fault.BadRequest(
                $"Badly formatted name parameter. Expected name query string parameter in form: ?name=[in|startswith]:[name1,name2|prefix]. Got: \"{text}\"");

        if (kind == "in")
            _names = value.Split(',').ToHashSet(StringComparer.Ordinal);
        else if (kind == "startswith")
            _prefix = value;
    }
}
