namespace Nova.Modules.Scheduling.Weighers;

/// <summary>Sums of real numbers as a column of whole ones: the smallest is 0, the largest 2^30, so that their order and distances stay.</summary>
internal sealed class WeightedSums
{
    private const double Top = 1 << 30;

    private double[] _sums = [];
    private int[] _column = [];

    private bool _areAlike = true;

    /// <summary>What <see cref="End"/> gave last.</summary>
    public ReadOnlySpan<int> Last => _areAlike ? [] : _column;

    /// <summary>The sums, to be added to; all 0.</summary>
    public Span<double> Begin(int slots)
    {
        if (_sums.Length < slots)
            (_sums, _column) = (new double[slots], new int[slots]);
        _sums.AsSpan().Clear();
        return _sums.AsSpan(0, slots);
    }

    /// <summary>The column; empty when all present hosts have the same.</summary>
    public ReadOnlySpan<int> End(BitSet present)
    {
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var slot = present.Next(0); slot >= 0; slot = present.Next(slot + 1))
            (min, max) = (Math.Min(min, _sums[slot]), Math.Max(max, _sums[slot]));
        _areAlike = !(max > min);
        if (_areAlike)
            return [];

        for (var slot = 0; slot < _column.Length; slot++)
            _column[slot] = (int)Math.Clamp((_sums[slot] - min) / (max - min) * Top, 0, Top);
        return _column;
    }
}
