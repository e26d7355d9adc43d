using System.Text.Json;
using Nova.Modules.Operations;
using Nova.Modules.Servers;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Hypervisors;

/// <summary>A host as operators see it, with what its servers use.</summary>
public sealed record Hypervisor
{
    /// <summary>From 2.53 its public id.</summary>
    public Guid Id { get; init; }

    /// <summary>Until 2.52 its public id.</summary>
    public long Number { get; init; }

    /// <summary>The host's name.</summary>
    public string Host { get; init; } = "";

    /// <summary>The hypervisor's own name.</summary>
    public string Node { get; init; } = "";

    /// <summary>Such as QEMU.</summary>
    public string HypervisorType { get; init; } = "";

    /// <summary>As the driver counts.</summary>
    public int HypervisorVersion { get; init; }

    /// <summary>An address.</summary>
    public string HostIp { get; init; } = "";

    /// <summary>Logical CPUs.</summary>
    public long Vcpus { get; init; }

    /// <summary>MiB.</summary>
    public long MemoryMb { get; init; }

    /// <summary>GiB.</summary>
    public long DiskGb { get; init; }

    /// <summary>JSON.</summary>
    public string CpuInfo { get; init; } = "{}";

    /// <summary>The service's id.</summary>
    public Guid ServiceId { get; init; }

    /// <summary>The service's old number.</summary>
    public long ServiceNumber { get; init; }

    /// <summary>Gets no new servers.</summary>
    public bool Disabled { get; init; }

    /// <summary>An operator's words.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>An operator says that it is down.</summary>
    public bool ForcedDown { get; init; }
}

/// <summary>A server on a hypervisor.</summary>
public sealed record HostedServer
{
    /// <summary>Where it is.</summary>
    public Guid HostId { get; init; }

    /// <summary>Its id.</summary>
    public Guid Id { get; init; }

    /// <summary>Its project.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>The name that the hypervisor knows.</summary>
    public string Name => "instance-" + Id.ToString("N")[^8..];

    /// <summary>The column of <see cref="Flavor"/>.</summary>
    public string FlavorJson { get; init; } = "{}";

    /// <summary>Its copy of the flavor.</summary>
    public ServerFlavor Flavor => JsonSerializer.Deserialize<ServerFlavor>(FlavorJson, StateJson.Options)!;

    /// <summary>Null when nothing is being done with it.</summary>
    public string? TaskState { get; init; }
}

/// <summary>Reads <c>hosts</c>, <c>services</c> and the servers on them.</summary>
public sealed class HypervisorStore(Database database)
{
    private const string Select =
        """
        SELECT h.id, h.number, h.name AS host, h.node, h.hypervisor_type, h.hypervisor_version, h.host_ip, h.vcpus, h.memory_mb, h.disk_gb, h.cpu_info,
            s.id AS service_id, s.number AS service_number, s.disabled, s.disabled_reason, s.forced_down
        FROM hosts h JOIN services s ON s.id = h.service_id
        """;

    /// <summary>One page in the order of the numbers; null when the marker is no hypervisor.</summary>
    /// <param name="page">The marker is a UUID or an old number.</param>
    /// <param name="ct">Cancels the reading.</param>
    public Task<IReadOnlyList<Hypervisor>?> List(Page? page, CancellationToken ct) => database.Read<IReadOnlyList<Hypervisor>?>(
        async rows =>
        {
            var after = page?.Marker is { } marker ? await NumberOf(rows, marker) : 0;
            return after is null
                ? null
                : await rows.Query<Hypervisor>($"{Select} WHERE h.number > @after ORDER BY h.number LIMIT @limit", new { after, limit = page?.Limit ?? int.MaxValue });
        },
        ct);

    /// <summary>The hypervisor of an id, or null.</summary>
    public Task<Hypervisor?> Find(Guid id, CancellationToken ct) => database.Read(rows => rows.Find<Hypervisor>($"{Select} WHERE h.id = @id", new { id }), ct);

    /// <summary>The hypervisor of an old number, or null.</summary>
    public Task<Hypervisor?> Find(long number, CancellationToken ct) => database.Read(rows => rows.Find<Hypervisor>($"{Select} WHERE h.number = @number", new { number }), ct);

    /// <summary>The servers on some hosts, in the order of their ids.</summary>
    public async Task<ILookup<Guid, HostedServer>> Servers(IReadOnlyList<Hypervisor> hosts, CancellationToken ct)
    {
        if (hosts.Count == 0)
            return Array.Empty<HostedServer>().ToLookup(s => s.HostId);

        var only = hosts.Count == 1 ? "AND host_id = @id" : "";
        var servers = await database.Read(
            rows => rows.Query<HostedServer>(
                $"SELECT host_id, id, project_id, flavor AS flavor_json, task_state FROM servers WHERE deleted_at IS NULL AND host_id IS NOT NULL {only} ORDER BY id", new { id = hosts[0].Id }),
            ct);
        return servers.ToLookup(s => s.HostId);
    }

    private static Task<long?> NumberOf(Rows rows, string marker) =>
        Guid.TryParse(marker, out var id) ? rows.Find<long?>("SELECT number FROM hosts WHERE id = @id", new { id })
        : long.TryParse(marker, out var number) ? rows.Find<long?>("SELECT number FROM hosts WHERE number = @number", new { number })
        : Task.FromResult<long?>(null);
}
