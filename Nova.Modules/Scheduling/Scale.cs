namespace Nova.Modules.Scheduling;

/// <summary>
/// How one weigher's values become parts of a score in one scan: normalised between the smallest and the largest of the hosts
/// that fit, times the multiplier, or times the one that a host's aggregates say.
/// </summary>
internal sealed class Scale
{
    private float[] _factors = [];
    private int _zero;
    private float _share;
    private float _factor;

    /// <summary>True when the aggregates of some host say another multiplier.</summary>
    public bool HasOwnFactors { get; private set; }

    /// <summary>Looks whether aggregates say another multiplier.</summary>
    public void Begin(Picture picture, IHostWeigher weigher)
    {
        (_zero, _share, _factor, HasOwnFactors) = (0, 0, (float)weigher.Multiplier, false);
        if (weigher.AggregateKey is not { } key || picture.Aggregates.Count == 0)
            return;

        if (_factors.Length < picture.Slots)
            _factors = new float[picture.Slots];
        HasOwnFactors = picture.Fill(key, _factor, _factors.AsSpan(0, picture.Slots));
    }

    /// <summary>Adds the values to the scores.</summary>
    public void Add(ReadOnlySpan<int> values, double multiplier, ReadOnlySpan<ulong> alive, Span<float> score)
    {
        var (min, max) = Lanes.Range(values, alive);
        _zero = min;
        if (max <= min)
            return;

        _share = (float)(1.0 / ((long)max - min));
        if (HasOwnFactors)
        {
            Lanes.AddScaled(values, _zero, _share, _factors, alive, score);
            return;
        }

        // The best hosts get 0 and the others less: where a multiplier is large, what the other weighers add is not lost in rounding.
        _zero = multiplier > 0 ? max : min;
        Lanes.AddScaled(values, _zero, _share * _factor, alive, score);
    }

    /// <summary>The part of one host's score as it was added; best hosts may have 0 where a multiplier is positive.</summary>
    public float Share(int value, int slot) => ((long)value - _zero) * (_share * (HasOwnFactors ? _factors[slot] : _factor));

    /// <summary>The part of one host's score after it took a server.</summary>
    public float Revalue(int value, int slot)
    {
        var above = (long)value - _zero;

        // All hosts were alike: the first server taken is the measure, so that the next one goes elsewhere.
        if (_share == 0 && above != 0)
            _share = (float)(1.0 / Math.Abs(above));
        return above * (_share * (HasOwnFactors ? _factors[slot] : _factor));
    }
}
