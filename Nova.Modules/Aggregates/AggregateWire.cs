using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;
using Rules = Nova.Modules.Shared.Http.Validation.Checks;

namespace Nova.Modules.Aggregates;

/// <summary>A query that knows no parameter.</summary>
[StrictQuery(Since = 102)]
public sealed record AggregateQuery;

/// <summary>POST /os-aggregates.</summary>
public sealed record CreateAggregateRequest
{
    /// <summary>The aggregate.</summary>
    [Required]
    public NewAggregate Aggregate { get; set; } = null!;
}

/// <summary>An aggregate to be made.</summary>
public sealed record NewAggregate
{
    /// <summary>Unique.</summary>
    [Required, Format("name_with_leading_trailing_spaces", Until = 0), Format("name", Since = 1), Length(1, 255)]
    public string Name { get; set; } = "";

    /// <summary>The zone of its hosts, or none.</summary>
    public ZoneText? AvailabilityZone { get; set; }
}

/// <summary>PUT /os-aggregates/{id}.</summary>
public sealed record UpdateAggregateRequest
{
    /// <summary>The changes.</summary>
    [Required]
    public AggregateChanges Aggregate { get; set; } = null!;
}

/// <summary>What may change; at least one of the two.</summary>
public record AggregateFields
{
    /// <summary>Unique.</summary>
    [NotNull, Format("name_with_leading_trailing_spaces"), Length(1, 255)]
    public string? Name { get; set; }

    /// <summary>The zone of its hosts.</summary>
    public ZoneText? AvailabilityZone { get; set; }
}

/// <inheritdoc />
public sealed record AggregateChanges : AggregateFields, IWireType
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) =>
        [.. WireSchema.OfType(typeof(AggregateFields), version), Rules.AnyOf([Rules.Required(["name"])], [Rules.Required(["availability_zone"])])];
}

/// <summary>The name of a zone, or null, which is not the same as absent.</summary>
[JsonConverter(typeof(ZoneTextConverter))]
public sealed record ZoneText(string? Value) : IWireType
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version)
    {
        var format = version == Microversion.Legacy ? "az_name_with_leading_trailing_spaces" : "az_name";
        return [Rules.ExactlyOne([Rules.Type("string"), Rules.Format(format), Rules.Length(1, 255)], [Rules.Type("null")])];
    }
}

/// <summary>Reads a <see cref="ZoneText"/>.</summary>
internal sealed class ZoneTextConverter : JsonConverter<ZoneText>
{
    public override bool HandleNull => true;

    public override ZoneText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString());

    public override void Write(Utf8JsonWriter writer, ZoneText value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}

/// <summary>The action add_host.</summary>
public sealed record AddHostRequest
{
    /// <summary>Which.</summary>
    [Required]
    public AggregateHost AddHost { get; set; } = null!;
}

/// <summary>The action remove_host.</summary>
public sealed record RemoveHostRequest
{
    /// <summary>Which.</summary>
    [Required]
    public AggregateHost RemoveHost { get; set; } = null!;
}

/// <summary>A host.</summary>
public sealed record AggregateHost
{
    /// <summary>The name of its service.</summary>
    [Required, Pattern("^[a-zA-Z0-9-._]*$"), Length(1, 255)]
    public string Host { get; set; } = "";
}

/// <summary>The action set_metadata.</summary>
public sealed record SetMetadataRequest
{
    /// <summary>The changes.</summary>
    [Required]
    public MetadataChanges SetMetadata { get; set; } = null!;
}

/// <summary>Changes of the metadata.</summary>
public sealed record MetadataChanges
{
    /// <summary>Keys to be set, and with null to be removed.</summary>
    [Required]
    public AggregateMetadata Metadata { get; set; } = null!;
}

/// <summary>Keys with values, which may be null.</summary>
public sealed class AggregateMetadata : Dictionary<string, string?>, IWireType
{
    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) =>
        [Rules.Type("object"), Rules.Values("^[a-zA-Z0-9-_:. ]{1,255}$", [Rules.Type("string", "null"), Rules.Length(0, 255)])];
}

/// <summary>POST /os-aggregates/{id}/images.</summary>
public sealed record CacheImagesRequest
{
    /// <summary>The images.</summary>
    [Required, Items(1)]
    public IReadOnlyList<CachedImage> Cache { get; set; } = null!;
}

/// <summary>An image to be cached.</summary>
public sealed record CachedImage
{
    /// <summary>The image.</summary>
    [Required, Format("uuid")]
    public string Id { get; set; } = "";
}

/// <summary>GET /os-aggregates.</summary>
public sealed record AggregateListResponse(IReadOnlyList<AggregateView> Aggregates);

/// <summary>One aggregate in an answer.</summary>
public sealed record AggregateResponse<T>(T Aggregate);

/// <summary>The answer to a create, which has no hosts and shows no metadata.</summary>
public record AggregateSummary(Aggregate Aggregate)
{
    /// <summary>The model is not part of the document.</summary>
    [JsonIgnore]
    public Aggregate Aggregate { get; } = Aggregate;

    /// <inheritdoc cref="Aggregate.Number" />
    public long Id => Aggregate.Number;

    /// <inheritdoc cref="Aggregate.Id" />
    [Since(41)]
    public Guid Uuid => Aggregate.Id;

    /// <inheritdoc cref="Aggregate.Name" />
    public string Name => Aggregate.Name;

    /// <inheritdoc cref="Aggregate.Zone" />
    public string? AvailabilityZone => Aggregate.Zone;

    /// <inheritdoc cref="Aggregate.CreatedAt" />
    public string CreatedAt => WireTime.Micros(Aggregate.CreatedAt);

    /// <inheritdoc cref="Aggregate.UpdatedAt" />
    public string? UpdatedAt => Aggregate.UpdatedAt is { } at ? WireTime.Micros(at) : null;

    /// <summary>Always false: a deleted aggregate is gone.</summary>
    public bool Deleted => false;

    /// <summary>Always null.</summary>
    public string? DeletedAt => null;
}

/// <summary>An aggregate, whole.</summary>
public sealed record AggregateView(Aggregate Aggregate) : AggregateSummary(Aggregate)
{
    /// <inheritdoc cref="Aggregate.Hosts" />
    public IReadOnlyList<string> Hosts => Aggregate.Hosts;

    /// <inheritdoc cref="Aggregate.Metadata" />
    public IReadOnlyDictionary<string, string> Metadata => Aggregate.Metadata;
}
