using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only hosts with fewer than a number of something, which aggregates may say otherwise for their hosts.</summary>
/// <param name="name">The filter's name.</param>
/// <param name="column">What is counted.</param>
/// <param name="what">Its name in words.</param>
/// <param name="limit">The number.</param>
/// <param name="aggregateKey">The key of aggregates' metadata that replaces it; null where none does.</param>
internal sealed class CountFilter(string name, Func<Picture, IntColumn> column, string what, int limit, string? aggregateKey) : IHostFilter
{
    private int[] _limits = [];

    public string Name => name;

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        var values = column(picture).Values;
        if (_limits.Length < picture.Slots)
            _limits = new int[picture.Slots];
        if (aggregateKey is not null && picture.Fill(aggregateKey, limit, _limits.AsSpan(0, picture.Slots)))
            Lanes.KeepBelow(values, _limits, alive.Words);
        else
            Lanes.KeepBelow(values, limit, alive.Words);
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts have as many {what} as they may");
    }
}
