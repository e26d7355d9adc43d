using System.Text.Json.Serialization;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Usage;

/// <summary>The query of the report on one project.</summary>
[StrictQuery(Since = 75)]
public record ProjectUsageQuery
{
    /// <summary>The first value counts; now when absent.</summary>
    public string[]? Start { get; set; }

    /// <summary>The first value counts; now when absent.</summary>
    public string[]? End { get; set; }

    /// <summary>The most servers.</summary>
    [Since(40), Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<int>? Limit { get; set; }

    /// <summary>The id of the last server of the page before.</summary>
    [Since(40)]
    public string? Marker { get; set; }
}

/// <summary>The query of the report on all projects.</summary>
[StrictQuery(Since = 75)]
public sealed record UsageQuery : ProjectUsageQuery
{
    /// <summary>1 lists the servers too; the first value counts.</summary>
    public string[]? Detailed { get; set; }
}

/// <summary>GET /os-simple-tenant-usage.</summary>
public sealed record UsageListResponse(
    IReadOnlyList<ProjectUsageView> TenantUsages,
    [property: Since(40), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Link>? TenantUsagesLinks);

/// <summary>GET /os-simple-tenant-usage/{project}.</summary>
/// <param name="TenantUsage">An empty object for a project without servers in the period.</param>
/// <param name="TenantUsageLinks">The next page.</param>
public sealed record ProjectUsageResponse(
    object TenantUsage,
    [property: Since(40), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Link>? TenantUsageLinks);

/// <summary>What the servers of a project used in a period.</summary>
public sealed record ProjectUsageView
{
    /// <summary>The project.</summary>
    public required string TenantId { get; init; }

    /// <summary>The begin of the period.</summary>
    public required string Start { get; init; }

    /// <summary>Its end, at most now.</summary>
    public required string Stop { get; init; }

    /// <summary>Hours of servers.</summary>
    public required double TotalHours { get; init; }

    /// <summary>GiB times hours.</summary>
    public required double TotalLocalGbUsage { get; init; }

    /// <summary>MiB times hours.</summary>
    public required double TotalMemoryMbUsage { get; init; }

    /// <summary>CPUs times hours.</summary>
    public required double TotalVcpusUsage { get; init; }

    /// <summary>Server by server, where asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required IReadOnlyList<ServerUsageView>? ServerUsages { get; init; }
}

/// <summary>What one server used in a period.</summary>
public sealed record ServerUsageView
{
    /// <summary>The server.</summary>
    public required Guid InstanceId { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its project.</summary>
    public required string TenantId { get; init; }

    /// <summary>The flavor's name.</summary>
    public required string Flavor { get; init; }

    /// <summary>Within the period.</summary>
    public required double Hours { get; init; }

    /// <summary>MiB.</summary>
    public required long MemoryMb { get; init; }

    /// <summary>GiB of both disks.</summary>
    public required long LocalGb { get; init; }

    /// <summary>Virtual CPUs.</summary>
    public required int Vcpus { get; init; }

    /// <summary>When it ran first.</summary>
    public required string StartedAt { get; init; }

    /// <summary>When its guest went.</summary>
    public required string? EndedAt { get; init; }

    /// <summary>The vm_state, or terminated.</summary>
    public required string State { get; init; }

    /// <summary>Seconds since it ran first.</summary>
    public required long Uptime { get; init; }
}
