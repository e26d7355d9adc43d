using System.Text.Json;
using Nova.Modules.Hardware;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Scheduling;

/// <summary>Reads what schedulers know of hosts, and tells their pictures when a row changed that it comes from.</summary>
public sealed class HostStates(IEnumerable<IPictureFeed> feeds)
{
    private const string Select =
        """
        SELECT h.id, h.revision, h.name, h.node, h.zone, h.state, h.supported_instances, h.hypervisor_type, h.hypervisor_version, h.host_ip,
            h.vcpus, h.memory_mb, h.disk_gb, h.cpu_info, h.metrics, h.hardware, s.disabled, s.forced_down
        FROM hosts h JOIN services s ON s.id = h.service_id
        """;

    private const string Memberships = "SELECT host_id, aggregate_id FROM aggregate_hosts";

    private readonly IPictureFeed[] _feeds = [.. feeds];

    /// <summary>All hosts.</summary>
    public static async Task<IReadOnlyList<HostState>> Read(Rows rows) =>
        States(await rows.Query<HostRow>(Select), await rows.Query<Membership>(Memberships));

    /// <summary>Raised after the commit of a change.</summary>
    public event Action? Told;

    /// <summary>Something that a host's state is made of was changed in this unit: its own row, its service's, or its aggregates.</summary>
    public void Changed(Tx tx, Guid hostId) => Tell(tx, "SELECT @hostId", new { hostId });

    /// <summary>The same for all hosts of an aggregate.</summary>
    public void ChangedInAggregate(Tx tx, Guid aggregateId) =>
        Tell(tx, "SELECT host_id FROM aggregate_hosts WHERE aggregate_id = @aggregateId", new { aggregateId });

    /// <summary>The same for all hosts of a zone.</summary>
    public void ChangedInZone(Tx tx, string zone) => Tell(tx, "SELECT id FROM hosts WHERE zone = @zone", new { zone });

    /// <summary>A host is gone.</summary>
    public void Removed(Tx tx, Guid hostId)
    {
        tx.AfterCommit(() => Told?.Invoke());
        foreach (var feed in _feeds)
            tx.AfterCommit(() => feed.HostRemoved(hostId));
        tx.Emit(new("host.deleted", hostId.ToString(), null, "{}"));
    }

    // The rows are locked by the update: what is read after it has the changes of every unit with a lower revision.
    private void Tell(Tx tx, string ids, object args)
    {
        if (tx.Execute($"UPDATE hosts SET revision = revision + 1 WHERE cell = 0 AND id IN ({ids})", args) == 0)
            return;

        tx.AfterCommit(() => Told?.Invoke());
        var rows = tx.Query<HostRow>($"{Select} WHERE h.cell = 0 AND h.id IN ({ids})", args);
        foreach (var state in States(rows, tx.Query<Membership>($"{Memberships} WHERE host_id IN ({ids})", args)))
        {
            foreach (var feed in _feeds)
                tx.AfterCommit(() => feed.HostChanged(state));
            tx.Emit(new("host.changed", state.Id.ToString(), null, JsonSerializer.Serialize(state)));
        }
    }

    // Thousands of hosts are alike: each distinct text is read once.
    private static List<HostState> States(IReadOnlyList<HostRow> rows, IReadOnlyList<Membership> memberships)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        var abilities = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var aggregates = memberships.ToLookup(m => m.HostId, m => m.AggregateId);
        return [.. rows.Select(row => row.ToState(Abilities(row.SupportedInstances), Once(row.CpuInfo), [.. aggregates[row.Id]]))];

        string Once(string text)
        {
            if (texts.TryGetValue(text, out var known))
                return known;
            texts.Add(text);
            return text;
        }

        IReadOnlyList<string> Abilities(string json)
        {
            if (!abilities.TryGetValue(json, out var supported))
                abilities.Add(json, supported = JsonSerializer.Deserialize<string[]>(json) ?? []);
            return supported;
        }
    }

    private sealed record Membership(Guid HostId, Guid AggregateId);

    private sealed class HostRow
    {
        public Guid Id { get; init; }
        public long Revision { get; init; }
        public string Name { get; init; } = "";
        public string Node { get; init; } = "";
        public string Zone { get; init; } = "";
        public string State { get; init; } = "";
        public string SupportedInstances { get; init; } = "[]";
        public string HypervisorType { get; init; } = "";
        public int HypervisorVersion { get; init; }
        public string HostIp { get; init; } = "";
        public long Vcpus { get; init; }
        public long MemoryMb { get; init; }
        public long DiskGb { get; init; }
        public string CpuInfo { get; init; } = "{}";
        public string Metrics { get; init; } = "{}";
        public string? Hardware { get; init; }
        public bool Disabled { get; init; }
        public bool ForcedDown { get; init; }

        public HostState ToState(IReadOnlyList<string> abilities, string cpuInfo, IReadOnlyList<Guid> aggregates) => new()
        {
            Id = Id,
            Revision = Revision,
            Name = Name,
            Node = Node,
            Zone = Zone,
            Health = HostHealths.Of(State, ForcedDown),
            IsSeen = State == HostHealths.Word(HostHealth.Up),
            ForcedDown = ForcedDown,
            Disabled = Disabled,
            SupportedInstances = abilities,
            Aggregates = aggregates,
            HypervisorType = HypervisorType,
            HypervisorVersion = HypervisorVersion,
            HostIp = HostIp,
            Vcpus = Vcpus,
            MemoryMb = MemoryMb,
            DiskGb = DiskGb,
            CpuInfo = cpuInfo,
            Metrics = Metrics == "{}" ? NoMetrics : JsonSerializer.Deserialize<Dictionary<string, double>>(Metrics) ?? NoMetrics,
            Hardware = Hardware is null ? null : HardwareTexts.Read(Hardware),
        };

        private static readonly IReadOnlyDictionary<string, double> NoMetrics = new Dictionary<string, double>();
    }
}
