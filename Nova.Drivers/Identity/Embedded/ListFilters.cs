using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>The filters in the query strings of lists.</summary>
internal static class ListFilters
{
    /// <summary>True when the query does not ask for another value.</summary>
    public static bool Fits(this RequestContext caller, string parameter, string? value) => caller.Query(parameter) is not { } wanted || wanted == value;

    /// <summary>True when the query does not ask for the opposite.</summary>
    public static bool FitsFlag(this RequestContext caller, string parameter, bool value) => caller.Query(parameter) is null || caller.IsSet(parameter) == value;

    /// <summary>True for a parameter without value, or with one that does not say no.</summary>
    public static bool IsSet(this RequestContext caller, string parameter) =>
        caller.Query(parameter) is { } value && value != "0" && !string.Equals(value, "false", StringComparison.OrdinalIgnoreCase);
}
