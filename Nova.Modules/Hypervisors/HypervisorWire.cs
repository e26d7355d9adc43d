using System.Text.Json.Serialization;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Hypervisors;

/// <summary>The query of both lists.</summary>
[StrictQuery(Since = 53)]
public sealed record HypervisorListQuery
{
    /// <summary>The most items.</summary>
    [Since(33), Pattern("^[0-9]*$"), Range(0), Length(1), Once(Since = 53)]
    public Loose<int>? Limit { get; set; }

    /// <summary>The id of the last item of the page before.</summary>
    [Since(33), Once(Since = 53)]
    public string? Marker { get; set; }

    /// <summary>A part of the hypervisor's name.</summary>
    [Since(53), Once, Pattern("^[a-zA-Z0-9-._]*$"), Length(1, 255)]
    public string? HypervisorHostnamePattern { get; set; }

    /// <summary>Also the servers.</summary>
    [Since(53), Once]
    public Loose<bool>? WithServers { get; set; }
}

/// <summary>The query of one.</summary>
[StrictQuery(Since = 53)]
public sealed record HypervisorQuery
{
    /// <summary>Also the servers.</summary>
    [Since(53), Once]
    public Loose<bool>? WithServers { get; set; }
}

/// <summary>A list.</summary>
public sealed record HypervisorListResponse<T>(
    IReadOnlyList<T> Hypervisors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Link>? HypervisorsLinks = null);

/// <summary>One hypervisor.</summary>
public sealed record HypervisorResponse(HypervisorView Hypervisor);

/// <summary>Sums over all hypervisors.</summary>
public sealed record StatisticsResponse(Statistics HypervisorStatistics);

/// <summary>A server on a hypervisor.</summary>
public sealed record HypervisorServer(string Name, Guid Uuid);

/// <summary>The service of a hypervisor.</summary>
public sealed record HypervisorService
{
    /// <inheritdoc cref="Hypervisor.Host" />
    public required string Host { get; init; }

    /// <inheritdoc cref="Hypervisor.ServiceNumber" />
    [Until(52), WireName("id")]
    public required long Number { get; init; }

    /// <inheritdoc cref="Hypervisor.ServiceId" />
    [Since(53)]
    public required Guid Id { get; init; }

    /// <inheritdoc cref="Hypervisor.DisabledReason" />
    public required string? DisabledReason { get; init; }
}

/// <summary>A hypervisor in the short list.</summary>
public record HypervisorSummary
{
    /// <inheritdoc cref="Hypervisor.Number" />
    [Until(52), WireName("id")]
    public required long Number { get; init; }

    /// <inheritdoc cref="Hypervisor.Id" />
    [Since(53)]
    public required Guid Id { get; init; }

    /// <inheritdoc cref="Hypervisor.Node" />
    public required string HypervisorHostname { get; init; }

    /// <summary>up or down.</summary>
    public required string State { get; init; }

    /// <summary>enabled or disabled.</summary>
    public required string Status { get; init; }

    /// <summary>Null when they were not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<HypervisorServer>? Servers { get; init; }
}

/// <summary>The answer of the address for the uptime alone.</summary>
public sealed record UptimeView : HypervisorSummary
{
    /// <summary>As the host words it.</summary>
    public required string? Uptime { get; init; }
}

/// <summary>A hypervisor, whole. What placement knows better is gone from 2.88.</summary>
public sealed record HypervisorView : HypervisorSummary
{
    /// <inheritdoc cref="Hypervisor.HypervisorType" />
    public required string HypervisorType { get; init; }

    /// <inheritdoc cref="Hypervisor.HypervisorVersion" />
    public required int HypervisorVersion { get; init; }

    /// <inheritdoc cref="Hypervisor.HostIp" />
    public required string HostIp { get; init; }

    /// <summary>The service.</summary>
    public required HypervisorService Service { get; init; }

    /// <summary>What there is and what is used.</summary>
    [JsonIgnore]
    public Statistics Numbers { get; init; } = new();

    /// <summary>JSON as a text, or from 2.28 as an object.</summary>
    [Until(87)]
    public required object CpuInfo { get; init; }

#pragma warning disable CS1591 // As in Statistics.
    [Until(87)]
    public long Vcpus => Numbers.Vcpus;

    [Until(87)]
    public long MemoryMb => Numbers.MemoryMb;

    [Until(87)]
    public long LocalGb => Numbers.LocalGb;

    [Until(87)]
    public long VcpusUsed => Numbers.VcpusUsed;

    [Until(87)]
    public long MemoryMbUsed => Numbers.MemoryMbUsed;

    [Until(87)]
    public long LocalGbUsed => Numbers.LocalGbUsed;

    [Until(87)]
    public long FreeRamMb => Numbers.FreeRamMb;

    [Until(87)]
    public long FreeDiskGb => Numbers.FreeDiskGb;

    [Until(87)]
    public long CurrentWorkload => Numbers.CurrentWorkload;

    [Until(87)]
    public long RunningVms => Numbers.RunningVms;

    [Until(87)]
    public long? DiskAvailableLeast => Numbers.DiskAvailableLeast;
#pragma warning restore CS1591

    /// <summary>Null: no driver tells it yet.</summary>
    [Since(88)]
    public string? Uptime => null;
}

/// <summary>What hypervisors have and what their servers use.</summary>
public sealed record Statistics
{
    /// <summary>Hypervisors.</summary>
    public int Count { get; init; }

    /// <summary>Logical CPUs.</summary>
    public long Vcpus { get; init; }

    /// <summary>MiB.</summary>
    public long MemoryMb { get; init; }

    /// <summary>GiB.</summary>
    public long LocalGb { get; init; }

    /// <summary>Virtual CPUs of servers.</summary>
    public long VcpusUsed { get; init; }

    /// <summary>MiB.</summary>
    public long MemoryMbUsed { get; init; }

    /// <summary>GiB.</summary>
    public long LocalGbUsed { get; init; }

    /// <summary>MiB.</summary>
    public long FreeRamMb => MemoryMb - MemoryMbUsed;

    /// <summary>GiB.</summary>
    public long FreeDiskGb => LocalGb - LocalGbUsed;

    /// <summary>Servers that something is being done with.</summary>
    public int CurrentWorkload { get; init; }

    /// <summary>Servers.</summary>
    public int RunningVms { get; init; }

    /// <summary>GiB that are free even if every disk grows to its size.</summary>
    public long? DiskAvailableLeast => FreeDiskGb;
}
