using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Nova.Modules.Scheduling;

/// <summary>
/// The loops over all hosts. Columns are padded to whole words of 64 slots, so no loop has a tail. At tier 0 such loops
/// are 20 to 40 times slower, and the first 20,000 boots would pay it: hence AggressiveOptimization on each.
/// </summary>
internal static partial class Lanes
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    /// <summary>Keeps the hosts whose value is at least <paramref name="least"/>.</summary>
    [MethodImpl(Hot)]
    public static void KeepAtLeast(ReadOnlySpan<int> values, int least, Span<ulong> alive)
    {
        var wanted = Vector512.Create(least);
        ref var first = ref MemoryMarshal.GetReference(values);
        for (var w = 0; w < alive.Length; w++)
        {
            if (alive[w] == 0)
                continue;

            ref var block = ref Unsafe.Add(ref first, w * 64);
            alive[w] &= Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block), wanted).ExtractMostSignificantBits()
                | Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block, 16), wanted).ExtractMostSignificantBits() << 16
                | Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block, 32), wanted).ExtractMostSignificantBits() << 32
                | Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref block, 48), wanted).ExtractMostSignificantBits() << 48;
        }
    }

    /// <summary>Smallest and largest value among the hosts; (int.MaxValue, int.MinValue) when there are none.</summary>
    [MethodImpl(Hot)]
    public static (int Min, int Max) Range(ReadOnlySpan<int> values, ReadOnlySpan<ulong> alive)
    {
        var (min, max) = (Vector512.Create(int.MaxValue), Vector512.Create(int.MinValue));
        var (none, nothing) = (min, max);
        ref var first = ref MemoryMarshal.GetReference(values);
        for (var w = 0; w < alive.Length; w++)
        {
            if (alive[w] == 0)
                continue;

            for (var part = 0; part < 64; part += 16)
            {
                var value = Vector512.LoadUnsafe(ref first, (nuint)(w * 64 + part));
                var mask = Mask(alive[w] >> part);
                min = Vector512.Min(min, Vector512.ConditionalSelect(mask, value, none));
                max = Vector512.Max(max, Vector512.ConditionalSelect(mask, value, nothing));
            }
        }

        var (least, most) = (int.MaxValue, int.MinValue);
        for (var i = 0; i < 16; i++)
            (least, most) = (Math.Min(least, min[i]), Math.Max(most, max[i]));
        return (least, most);
    }

    /// <summary>Adds (value − zero) × factor to the score of every host in a word with living ones.</summary>
    [MethodImpl(Hot)]
    public static void AddScaled(ReadOnlySpan<int> values, int zero, float factor, ReadOnlySpan<ulong> alive, Span<float> score)
    {
        var (low, scale) = (Vector512.Create(zero), Vector512.Create(factor));
        ref var first = ref MemoryMarshal.GetReference(values);
        ref var sum = ref MemoryMarshal.GetReference(score);
        for (var w = 0; w < alive.Length; w++)
        {
            if (alive[w] == 0)
                continue;

            for (var part = 0; part < 64; part += 16)
            {
                var at = (nuint)(w * 64 + part);
                var value = Vector512.ConvertToSingle(Vector512.LoadUnsafe(ref first, at) - low);
                (Vector512.LoadUnsafe(ref sum, at) + value * scale).StoreUnsafe(ref sum, at);
            }
        }
    }

    /// <summary>The best score of each word of 64 hosts; negative infinity where none lives.</summary>
    [MethodImpl(Hot)]
    public static void Peaks(ReadOnlySpan<float> score, ReadOnlySpan<ulong> alive, Span<float> peaks)
    {
        for (var w = 0; w < alive.Length; w++)
            peaks[w] = alive[w] == 0 ? float.NegativeInfinity : Peak(score, alive[w], w);
    }

    /// <summary>The best score of one word of hosts.</summary>
    [MethodImpl(Hot)]
    public static float Peak(ReadOnlySpan<float> score, ulong alive, int word)
    {
        var none = Vector512.Create(float.NegativeInfinity);
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(score), word * 64);
        var low = Vector512.Max(Living(ref first, 0, alive, none), Living(ref first, 16, alive, none));
        var high = Vector512.Max(Living(ref first, 32, alive, none), Living(ref first, 48, alive, none));
        var all = Vector512.Max(low, high);
        var half = Vector256.Max(all.GetLower(), all.GetUpper());
        var four = Vector128.Max(half.GetLower(), half.GetUpper());
        return Math.Max(Math.Max(four[0], four[1]), Math.Max(four[2], four[3]));
    }

    /// <summary>The largest of the values; negative infinity when there are none.</summary>
    [MethodImpl(Hot)]
    public static float Max(ReadOnlySpan<float> values)
    {
        var (most, i) = (new Vector<float>(float.NegativeInfinity), 0);
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            most = Vector.Max(most, new(values[i..]));

        var max = float.NegativeInfinity;
        for (var lane = 0; lane < Vector<float>.Count; lane++)
            max = Math.Max(max, most[lane]);
        for (; i < values.Length; i++)
            max = Math.Max(max, values[i]);
        return max;
    }

    /// <summary>The hosts of one word with at least this score.</summary>
    [MethodImpl(Hot)]
    public static ulong AtLeast(ReadOnlySpan<float> score, float least, int word)
    {
        var wanted = Vector512.Create(least);
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(score), word * 64);
        return Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref first), wanted).ExtractMostSignificantBits()
            | Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref first, 16), wanted).ExtractMostSignificantBits() << 16
            | Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref first, 32), wanted).ExtractMostSignificantBits() << 32
            | Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref first, 48), wanted).ExtractMostSignificantBits() << 48;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Living(ref float first, int part, ulong alive, Vector512<float> none) =>
        Vector512.ConditionalSelect(Mask(alive >> part).AsSingle(), Vector512.LoadUnsafe(ref first, (nuint)part), none);

    // The low 16 bits as 16 lanes of all ones or all zeros.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Mask(ulong bits)
    {
        var lane = Vector512.Create(
            1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15);
        return Vector512.Equals(Vector512.Create((int)(uint)bits) & lane, lane);
    }
}
