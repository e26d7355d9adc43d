using System.Text.Json.Serialization;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api;

/// <summary>The root of the service for clients that ask for <c>application/json-home</c>: every address of the Compute API with its methods.</summary>
public static class JsonHome
{
    private const string MediaType = "application/json-home";
    private const string Relations = "https://docs.openstack.org/api/openstack-compute/2.1/";

    /// <summary>True when the client prefers it.</summary>
    public static bool IsWanted(RequestContext caller) => caller.Header("Accept")?.Contains(MediaType, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>The document.</summary>
    public static Answer Of(RequestContext caller, RouteTable table)
    {
        var root = ComputeLinks.RootUrl(caller.Http);
        var resources = table.All.Where(r => r.Surface is ComputeSurface).GroupBy(r => r.Template).OrderBy(g => g.Key, StringComparer.Ordinal)
            .ToDictionary(g => Relation(g.Key), g => Resource(root, g.Key, [.. g.Select(r => r.Method).Distinct().Order(StringComparer.Ordinal)]));
        return Answer.Json(new HomeDocument(resources)) with { ContentType = MediaType };
    }

    private static HomeResource Resource(string root, string template, IReadOnlyList<string> methods)
    {
        var names = template.Split('/').Where(p => p.StartsWith('{')).Select(p => p.Trim('{', '}')).ToList();
        return new()
        {
            Href = names.Count == 0 ? root + template : null,
            HrefTemplate = names.Count > 0 ? root + template : null,
            HrefVars = names.Count > 0 ? names.ToDictionary(n => n, n => $"{Relations}param/{n}") : null,
            Hints = new(methods),
        };
    }

    // Such as …/rel/servers_id_action for /v2.1/servers/{id}/action.
    private static string Relation(string template)
    {
        var parts = template[ComputeSurface.Prefix.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Trim('{', '}'));
        return $"{Relations}rel/{string.Join('_', parts.DefaultIfEmpty("version"))}";
    }
}

/// <summary>A home document: draft-nottingham-json-home.</summary>
public sealed record HomeDocument(IReadOnlyDictionary<string, HomeResource> Resources);

/// <summary>One address, fixed or with parts that vary.</summary>
public sealed record HomeResource
{
    /// <summary>Of a fixed address.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Href { get; init; }

    /// <summary>Of one with parts that vary.</summary>
    [WireName("href-template"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? HrefTemplate { get; init; }

    /// <summary>What the parts are.</summary>
    [WireName("href-vars"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? HrefVars { get; init; }

    /// <summary>What may be done there.</summary>
    public required HomeHints Hints { get; init; }
}

/// <summary>What may be done at an address.</summary>
public sealed record HomeHints(IReadOnlyList<string> Allow);
