namespace Nova.Modules.Scheduling.Weighers;

/// <summary>Compares hosts by a column of the picture.</summary>
/// <param name="name">The weigher's name.</param>
/// <param name="aggregateKey">The key of aggregates' metadata that replaces the multiplier.</param>
/// <param name="multiplier">How much it counts.</param>
/// <param name="column">The column.</param>
/// <param name="isLessBetter">True where hosts with less are better.</param>
internal sealed class CountWeigher(string name, string aggregateKey, double multiplier, Func<Picture, IntColumn> column, bool isLessBetter = false) : IHostWeigher
{
    private int[] _negated = [];

    public string Name => name;

    public string? AggregateKey => aggregateKey;

    public double Multiplier => multiplier;

    public ReadOnlySpan<int> Values(Picture picture, PlacementRequest request)
    {
        var values = column(picture).Values;
        if (!isLessBetter)
            return values;

        if (_negated.Length < values.Length)
            _negated = new int[values.Length];
        Lanes.Negate(values, _negated);
        return _negated;
    }
}
