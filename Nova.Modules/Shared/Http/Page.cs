namespace Nova.Modules.Shared.Http;

/// <summary>Which part of a list is asked for.</summary>
/// <param name="Limit">The most items; between 0 and the configured page.</param>
/// <param name="Marker">The id of the item before the first, or null for the beginning.</param>
public readonly record struct Page(int Limit, string? Marker)
{
    /// <summary>A page by the parameters <c>limit</c> and <c>marker</c>; the most that a page may hold is <c>http:max_page</c>.</summary>
    public static Page Of(RequestContext caller, int? limit, string? marker) => new(Math.Min(limit ?? Largest(caller), Largest(caller)), marker);

    private static int Largest(RequestContext caller) =>
        (caller.Http.RequestServices.GetService(typeof(HttpSettings)) as HttpSettings)?.MaxPage ?? 1000;
}
