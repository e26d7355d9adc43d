namespace Nova.Drivers.Identity.Embedded.Tokens;

/// <summary>Where a token works.</summary>
/// <param name="Kind">project, domain, system, or empty for an unscoped token.</param>
/// <param name="Id">Of the project or domain; <c>all</c> for the system.</param>
public sealed record TokenScope(string Kind, string Id)
{
    /// <summary>Works nowhere; to be exchanged for another.</summary>
    public static readonly TokenScope None = new("", "");

    /// <summary>The whole system.</summary>
    public static readonly TokenScope System = new("system", "all");
}
