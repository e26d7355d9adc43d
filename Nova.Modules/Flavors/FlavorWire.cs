using System.Text.Json.Serialization;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Flavors;

/// <summary>POST /flavors.</summary>
public sealed record CreateFlavorRequest
{
    /// <summary>The flavor.</summary>
    [Required]
    public NewFlavor Flavor { get; set; } = null!;
}

/// <summary>A flavor to be made.</summary>
public sealed record NewFlavor
{
    private const int Most = int.MaxValue;
    private const string Digits = "^[0-9]+$";

    /// <summary>Unique.</summary>
    [Required]
    [Format("name_with_leading_trailing_spaces", Until = 0), Format("name", Since = 1), Length(1, 255)]
    public string Name { get; set; } = "";

    /// <summary>Null or absent makes a UUID.</summary>
    [Length(1, 255), Pattern("^(?! )[a-zA-Z0-9. _-]+(?<! )$")]
    public Loose<string>? Id { get; set; }

    /// <summary>MiB.</summary>
    [Required, NotNull, Pattern(Digits), Range(1, Most)]
    public Loose<int>? Ram { get; set; }

    /// <summary>Virtual CPUs.</summary>
    [Required, NotNull, Pattern(Digits), Range(1, Most)]
    public Loose<int>? Vcpus { get; set; }

    /// <summary>GiB.</summary>
    [Required, NotNull, Pattern(Digits), Range(0, Most)]
    public Loose<int>? Disk { get; set; }

    /// <summary>GiB.</summary>
    [WireName("OS-FLV-EXT-DATA:ephemeral"), NotNull, Pattern(Digits), Range(0, Most)]
    public Loose<int>? Ephemeral { get; set; }

    /// <summary>MiB.</summary>
    [NotNull, Pattern(Digits), Range(0, Most)]
    public Loose<int>? Swap { get; set; }

    /// <summary>Kept for clients.</summary>
    [Until(101), NotNull, Pattern(@"^[0-9]+(\.[0-9]+)?$"), Range(0, 3.40282e+38, IsMinExclusive = true)]
    public Loose<double>? RxtxFactor { get; set; }

    /// <summary>True when absent.</summary>
    [WireName("os-flavor-access:is_public"), NotNull]
    public Loose<bool>? IsPublic { get; set; }

    /// <summary>Words for people.</summary>
    [Since(55), Length(0, 65535), Format("description")]
    public string? Description { get; set; }
}

/// <summary>PUT /flavors/{id}.</summary>
public sealed record UpdateFlavorRequest
{
    /// <summary>The change.</summary>
    [Required]
    public FlavorChange Flavor { get; set; } = null!;
}

/// <summary>What of a flavor may change.</summary>
public sealed record FlavorChange
{
    /// <summary>Null removes it.</summary>
    [Required, Length(0, 65535), Format("description")]
    public string? Description { get; set; }
}

/// <summary>The query of both lists.</summary>
[StrictQuery(Since = 75)]
public sealed record FlavorQuery
{
    /// <summary>The most items.</summary>
    [Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<int>? Limit { get; set; }

    /// <summary>The id of the last item of the page before.</summary>
    public string? Marker { get; set; }

    /// <summary>A boolean or <c>none</c>; administrators only.</summary>
    public string? IsPublic { get; set; }

    /// <summary>MiB.</summary>
    [WireName("minRam")]
    public string? MinRam { get; set; }

    /// <summary>GiB.</summary>
    [WireName("minDisk")]
    public string? MinDisk { get; set; }

    /// <summary>A column.</summary>
    [OneOf("created_at", "description", "disabled", "ephemeral_gb", "flavorid", "id", "is_public", "memory_mb", "name", "root_gb", "rxtx_factor", "swap", "updated_at", "vcpu_weight", "vcpus", Until = 101)]
    [OneOf("created_at", "description", "disabled", "ephemeral_gb", "flavorid", "id", "is_public", "memory_mb", "name", "root_gb", "swap", "updated_at", "vcpu_weight", "vcpus", Since = 102)]
    public string? SortKey { get; set; }

    /// <summary>A direction.</summary>
    [OneOf("asc", "desc")]
    public string? SortDir { get; set; }

    /// <summary>Exactly this name.</summary>
    [Since(102)]
    public string? Name { get; set; }
}

/// <summary>A query that knows no parameter.</summary>
[StrictQuery(Since = 102)]
public sealed record NoFlavorQuery;

/// <summary>GET /flavors.</summary>
public sealed record FlavorListResponse<T>(
    IReadOnlyList<T> Flavors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Link>? FlavorsLinks);

/// <summary>One flavor in the short list.</summary>
public sealed record FlavorSummary
{
    /// <inheritdoc cref="Flavor.Id" />
    public required string Id { get; init; }

    /// <inheritdoc cref="Flavor.Name" />
    public required string Name { get; init; }

    /// <summary>Self and bookmark.</summary>
    public required IReadOnlyList<Link> Links { get; init; }

    /// <inheritdoc cref="Flavor.Description" />
    [Since(55)]
    public required string? Description { get; init; }
}

/// <summary>GET /flavors/{id}.</summary>
public sealed record FlavorResponse(FlavorView Flavor);

/// <summary>One flavor, whole.</summary>
public sealed record FlavorView
{
    /// <inheritdoc cref="Flavor.Id" />
    public required string Id { get; init; }

    /// <inheritdoc cref="Flavor.Name" />
    public required string Name { get; init; }

    /// <summary>MiB.</summary>
    public required long Ram { get; init; }

    /// <summary>GiB.</summary>
    public required int Disk { get; init; }

    /// <summary>MiB, or the empty text for none.</summary>
    [Until(74), WireName("swap")]
    public object SwapOrEmpty => Swap == 0 ? "" : Swap;

    /// <summary>MiB.</summary>
    [Since(75)]
    public required int Swap { get; init; }

    /// <summary>GiB.</summary>
    [WireName("OS-FLV-EXT-DATA:ephemeral")]
    public required int Ephemeral { get; init; }

    /// <inheritdoc cref="Flavor.Disabled" />
    [Until(101), WireName("OS-FLV-DISABLED:disabled")]
    public required bool Disabled { get; init; }

    /// <inheritdoc cref="Flavor.Vcpus" />
    public required int Vcpus { get; init; }

    /// <inheritdoc cref="Flavor.IsPublic" />
    [WireName("os-flavor-access:is_public")]
    public required bool IsPublic { get; init; }

    /// <inheritdoc cref="Flavor.RxtxFactor" />
    [Until(101)]
    public required double RxtxFactor { get; init; }

    /// <summary>Self and bookmark.</summary>
    public required IReadOnlyList<Link> Links { get; init; }

    /// <inheritdoc cref="Flavor.Description" />
    [Since(55)]
    public required string? Description { get; init; }

    /// <summary>Absent for callers who may not see them.</summary>
    [Since(61), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? ExtraSpecs { get; init; }
}
