namespace Nova.Modules.Scheduling;

/// <summary>A whole number of each host, padded to whole words of 64 slots like every column.</summary>
public sealed class IntColumn
{
    private int[] _values = [];

    /// <summary>The numbers by slot; 0 where nothing is known.</summary>
    public ReadOnlySpan<int> Values => _values;

    /// <summary>The number of a host.</summary>
    public int this[int slot]
    {
        get => slot < _values.Length ? _values[slot] : 0;
        internal set => _values[slot] = value;
    }

    /// <summary>Keeps the hosts with at least so much.</summary>
    public void KeepAtLeast(int least, BitSet alive)
    {
        if (_values.Length < alive.Words.Length * 64)
            throw new InvalidOperationException("The column is shorter than the set of hosts.");
        Lanes.KeepAtLeast(_values, least, alive.Words);
    }

    internal void Resize(int slots) => Array.Resize(ref _values, slots);
}
