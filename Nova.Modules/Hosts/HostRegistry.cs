using System.Text.Json;
using Nova.Modules.AvailabilityZones;
using Nova.Modules.Compute;
using Nova.Modules.Hardware;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Hosts;

/// <summary>What a host says of itself when it connects.</summary>
/// <param name="Id">From its identity file.</param>
/// <param name="Name">The service's host name.</param>
/// <param name="Inventory">What it has.</param>
/// <param name="Abilities">Traits that follow from its driver.</param>
/// <param name="Release">The release that it runs.</param>
public sealed record HostReport(Guid Id, string Name, HostInventory Inventory, IReadOnlyList<string> Abilities, string Release)
{
    /// <summary>How far its release is.</summary>
    public Level Level { get; init; } = Level.Own;
}

/// <summary>The tables <c>services</c> and <c>hosts</c> as hosts report themselves, and their resource providers.</summary>
public sealed class HostRegistry(Database database, PlacementStore placement, HostStates states, HostZones zones, Ids ids, TimeProvider time)
{
    private const int HostsPerUnit = 50;

    /// <summary>
    /// The hosts are known, up, and their providers have what they report. A row is written only for what changed, so a
    /// restart of thousands of hosts costs reads.
    /// </summary>
    /// <exception cref="Fault">409: a host's name or identity belongs to another host.</exception>
    public async Task Register(IReadOnlyList<HostReport> reports, CancellationToken ct)
    {
        foreach (var chunk in reports.Chunk(HostsPerUnit))
            await database.Write(tx => RegisterChunk(tx, chunk), ct);
    }

    /// <summary>The host was lost (down) or found (up): written once per change.</summary>
    public Task SetState(Guid hostId, HostHealth health, CancellationToken ct) => database.Write(
        tx =>
        {
            if (tx.Run("UPDATE hosts SET state = $1, state_since = $2 WHERE cell = 0 AND id = $3 AND state <> $1", HostHealths.Word(health), Now, hostId) > 0)
                states.Changed(tx, hostId);
        }, ct);

    /// <summary>The host is forgotten, with its resource provider. Its service is left to the caller.</summary>
    /// <exception cref="Fault">409: somebody has allocations there.</exception>
    public void Remove(Tx tx, Guid hostId)
    {
        placement.RemoveHostProvider(tx, hostId);
        tx.Run("DELETE FROM host_hardware WHERE cell = 0 AND host_id = $1", hostId);
        tx.Run("DELETE FROM hosts WHERE cell = 0 AND id = $1", hostId);
        states.Removed(tx, hostId);
    }

    private void RegisterChunk(Tx tx, HostReport[] reports)
    {
        foreach (var report in reports)
        {
            var known = Find(tx, report.Id);
            Check(tx, report, known);
            if (known is null)
                Insert(tx, report);
            var isChanged = known is null || Update(tx, report, known);
            placement.EnsureHostProvider(tx, report.Id, report.Inventory, report.Abilities);
            if (isChanged)
                states.Changed(tx, report.Id);
        }
    }

    // A changed name would leave the servers of the old one without a host; two hosts of one identity would fight over guests.
    private static void Check(Tx tx, HostReport report, HostRow? known)
    {
        if (known is not null && known.Name != report.Name)
            throw Fault.Conflict($"This host was known as '{known.Name}' and now says '{report.Name}'. Give it its old name back (setting libvirt:host), or move its servers away and remove its identity file.");
        if (known is null && tx.Find<Guid?>("SELECT id FROM hosts WHERE name = @Name", new { report.Name }) is { } other)
            throw Fault.Conflict($"The name '{report.Name}' belongs to the host with identity {other}. Two hosts cannot share a name: set libvirt:host to another one, or restore the identity file of the old host.");
    }

    private void Insert(Tx tx, HostReport report)
    {
        var number = Numbers.Take(tx, "service");
        var row = new HostRow { Id = report.Id, ServiceId = ids.Next(), Name = report.Name, Zone = zones.Default, State = "up" }.With(report);
        tx.Execute(
            """
            INSERT INTO services (id, number, binary_name, host, disabled, forced_down, release, wire_level, schema_level, created_at, updated_at)
            VALUES (@ServiceId, @number, 'nova-compute', @Name, FALSE, FALSE, @Release, @wire, @schema, @now, @now)
            """,
            new { row.ServiceId, number, row.Name, report.Release, wire = report.Level.Wire, schema = report.Level.Schema, now = Now });
        tx.Execute(
            """
            INSERT INTO hosts (cell, id, number, service_id, name, node, zone, state, state_since, hypervisor_type, hypervisor_version,
                host_ip, vcpus, memory_mb, disk_gb, cpu_info, supported_instances, hardware, metrics, created_at)
            VALUES (0, @Id, @number, @ServiceId, @Name, @Node, @Zone, @State, @now, @HypervisorType, @HypervisorVersion,
                @HostIp, @Vcpus, @MemoryMb, @DiskGb, @CpuInfo, @SupportedInstances, @Hardware, @Metrics, @now)
            """,
            new
            {
                row.Id, number, row.ServiceId, row.Name, row.Node, row.Zone, row.State, now = Now, row.HypervisorType, row.HypervisorVersion,
                row.HostIp, row.Vcpus, row.MemoryMb, row.DiskGb, row.CpuInfo, row.SupportedInstances, row.Hardware, row.Metrics,
            });
        tx.Execute("INSERT INTO host_hardware (cell, host_id, generation) VALUES (0, @Id, 1) ON CONFLICT (cell, host_id) DO NOTHING", new { row.Id });
    }

    private bool Update(Tx tx, HostReport report, HostRow known)
    {
        var row = known.With(report) with { State = "up" };
        if (row == known)
            return false;

        tx.Execute(
            """
            UPDATE hosts
            SET node = @Node, state = @State, state_since = CASE WHEN state = @State THEN state_since ELSE @now END,
                hypervisor_type = @HypervisorType, hypervisor_version = @HypervisorVersion, host_ip = @HostIp, vcpus = @Vcpus,
                memory_mb = @MemoryMb, disk_gb = @DiskGb, cpu_info = @CpuInfo, supported_instances = @SupportedInstances,
                hardware = @Hardware, metrics = @Metrics
            WHERE cell = 0 AND id = @Id
            """,
            new
            {
                row.Id, row.Node, row.State, now = Now, row.HypervisorType, row.HypervisorVersion, row.HostIp, row.Vcpus, row.MemoryMb,
                row.DiskGb, row.CpuInfo, row.SupportedInstances, row.Hardware, row.Metrics,
            });
        tx.Execute(
            "UPDATE services SET release = @Release, wire_level = @WireLevel, schema_level = @SchemaLevel, updated_at = @now WHERE id = @ServiceId",
            new { row.Release, row.WireLevel, row.SchemaLevel, now = Now, row.ServiceId });
        return true;
    }

    private static HostRow? Find(Tx tx, Guid hostId) => tx.Find<HostRow>(
        """
        SELECT h.id, h.service_id, h.name, h.node, h.zone, h.state, h.hypervisor_type, h.hypervisor_version, h.host_ip, h.vcpus,
            h.memory_mb, h.disk_gb, h.cpu_info, h.supported_instances, h.hardware, h.metrics, s.release, s.wire_level, s.schema_level
        FROM hosts h JOIN services s ON s.id = h.service_id
        WHERE h.cell = 0 AND h.id = @hostId
        """, new { hostId });

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record HostRow
    {
        public Guid Id { get; init; }
        public Guid ServiceId { get; init; }
        public string Name { get; init; } = "";
        public string Node { get; init; } = "";
        public string Zone { get; init; } = "";
        public string State { get; init; } = "";
        public string HypervisorType { get; init; } = "";
        public int HypervisorVersion { get; init; }
        public string HostIp { get; init; } = "";
        public long Vcpus { get; init; }
        public long MemoryMb { get; init; }
        public long DiskGb { get; init; }
        public string CpuInfo { get; init; } = "{}";
        public string SupportedInstances { get; init; } = "[]";
        public string? Hardware { get; init; }
        public string Metrics { get; init; } = "{}";
        public string Release { get; init; } = "";
        public int WireLevel { get; init; }
        public int SchemaLevel { get; init; }

        public HostRow With(HostReport report) => this with
        {
            Node = report.Inventory.HypervisorHostname,
            HypervisorType = report.Inventory.HypervisorType,
            HypervisorVersion = report.Inventory.HypervisorVersion,
            HostIp = report.Inventory.HostIp,
            Vcpus = report.Inventory.Vcpus,
            MemoryMb = report.Inventory.MemoryMb,
            DiskGb = report.Inventory.DiskGb,
            CpuInfo = report.Inventory.CpuInfo,
            SupportedInstances = JsonSerializer.Serialize(report.Inventory.SupportedInstances),
            Hardware = HardwareTexts.Write(report.Inventory.Hardware),
            Metrics = JsonSerializer.Serialize(report.Inventory.Metrics),
            Release = report.Release,
            WireLevel = report.Level.Wire,
            SchemaLevel = report.Level.Schema,
        };
    }
}
