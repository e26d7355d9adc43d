using System.Text.Json;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;
using Rules = Nova.Modules.Shared.Http.Validation.Checks;

namespace Nova.Modules.Servers.Moves;

/// <summary>The action resize.</summary>
public sealed record ResizeRequest
{
    /// <summary>To what.</summary>
    [Required]
    public ResizeOptions Resize { get; set; } = null!;
}

/// <summary>To what a server is resized.</summary>
public sealed record ResizeOptions
{
    /// <summary>The flavor.</summary>
    [Required, WireName("flavorRef")]
    public FlavorRef Flavor { get; set; }

    /// <summary>Whether the guest resizes its file system.</summary>
    [WireName("OS-DCF:diskConfig"), NotNull, OneOf("AUTO", "MANUAL")]
    public string? DiskConfig { get; set; }
}

/// <summary>The action confirmResize.</summary>
public sealed record ConfirmResizeRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required, WireName("confirmResize")]
    public JsonElement Options { get; set; }
}

/// <summary>The action revertResize.</summary>
public sealed record RevertResizeRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required, WireName("revertResize")]
    public JsonElement Options { get; set; }
}

/// <summary>The action migrate, since 2.56; before nothing of it was checked.</summary>
public sealed record MigrateRequest
{
    /// <summary>To where, or null.</summary>
    [Required]
    public MigrateOptions? Migrate { get; set; }
}

/// <summary>To where a server is migrated.</summary>
public sealed record MigrateOptions
{
    /// <summary>A host.</summary>
    [Pattern("^[a-zA-Z0-9-._]*$"), Length(1, 255)]
    public string? Host { get; set; }
}

/// <summary>The action os-migrateLive.</summary>
public sealed record LiveMigrateRequest
{
    /// <summary>How.</summary>
    [Required, WireName("os-migrateLive")]
    public LiveMigrateOptions Options { get; set; } = null!;
}

/// <summary>How a server is migrated while it runs.</summary>
public sealed record LiveMigrateOptions
{
    /// <summary>Whether its disks go with it.</summary>
    [Required]
    public BlockMigration BlockMigration { get; set; }

    /// <summary>Whether the disks may be larger than the room.</summary>
    [Required, Until(24)]
    public Loose<bool> DiskOverCommit { get; set; }

    /// <summary>A host; null leaves it to the scheduler.</summary>
    [Required, Pattern("^[a-zA-Z0-9-._]*$"), Length(1, 255)]
    public string? Host { get; set; }

    /// <summary>Whether the host is taken unseen.</summary>
    [Since(30), Until(67), NotNull]
    public Loose<bool>? Force { get; set; }
}

/// <summary>A boolean; from 2.25 also auto.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(TextTypeConverter<BlockMigration>))]
public readonly record struct BlockMigration(string Value) : IWireType, ITextType<BlockMigration>
{
    private static readonly JsonElement[] Booleans =
    [
        JsonSerializer.SerializeToElement(true), .. LooseBool.True.Select(t => JsonSerializer.SerializeToElement(t)),
        JsonSerializer.SerializeToElement(false), .. LooseBool.False.Select(t => JsonSerializer.SerializeToElement(t)),
    ];

    private static readonly JsonElement[] BooleansOrAuto = [.. Booleans, JsonSerializer.SerializeToElement("auto")];

    /// <inheritdoc />
    public static IReadOnlyList<Check> Checks(Microversion version) => [Rules.Type("boolean", "string"), Rules.OneOf(version.Minor >= 25 ? BooleansOrAuto : Booleans)];

    static BlockMigration ITextType<BlockMigration>.Of(string text) => new(text);
}

/// <summary>The action evacuate.</summary>
public sealed record EvacuateRequest
{
    /// <summary>To where.</summary>
    [Required]
    public EvacuateOptions Evacuate { get; set; } = null!;
}

/// <summary>To where a server is evacuated.</summary>
public sealed record EvacuateOptions
{
    /// <summary>A host.</summary>
    [NotNull, Pattern("^[a-zA-Z0-9-._]*$"), Length(1, 255)]
    public string? Host { get; set; }

    /// <summary>Whether its disks are there too.</summary>
    [Required, Until(13), WireName("onSharedStorage")]
    public Loose<bool> OnSharedStorage { get; set; }

    /// <summary>Made up when absent.</summary>
    [WireName("adminPass"), NotNull]
    public string? AdminPass { get; set; }

    /// <summary>Whether the host is taken unseen.</summary>
    [Since(29), Until(67), NotNull]
    public Loose<bool>? Force { get; set; }
}

/// <summary>The action shelve.</summary>
public sealed record ShelveRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required]
    public JsonElement Shelve { get; set; }
}

/// <summary>The action shelveOffload.</summary>
public sealed record ShelveOffloadRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required, WireName("shelveOffload")]
    public JsonElement Options { get; set; }
}

/// <summary>The action unshelve, until 2.76.</summary>
public sealed record UnshelveRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required]
    public JsonElement Unshelve { get; set; }
}

/// <summary>The action unshelve, since 2.77.</summary>
public sealed record UnshelveToRequest
{
    /// <summary>To where, or null.</summary>
    [Required]
    public UnshelveOptions? Unshelve { get; set; }
}

/// <summary>To where a server is unshelved.</summary>
public sealed record UnshelveOptions
{
    /// <summary>A zone; from 2.91 null for any.</summary>
    [Required(Until = 90), NotNull(Until = 90), Format("name", Until = 90), Length(1, 255, Until = 90)]
    public string? AvailabilityZone { get; set; }

    /// <summary>A host.</summary>
    [Since(91), NotNull]
    public string? Host { get; set; }
}

/// <summary>The action force_complete.</summary>
public sealed record ForceCompleteRequest
{
    /// <summary>null.</summary>
    [Required]
    public OnlyNull ForceComplete { get; set; }
}
