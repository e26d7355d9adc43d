using System.Text.Json;
using Nova.Drivers.Embedded;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded.Projects;

/// <summary>Tags of projects and domains.</summary>
internal static class ProjectTags
{
    private const int Most = 80;

    /// <summary>The member <c>tags</c> of a body, as it is stored; null when there is none.</summary>
    /// <exception cref="Fault">400.</exception>
    public static string? Of(JsonBody body, ApiSurface surface) => body.Texts("tags") is { } tags ? Stored(tags, surface) : null;

    /// <summary>Tags as they are stored.</summary>
    /// <exception cref="Fault">400: too many, too long, or with a character that no tag has.</exception>
    public static string Stored(IEnumerable<string> tags, ApiSurface surface)
    {
        List<string> all = [.. tags.Distinct()];
        if (all.Count > Most)
            throw surface.BadBody($"Invalid input for field 'tags': {all.Count} tags are more than {Most}.");
        if (all.Find(tag => tag.Length is 0 or > 255 || tag.AsSpan().ContainsAny('/', ',')) is { } wrong)
            throw surface.BadBody($"Invalid input for field 'tags': '{IdentityWire.Short(wrong)}' does not match '^[^,/]*$'");
        return JsonSerializer.Serialize(all);
    }

    /// <summary>Tags as they were stored.</summary>
    public static List<string> Read(string stored) => JsonSerializer.Deserialize<List<string>>(stored)!;

    /// <summary>True when a project's tags are those that the query asks for.</summary>
    public static bool Fit(RequestContext caller, string stored)
    {
        if (caller.Query("tags") is null && caller.Query("tags-any") is null && caller.Query("not-tags") is null && caller.Query("not-tags-any") is null)
            return true;

        var tags = Read(stored);
        return (Asked("tags") is not { } all || all.All(tags.Contains)) && (Asked("tags-any") is not { } any || any.Any(tags.Contains))
            && (Asked("not-tags") is not { } notAll || !notAll.All(tags.Contains)) && (Asked("not-tags-any") is not { } none || !none.Any(tags.Contains));

        string[]? Asked(string parameter) => caller.Query(parameter)?.Split(',', StringSplitOptions.RemoveEmptyEntries);
    }
}
