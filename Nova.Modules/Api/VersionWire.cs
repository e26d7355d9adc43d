using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api;

/// <summary>The document of one version.</summary>
public sealed record VersionResponse(VersionView Version);

/// <summary>The list of versions at the root.</summary>
public sealed record VersionListResponse(IReadOnlyList<VersionSummary> Versions);

/// <summary>The answer to an address below no version.</summary>
public sealed record VersionChoicesResponse(IReadOnlyList<VersionChoice> Choices);

/// <summary>One version in the list.</summary>
public record VersionSummary(string Id, string Status, string Version, string MinVersion, string Updated, IReadOnlyList<VersionLink> Links);

/// <summary>One version, whole.</summary>
public sealed record VersionView(
    string Id,
    string Status,
    string Version,
    string MinVersion,
    string Updated,
    IReadOnlyList<VersionLink> Links,
    [property: WireName("media-types")] IReadOnlyList<MediaType> MediaTypes);

/// <summary>One version as a choice.</summary>
public sealed record VersionChoice(string Id, string Status, IReadOnlyList<VersionLink> Links, [property: WireName("media-types")] IReadOnlyList<MediaType> MediaTypes);

/// <summary>A link; only links to documents have a type.</summary>
public sealed record VersionLink(
    string Rel,
    string Href,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] string? Type = null);

/// <summary>What a version speaks.</summary>
public sealed record MediaType(string Base, string Type);

/// <summary>The two trees.</summary>
public sealed record ApiTree(string Id, string Path, string Status, string Version, string MinVersion, string Updated, string MediaVersion)
{
    /// <summary>Without microversions.</summary>
    public static readonly ApiTree V2 = new("v2.0", "v2", "DEPRECATED", "", "", "2025-07-04T12:00:00Z", "2");

    /// <summary>With microversions.</summary>
    public static readonly ApiTree V21 = new("v2.1", "v2.1", "CURRENT", Microversion.Max.ToString(), Microversion.Min.ToString(), "2013-07-23T11:33:21Z", "2.1");

    /// <summary>What it speaks.</summary>
    public IReadOnlyList<MediaType> MediaTypes => [new("application/json", $"application/vnd.openstack.compute+json;version={MediaVersion}")];
}
