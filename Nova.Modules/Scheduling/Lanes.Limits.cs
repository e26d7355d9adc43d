using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Nova.Modules.Scheduling;

// Limits that differ from host to host, and weights that do.
internal static partial class Lanes
{
    /// <summary>Keeps the hosts whose value is below <paramref name="limit"/>.</summary>
    [MethodImpl(Hot)]
    public static void KeepBelow(ReadOnlySpan<int> values, int limit, Span<ulong> alive)
    {
        var bound = Vector512.Create(limit);
        ref var first = ref MemoryMarshal.GetReference(values);
        for (var w = 0; w < alive.Length; w++)
        {
            if (alive[w] == 0)
                continue;

            var below = 0UL;
            for (var part = 0; part < 64; part += 16)
                below |= Vector512.LessThan(Vector512.LoadUnsafe(ref first, (nuint)(w * 64 + part)), bound).ExtractMostSignificantBits() << part;
            alive[w] &= below;
        }
    }

    /// <summary>Keeps the hosts whose value is below their own limit.</summary>
    [MethodImpl(Hot)]
    public static void KeepBelow(ReadOnlySpan<int> values, ReadOnlySpan<int> limits, Span<ulong> alive)
    {
        ref var first = ref MemoryMarshal.GetReference(values);
        ref var limit = ref MemoryMarshal.GetReference(limits);
        for (var w = 0; w < alive.Length; w++)
        {
            if (alive[w] == 0)
                continue;

            var below = 0UL;
            for (var part = 0; part < 64; part += 16)
            {
                var at = (nuint)(w * 64 + part);
                below |= Vector512.LessThan(Vector512.LoadUnsafe(ref first, at), Vector512.LoadUnsafe(ref limit, at)).ExtractMostSignificantBits() << part;
            }

            alive[w] &= below;
        }
    }

    /// <summary>The values with the other sign.</summary>
    [MethodImpl(Hot)]
    public static void Negate(ReadOnlySpan<int> values, Span<int> negated)
    {
        ref var from = ref MemoryMarshal.GetReference(values);
        ref var to = ref MemoryMarshal.GetReference(negated);
        for (var slot = 0; slot < values.Length; slot += 16)
            (-Vector512.LoadUnsafe(ref from, (nuint)slot)).StoreUnsafe(ref to, (nuint)slot);
    }

    /// <summary>Adds (value − zero) × share × the host's own factor to the score of every host in a word with living ones.</summary>
    [MethodImpl(Hot)]
    public static void AddScaled(ReadOnlySpan<int> values, int zero, float share, ReadOnlySpan<float> factors, ReadOnlySpan<ulong> alive, Span<float> score)
    {
        var (low, scale) = (Vector512.Create(zero), Vector512.Create(share));
        ref var first = ref MemoryMarshal.GetReference(values);
        ref var factor = ref MemoryMarshal.GetReference(factors);
        ref var sum = ref MemoryMarshal.GetReference(score);
        for (var w = 0; w < alive.Length; w++)
        {
            if (alive[w] == 0)
                continue;

            for (var part = 0; part < 64; part += 16)
            {
                var at = (nuint)(w * 64 + part);
                var value = Vector512.ConvertToSingle(Vector512.LoadUnsafe(ref first, at) - low) * scale;
                (Vector512.LoadUnsafe(ref sum, at) + value * Vector512.LoadUnsafe(ref factor, at)).StoreUnsafe(ref sum, at);
            }
        }
    }
}
