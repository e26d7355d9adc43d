namespace Nova.Modules.Scheduling;

// What hosts say of themselves beside states and capacity.
public sealed partial class Picture
{
    private readonly Bitmaps<string> _metricHosts = new();
    private readonly Dictionary<string, double[]> _metrics = new(StringComparer.Ordinal);
    private IntColumn? _hypervisorVersions, _cells;

    /// <summary>What a present host said of itself.</summary>
    public HostState Host(int slot) => _hosts[slot]!;

    /// <summary>The hypervisors' versions, MAJOR × 1,000,000 + MINOR × 1,000 + PATCH.</summary>
    public IntColumn HypervisorVersions => _hypervisorVersions ??= NewCount();

    /// <summary>The cells that the hosts are in.</summary>
    public IntColumn Cells => _cells ??= NewCount();

    /// <summary>Rises when a metric of any host changed.</summary>
    public long MetricsRevision { get; private set; }

    /// <summary>The hosts that report a metric.</summary>
    public BitSet WithMetric(string metric) => _metricHosts[metric];

    /// <summary>A metric by slot; empty when no host reports it. Only slots in <see cref="WithMetric"/> count.</summary>
    public ReadOnlySpan<double> Metric(string metric) => _metrics.TryGetValue(metric, out var column) ? column : [];

    private void SetFacts(HostState host, int slot)
    {
        HypervisorVersions[slot] = host.HypervisorVersion;
        Cells[slot] = host.Cell;
        _metricHosts.Leave(slot);
        foreach (var (name, value) in host.Metrics)
        {
            _metricHosts.Add(name, slot);
            if (!_metrics.TryGetValue(name, out var column))
                column = [];
            if (column.Length < Slots)
                Array.Resize(ref column, Slots);
            column[slot] = value;
            _metrics[name] = column;
        }

        MetricsRevision++;
    }
}
