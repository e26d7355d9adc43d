using System.Globalization;
using Nova.Modules.Shared;

namespace Nova.Modules.Quotas;

/// <summary>Limits that hold for somebody, and the words in which they refuse.</summary>
/// <param name="ByName">By the names of the API, all of them; -1 is unlimited.</param>
public sealed record HeldLimits(IReadOnlyDictionary<string, long> ByName)
{
    /// <summary>Where the limits come from when that is the identity service; else null.</summary>
    public UnifiedLimits? Unified { get; init; }

    /// <summary>One of the limits.</summary>
    public long this[string resource] => ByName[resource];

    /// <summary>True when so much of a resource is too much.</summary>
    public bool IsOver(string resource, long wanted) => ByName[resource] is >= 0 and var limit && wanted > limit;

    /// <summary>The refusal of one more thing that belongs to no project: the given one, unless the identity service words it.</summary>
    public Fault Refusal(string resource, long used, long more, Fault inWords) =>
        Unified is null ? inWords : Refusal("None", [new(UnifiedLimits.Names[resource], ByName[resource], used, more)]);

    /// <summary>The refusal in the words of the identity service's library.</summary>
    internal static Fault Refusal(string project, IEnumerable<OverLimit> over)
    {
        var limits = string.Join(", ", over.OrderBy(o => o.Resource, StringComparer.Ordinal).Select(o => o.ToString()));
        return Fault.Forbidden($"Project {project} is over a limit for [{limits}]");
    }
}

/// <summary>A resource of which there would be too much.</summary>
internal readonly record struct OverLimit(string Resource, long Limit, long Used, long More)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"Resource {Resource} is over limit of {Limit} due to current usage {Used} and delta {More}");
}
