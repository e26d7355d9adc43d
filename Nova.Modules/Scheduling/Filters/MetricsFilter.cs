using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only hosts that report every metric that is weighed.</summary>
internal sealed class MetricsFilter(IReadOnlyCollection<string> metrics) : IHostFilter
{
    public string Name => "MetricsFilter";

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        foreach (var metric in metrics)
            alive.And(picture.WithMetric(metric));
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts do not report {string.Join(" and ", metrics)}");
    }
}
