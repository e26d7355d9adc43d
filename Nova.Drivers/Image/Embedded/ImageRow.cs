using System.Text.Json;

namespace Nova.Drivers.Image.Embedded;

/// <summary>A row of <c>images</c>.</summary>
public sealed record ImageRow
{
    /// <summary>A UUID, unless the client chose another.</summary>
    public string Id { get; init; } = "";

    /// <summary>The project.</summary>
    public string Owner { get; init; } = "";

    /// <summary>Not unique.</summary>
    public string? Name { get; init; }

    /// <summary>queued, saving, active, deactivated.</summary>
    public string Status { get; init; } = "queued";

    /// <summary>public, private, shared, community.</summary>
    public string Visibility { get; init; } = "shared";

    /// <summary>raw, qcow2 …</summary>
    public string? DiskFormat { get; init; }

    /// <summary>bare …</summary>
    public string? ContainerFormat { get; init; }

    /// <summary>GiB.</summary>
    public int MinDisk { get; init; }

    /// <summary>MiB.</summary>
    public int MinRam { get; init; }

    /// <summary>True cannot be deleted.</summary>
    public bool Protected { get; init; }

    /// <summary>True is left out of lists.</summary>
    public bool OsHidden { get; init; }

    /// <summary>Bytes, once uploaded.</summary>
    public long? Size { get; init; }

    /// <summary>Bytes that a guest sees, once uploaded.</summary>
    public long? VirtualSize { get; init; }

    /// <summary>MD5, hex.</summary>
    public string? Checksum { get; init; }

    /// <summary>sha512.</summary>
    public string? OsHashAlgo { get; init; }

    /// <summary>Hex.</summary>
    public string? OsHashValue { get; init; }

    /// <summary>JSON object of texts.</summary>
    public string Properties { get; init; } = "{}";

    /// <summary>JSON array.</summary>
    public string Tags { get; init; } = "[]";

    /// <summary>The attempt that is writing.</summary>
    public string? Upload { get; init; }

    /// <summary>The server that it was made of; null for others. Written once.</summary>
    public string? ServerId { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long UpdatedAt { get; init; }

    /// <summary>Further properties.</summary>
    public Dictionary<string, string> PropertyMap() => JsonSerializer.Deserialize<Dictionary<string, string>>(Properties) ?? [];

    /// <summary>Tags.</summary>
    public List<string> TagList() => JsonSerializer.Deserialize<List<string>>(Tags) ?? [];
}

/// <summary>A row of <c>image_members</c>.</summary>
public sealed record ImageMemberRow
{
    /// <summary>The image.</summary>
    public string ImageId { get; init; } = "";

    /// <summary>The project.</summary>
    public string MemberId { get; init; } = "";

    /// <summary>pending, accepted, rejected.</summary>
    public string Status { get; init; } = "pending";

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long UpdatedAt { get; init; }
}
