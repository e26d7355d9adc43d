using System.Numerics;
using System.Runtime.CompilerServices;

namespace Nova.Modules.Scheduling;

/// <summary>A set of hosts, one bit per slot of the picture. Not safe for several threads.</summary>
public sealed class BitSet
{
    /// <summary>The set without hosts; never changed.</summary>
    public static readonly BitSet Empty = new();

    private ulong[] _words = [];

    /// <summary>The bits, 64 slots a word, lowest first.</summary>
    public Span<ulong> Words => _words;

    /// <summary>True when no bit is set.</summary>
    public bool IsEmpty => !_words.AsSpan().ContainsAnyExcept(0UL);

    /// <summary>Whether the slot is in the set.</summary>
    public bool this[int slot]
    {
        get => slot >> 6 < _words.Length && (_words[slot >> 6] >> slot & 1) != 0;
        set
        {
            if (value)
                Add(slot);
            else if (slot >> 6 < _words.Length)
                _words[slot >> 6] &= ~(1UL << slot);
        }
    }

    /// <summary>Becomes equal to the other set, with room for at least as many words as asked.</summary>
    public void CopyFrom(BitSet other, int words = 0)
    {
        Reserve(Math.Max(words, other._words.Length));
        other._words.CopyTo(_words, 0);
        _words.AsSpan(other._words.Length).Clear();
    }

    /// <summary>Takes out every host.</summary>
    public void Clear() => _words.AsSpan().Clear();

    /// <summary>Keeps what is in both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void And(BitSet other)
    {
        var common = Math.Min(_words.Length, other._words.Length);
        Span<ulong> mine = _words.AsSpan(0, common), theirs = other._words.AsSpan(0, common);
        var i = 0;
        for (; i <= common - Vector<ulong>.Count; i += Vector<ulong>.Count)
            (new Vector<ulong>(mine[i..]) & new Vector<ulong>(theirs[i..])).CopyTo(mine[i..]);
        for (; i < common; i++)
            mine[i] &= theirs[i];
        _words.AsSpan(common).Clear();
    }

    /// <summary>Takes out what is in the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AndNot(BitSet other)
    {
        var common = Math.Min(_words.Length, other._words.Length);
        Span<ulong> mine = _words.AsSpan(0, common), theirs = other._words.AsSpan(0, common);
        var i = 0;
        for (; i <= common - Vector<ulong>.Count; i += Vector<ulong>.Count)
            Vector.AndNot(new Vector<ulong>(mine[i..]), new Vector<ulong>(theirs[i..])).CopyTo(mine[i..]);
        for (; i < common; i++)
            mine[i] &= ~theirs[i];
    }

    /// <summary>Adds what is in the other.</summary>
    public void Or(BitSet other)
    {
        Reserve(other._words.Length);
        for (var i = 0; i < other._words.Length; i++)
            _words[i] |= other._words[i];
    }

    /// <summary>How many hosts are in the set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Count()
    {
        var count = 0;
        foreach (var word in _words)
            count += BitOperations.PopCount(word);
        return count;
    }

    /// <summary>The host of a rank, counted from 0 in slot order; −1 when the set is smaller.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Select(int rank)
    {
        for (var i = 0; i < _words.Length; i++)
        {
            var here = BitOperations.PopCount(_words[i]);
            if (rank < here)
                return (i << 6) + SelectIn(_words[i], rank);
            rank -= here;
        }

        return -1;
    }

    /// <summary>The first host at or after a slot; −1 when there is none.</summary>
    public int Next(int slot)
    {
        for (var i = slot >> 6; i < _words.Length; i++)
        {
            var word = i == slot >> 6 ? _words[i] & ulong.MaxValue << slot : _words[i];
            if (word != 0)
                return (i << 6) + BitOperations.TrailingZeroCount(word);
        }

        return -1;
    }

    private static int SelectIn(ulong word, int rank)
    {
        for (; rank > 0; rank--)
            word &= word - 1;
        return BitOperations.TrailingZeroCount(word);
    }

    private void Add(int slot)
    {
        Reserve((slot >> 6) + 1);
        _words[slot >> 6] |= 1UL << slot;
    }

    private void Reserve(int words)
    {
        if (words > _words.Length)
            Array.Resize(ref _words, words);
    }
}
