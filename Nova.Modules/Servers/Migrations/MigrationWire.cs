using System.Text.Json.Serialization;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Migrations;

/// <summary>The query of the list of all moves.</summary>
[StrictQuery(Since = 59)]
public sealed record MigrationQuery
{
    /// <summary>Accepted: no move of ours is hidden.</summary>
    public string? Hidden { get; set; }

    /// <summary>Source or destination.</summary>
    public string? Host { get; set; }

    /// <summary>The server.</summary>
    public string? InstanceUuid { get; set; }

    /// <summary>Source.</summary>
    public string? SourceCompute { get; set; }

    /// <summary>How it stands.</summary>
    public string? Status { get; set; }

    /// <summary>Its kind.</summary>
    public string? MigrationType { get; set; }

    /// <summary>The most items.</summary>
    [Since(59), Pattern("^[0-9]*$"), Range(0), Length(1), Once]
    public Loose<int>? Limit { get; set; }

    /// <summary>The UUID of the last item of the page before.</summary>
    [Since(59), Once]
    public string? Marker { get; set; }

    /// <summary>Changed at this time or later.</summary>
    [Since(59), WireName("changes-since"), Format("date-time"), Once]
    public string? ChangesSince { get; set; }

    /// <summary>Changed at this time or earlier.</summary>
    [Since(66), WireName("changes-before"), Format("date-time"), Once]
    public string? ChangesBefore { get; set; }

    /// <summary>Who asked.</summary>
    [Since(80), Once]
    public string? UserId { get; set; }

    /// <summary>The server's project.</summary>
    [Since(80), Once]
    public string? ProjectId { get; set; }
}

/// <summary>GET /os-migrations.</summary>
public sealed record MigrationListResponse(
    IReadOnlyList<MigrationView> Migrations,
    [property: Since(59), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Link>? MigrationsLinks);

/// <summary>One move in the list of all.</summary>
public sealed record MigrationView
{
    /// <inheritdoc cref="Migration.Number" />
    public required long Id { get; init; }

    /// <inheritdoc cref="Migration.Id" />
    [Since(59)]
    public required Guid Uuid { get; init; }

    /// <summary>The server.</summary>
    public required Guid InstanceUuid { get; init; }

    /// <inheritdoc cref="Migration.Status" />
    public required string Status { get; init; }

    /// <inheritdoc cref="Migration.Kind" />
    [Since(23)]
    public required string MigrationType { get; init; }

    /// <summary>Null for callers who may not see hosts.</summary>
    public required string? SourceCompute { get; init; }

    /// <summary>Null for callers who may not see hosts.</summary>
    public required string? SourceNode { get; init; }

    /// <summary>Null for callers who may not see hosts.</summary>
    public required string? DestCompute { get; init; }

    /// <summary>Null for callers who may not see hosts.</summary>
    public required string? DestNode { get; init; }

    /// <summary>The address of the destination; null for callers who may not see hosts.</summary>
    public required string? DestHost { get; init; }

    /// <inheritdoc cref="Migration.OldFlavorNumber" />
    public required long? OldInstanceTypeId { get; init; }

    /// <inheritdoc cref="Migration.NewFlavorNumber" />
    public required long? NewInstanceTypeId { get; init; }

    /// <summary>When it was asked for.</summary>
    public required string CreatedAt { get; init; }

    /// <summary>When it changed last.</summary>
    public required string? UpdatedAt { get; init; }

    /// <summary>Who asked.</summary>
    [Since(80)]
    public required string UserId { get; init; }

    /// <summary>The server's project.</summary>
    [Since(80)]
    public required string ProjectId { get; init; }

    /// <summary>Only of a live migration that can be watched.</summary>
    [Since(23), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Link>? Links { get; init; }
}

/// <summary>GET /servers/{id}/migrations.</summary>
public sealed record ServerMigrationListResponse(IReadOnlyList<ServerMigrationView> Migrations);

/// <summary>GET /servers/{id}/migrations/{id}.</summary>
public sealed record ServerMigrationResponse(ServerMigrationView Migration);

/// <summary>A live migration under way.</summary>
public sealed record ServerMigrationView
{
    /// <inheritdoc cref="Migration.Number" />
    public required long Id { get; init; }

    /// <inheritdoc cref="Migration.Id" />
    [Since(59)]
    public required Guid Uuid { get; init; }

    /// <summary>The server.</summary>
    public required Guid ServerUuid { get; init; }

    /// <inheritdoc cref="Migration.Status" />
    public required string Status { get; init; }

    /// <summary>Null for callers who may not see hosts.</summary>
    public required string? SourceCompute { get; init; }

    /// <summary>Null for callers who may not see hosts.</summary>
    public required string? SourceNode { get; init; }

    /// <summary>Null for callers who may not see hosts.</summary>
    public required string? DestCompute { get; init; }

    /// <summary>Null for callers who may not see hosts.</summary>
    public required string? DestNode { get; init; }

    /// <summary>The address of the destination; null for callers who may not see hosts.</summary>
    public required string? DestHost { get; init; }

    /// <summary>Null until the host has told.</summary>
    public required long? MemoryTotalBytes { get; init; }

    /// <summary>Null until the host has told.</summary>
    public required long? MemoryProcessedBytes { get; init; }

    /// <summary>Null until the host has told.</summary>
    public required long? MemoryRemainingBytes { get; init; }

    /// <summary>Null until the host has told.</summary>
    public required long? DiskTotalBytes { get; init; }

    /// <summary>Null until the host has told.</summary>
    public required long? DiskProcessedBytes { get; init; }

    /// <summary>Null until the host has told.</summary>
    public required long? DiskRemainingBytes { get; init; }

    /// <summary>When it was asked for.</summary>
    public required string CreatedAt { get; init; }

    /// <summary>When it changed last.</summary>
    public required string UpdatedAt { get; init; }

    /// <summary>Who asked.</summary>
    [Since(80)]
    public required string UserId { get; init; }

    /// <summary>The server's project.</summary>
    [Since(80)]
    public required string ProjectId { get; init; }
}
