using System.Text.Json.Serialization;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.ImageProxy;

/// <summary>The query of both lists; <c>property-NAME</c> filters by a property.</summary>
public sealed record ImageProxyQuery
{
    /// <summary>The most items.</summary>
    [Pattern("^[0-9]*$"), Range(1), Length(1)]
    public Loose<int>? Limit { get; set; }

    /// <summary>The most items, when limit is absent.</summary>
    [Pattern("^[0-9]*$"), Range(1), Length(1)]
    public Loose<int>? PageSize { get; set; }

    /// <summary>Accepted.</summary>
    [Pattern("^[0-9]*$"), Range(1), Length(1)]
    public Loose<int>? Offset { get; set; }

    /// <summary>The id of the last image of the page before.</summary>
    public string? Marker { get; set; }

    /// <summary>Exactly this name.</summary>
    public string? Name { get; set; }

    /// <summary>As this API shows it, or as the image service does.</summary>
    public string? Status { get; set; }

    /// <summary>The address or id of the server that it was made of.</summary>
    public string? Server { get; set; }

    /// <summary>The property image_type.</summary>
    public string? Type { get; set; }

    /// <summary>MiB.</summary>
    [WireName("minRam")]
    public string? MinRam { get; set; }

    /// <summary>GiB.</summary>
    [WireName("minDisk")]
    public string? MinDisk { get; set; }

    /// <summary>Changed at this time or later.</summary>
    [WireName("changes-since")]
    public string? ChangesSince { get; set; }
}

/// <summary>GET /images.</summary>
public sealed record ImageProxyList<T>(
    IReadOnlyList<T> Images, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Link>? ImagesLinks);

/// <summary>GET /images/{id}.</summary>
public sealed record ImageProxyResponse(ImageProxyView Image);

/// <summary>An image in the short list.</summary>
public sealed record ImageProxySummary(string Id, string? Name, IReadOnlyList<ImageLink> Links);

/// <summary>A link; that to the image service has a type.</summary>
public sealed record ImageLink(string Rel, string Href, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Type = null);

/// <summary>The server that an image was made of.</summary>
public sealed record ImageServer(string Id, IReadOnlyList<Link> Links);

/// <summary>An image, whole.</summary>
public sealed record ImageProxyView
{
    /// <summary>Opaque.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string? Name { get; init; }

    /// <summary>MiB.</summary>
    [WireName("minRam")]
    public required int MinRam { get; init; }

    /// <summary>GiB.</summary>
    [WireName("minDisk")]
    public required int MinDisk { get; init; }

    /// <summary>Properties.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>When it was made.</summary>
    public required string Created { get; init; }

    /// <summary>When it changed last.</summary>
    public required string Updated { get; init; }

    /// <summary>ACTIVE, SAVING, DELETED, ERROR or UNKNOWN.</summary>
    public required string Status { get; init; }

    /// <summary>0, 25, 50 or 100.</summary>
    public required int Progress { get; init; }

    /// <summary>Bytes.</summary>
    [WireName("OS-EXT-IMG-SIZE:size")]
    public required long Size { get; init; }

    /// <summary>Self, bookmark, and the image service's own.</summary>
    public required IReadOnlyList<ImageLink> Links { get; init; }

    /// <summary>Only of a snapshot.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImageServer? Server { get; init; }

    /// <summary>Only where the image says so.</summary>
    [WireName("OS-DCF:diskConfig"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DiskConfig { get; init; }
}

/// <summary>POST and PUT /images/{id}/metadata.</summary>
public sealed record ImageMetadataRequest
{
    private const string Names = "^[a-zA-Z0-9-_:. ]{1,255}$";

    /// <summary>Properties.</summary>
    [Required, Keys(Names), Length(0, 255)]
    public IReadOnlyDictionary<string, string> Metadata { get; set; } = null!;
}

/// <summary>PUT /images/{id}/metadata/{key}.</summary>
public sealed record ImageMetaRequest
{
    private const string Names = "^[a-zA-Z0-9-_:. ]{1,255}$";

    /// <summary>Exactly one, named like the address.</summary>
    [Required, Keys(Names), Length(0, 255), Items(1, 1)]
    public IReadOnlyDictionary<string, string> Meta { get; set; } = null!;
}

/// <summary>All properties.</summary>
public sealed record ImageMetadataResponse(IReadOnlyDictionary<string, string> Metadata);

/// <summary>One property.</summary>
public sealed record ImageMetaResponse(IReadOnlyDictionary<string, string> Meta);
