using System.Text.Json;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Volumes;

/// <summary>The query of the lists.</summary>
public sealed record VolumeQuery
{
    /// <summary>The most items.</summary>
    [Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<int>? Limit { get; set; }

    /// <summary>How many to leave out.</summary>
    [Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<int>? Offset { get; set; }
}

/// <summary>GET /os-volumes.</summary>
public sealed record VolumeListResponse(IReadOnlyList<object> Volumes);

/// <summary>GET /os-snapshots.</summary>
public sealed record SnapshotListResponse(IReadOnlyList<object> Snapshots);

/// <summary>POST /os-volumes.</summary>
public sealed record CreateVolumeRequest
{
    /// <summary>The volume.</summary>
    [Required]
    public NewVolume Volume { get; set; } = null!;
}

/// <summary>A volume to be made.</summary>
public sealed record NewVolume
{
    /// <summary>A name.</summary>
    [NotNull]
    public string? VolumeType { get; set; }

    /// <summary>Anything.</summary>
    [NotNull]
    public IReadOnlyDictionary<string, JsonElement>? Metadata { get; set; }

    /// <summary>Its origin.</summary>
    [NotNull]
    public string? SnapshotId { get; set; }

    /// <summary>GiB.</summary>
    [Required, NotNull, Pattern("^[0-9]+$"), Range(1)]
    public Loose<int>? Size { get; set; }

    /// <summary>A zone.</summary>
    [NotNull]
    public string? AvailabilityZone { get; set; }

    /// <summary>A name.</summary>
    [NotNull]
    public string? DisplayName { get; set; }

    /// <summary>Words for people.</summary>
    [NotNull]
    public string? DisplayDescription { get; set; }
}

/// <summary>POST /os-snapshots.</summary>
public sealed record CreateSnapshotRequest
{
    /// <summary>The snapshot.</summary>
    [Required]
    public NewSnapshot Snapshot { get; set; } = null!;
}

/// <summary>A snapshot to be made.</summary>
public sealed record NewSnapshot
{
    /// <summary>Of which volume.</summary>
    [Required]
    public string VolumeId { get; set; } = "";

    /// <summary>Also while it is attached.</summary>
    [NotNull]
    public Loose<bool>? Force { get; set; }

    /// <summary>A name.</summary>
    [NotNull]
    public string? DisplayName { get; set; }

    /// <summary>Words for people.</summary>
    [NotNull]
    public string? DisplayDescription { get; set; }
}

/// <summary>POST /os-assisted-volume-snapshots.</summary>
public sealed record AssistedSnapshotRequest
{
    /// <summary>The snapshot.</summary>
    [Required]
    public AssistedSnapshot Snapshot { get; set; } = null!;
}

/// <summary>What the volume service asks for.</summary>
public sealed record AssistedSnapshot
{
    /// <summary>Of which volume.</summary>
    [Required, Length(1)]
    public string VolumeId { get; set; } = "";

    /// <summary>How.</summary>
    [Required]
    public AssistedSnapshotInfo CreateInfo { get; set; } = null!;
}

/// <summary>How a snapshot is made.</summary>
public sealed record AssistedSnapshotInfo
{
    /// <summary>The volume service's id.</summary>
    [Required, Length(1)]
    public string SnapshotId { get; set; } = "";

    /// <summary>The only kind there is.</summary>
    [Required, OneOf("qcow2")]
    public string Type { get; set; } = "";

    /// <summary>A name.</summary>
    [Required, Length(1)]
    public string NewFile { get; set; } = "";

    /// <summary>An id for the answer.</summary>
    [NotNull, Length(1)]
    public string? Id { get; set; }
}

/// <summary>The query of a delete.</summary>
[StrictQuery(Since = 75)]
public sealed record AssistedSnapshotQuery
{
    /// <summary>JSON with the volume's id.</summary>
    public string? DeleteInfo { get; set; }
}
