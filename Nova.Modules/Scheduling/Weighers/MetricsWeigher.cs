namespace Nova.Modules.Scheduling.Weighers;

/// <summary>Adds what hosts measure of themselves, each metric times its weight.</summary>
internal sealed class MetricsWeigher(SchedulerOptions options) : IHostWeigher
{
    private readonly IReadOnlyDictionary<string, double> _weights = options.MetricsWeightSetting;
    private readonly WeightedSums _sums = new();
    private Picture? _picture;
    private long _revision;
    private int _slots;

    public string Name => "MetricsWeigher";

    public string? AggregateKey => "metrics_weight_multiplier";

    public double Multiplier => options.MetricsWeightMultiplier;

    public ReadOnlySpan<int> Values(Picture picture, PlacementRequest request)
    {
        if (_weights.Count == 0)
            return [];
        if (ReferenceEquals(picture, _picture) && (picture.MetricsRevision, picture.Slots) == (_revision, _slots))
            return _sums.Last;

        (_picture, _revision, _slots) = (picture, picture.MetricsRevision, picture.Slots);
        var sums = _sums.Begin(picture.Slots);
        var isMissed = new BitSet();
        foreach (var (metric, weight) in _weights)
        {
            var values = picture.Metric(metric);
            var hosts = picture.WithMetric(metric);
            for (var slot = hosts.Next(0); slot >= 0; slot = hosts.Next(slot + 1))
                sums[slot] += values[slot] * weight;
            for (var slot = picture.Present.Next(0); slot >= 0; slot = picture.Present.Next(slot + 1))
                isMissed[slot] |= !hosts[slot];
        }

        // With metrics_required the filter has taken these hosts out.
        for (var slot = isMissed.Next(0); slot >= 0; slot = isMissed.Next(slot + 1))
            sums[slot] = options.MetricsWeightOfUnavailable;
        return _sums.End(picture.Present);
    }
}
