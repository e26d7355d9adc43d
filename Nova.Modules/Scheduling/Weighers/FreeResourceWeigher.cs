namespace Nova.Modules.Scheduling.Weighers;

/// <summary>Prefers the hosts with the most left of a resource class.</summary>
internal sealed class FreeResourceWeigher(string name, string @class, string aggregateKey, double multiplier) : IHostWeigher
{
    public string Name => name;

    public string? AggregateKey => aggregateKey;

    public double Multiplier => multiplier;

    public ReadOnlySpan<int> Values(Picture picture, PlacementRequest request) =>
        picture.Resource(@class) is { } column ? column.Free : [];
}
