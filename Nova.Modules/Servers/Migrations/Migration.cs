using System.Text.Json;
using Nova.Modules.Operations;

namespace Nova.Modules.Servers.Migrations;

/// <summary>A move of a server, under way or ended.</summary>
public sealed class Migration
{
    /// <summary>From 2.59 shown beside the number; allocations of the source are held in its name.</summary>
    public Guid Id { get; set; }

    /// <summary>The public integer.</summary>
    public long Number { get; set; }

    /// <summary>What moves.</summary>
    public Guid ServerId { get; set; }

    /// <summary>The operation that does it; null when none does any more.</summary>
    public Guid? OperationId { get; set; }

    /// <summary>The server's project.</summary>
    public string ProjectId { get; set; } = "";

    /// <summary>Who asked.</summary>
    public string UserId { get; set; } = "";

    /// <summary><see cref="MigrationKinds"/>.</summary>
    public string Kind { get; set; } = "";

    /// <summary><see cref="MigrationStatuses"/>.</summary>
    public string Status { get; set; } = "";

    /// <summary>Where the server was.</summary>
    public string? SourceHost { get; set; }

    /// <summary>The hypervisor's own name there.</summary>
    public string? SourceNode { get; set; }

    /// <summary>Where it goes; null until a host is chosen.</summary>
    public string? DestHost { get; set; }

    /// <summary>The hypervisor's own name there.</summary>
    public string? DestNode { get; set; }

    /// <summary>The address of the destination.</summary>
    public string? DestAddress { get; set; }

    /// <summary>The flavor before, where it changes.</summary>
    public long? OldFlavorNumber { get; set; }

    /// <summary>The flavor after.</summary>
    public long? NewFlavorNumber { get; set; }

    /// <summary>JSON of <see cref="MigrationProgress"/>, or null.</summary>
    public string? ProgressJson { get; set; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; set; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long UpdatedAt { get; set; }

    /// <summary>How far a live migration is; empty before its host has told.</summary>
    public MigrationProgress Progress => ProgressJson is { } json ? JsonSerializer.Deserialize<MigrationProgress>(json, StateJson.Options)! : new();

    /// <summary>True for a live migration that can still be watched.</summary>
    public bool IsLiveAndUnderWay => Kind == MigrationKinds.LiveMigration && MigrationStatuses.UnderWay.Contains(Status);
}

/// <summary>Bytes of a live migration; null where the host has not told.</summary>
public sealed record MigrationProgress(
    long? MemoryTotal = null, long? MemoryProcessed = null, long? MemoryRemaining = null, long? DiskTotal = null, long? DiskProcessed = null, long? DiskRemaining = null);

/// <summary>The kinds of move, as the API names them.</summary>
public static class MigrationKinds
{
    /// <summary>Off, to another host.</summary>
    public const string Migration = "migration";

    /// <summary>To another flavor.</summary>
    public const string Resize = "resize";

    /// <summary>Running, to another host.</summary>
    public const string LiveMigration = "live-migration";

    /// <summary>Away from a lost host.</summary>
    public const string Evacuation = "evacuation";
}

/// <summary>How a move stands, as the API names it.</summary>
public static class MigrationStatuses
{
    /// <summary>A live migration in these can be watched and ended.</summary>
    public static readonly IReadOnlyList<string> UnderWay = ["queued", "preparing", "running", "post-migrating"];
}
