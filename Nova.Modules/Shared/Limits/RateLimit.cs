using System.Collections.Concurrent;

namespace Nova.Modules.Shared.Limits;

/// <summary>
/// So many events in a minute for each key, spread or all at once (the generic cell rate algorithm: of each key only the
/// time is kept at which it will have used nothing). Memory is bounded: keys that used nothing lately are forgotten, and
/// when there are too many others, those that come then share a few places among themselves.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="mostKeys">How many keys have a place of their own.</param>
public sealed class RateLimit<TKey>(TimeProvider time, int mostKeys = RateLimit<TKey>.MostKeys) where TKey : notnull
{
    private const int MostKeys = 20_000;
    private const int SharedPlaces = 1024;
    private const long Forgotten = long.MinValue;

    private readonly ConcurrentDictionary<TKey, Place> _places = new();
    private readonly Place[] _shared = [.. Enumerable.Range(0, SharedPlaces).Select(_ => new Place())];
    private readonly long _minute = 60 * time.TimestampFrequency;
    private int _count;
    private long _sweptAt = long.MinValue / 2;

    /// <summary>How many keys are remembered.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts one event of the key, unless that would be more than <paramref name="perMinute"/>.</summary>
    /// <returns>Zero when it was counted, else after how long it would be.</returns>
    public TimeSpan Take(TKey key, int perMinute)
    {
        var share = _minute / perMinute;
        while (true)
        {
            var place = PlaceOf(key);
            var (used, now) = (Volatile.Read(ref place.UsedUntil), time.GetTimestamp());
            if (used == Forgotten)
                continue;

            var next = Math.Max(used, now) + share;
            if (next - now > _minute)
                return TimeSpan.FromSeconds((double)(next - now - _minute) / time.TimestampFrequency);
            if (Interlocked.CompareExchange(ref place.UsedUntil, next, used) == used)
                return TimeSpan.Zero;
        }
    }

    /// <summary>After how long one more event of the key would be counted; nothing changes.</summary>
    public TimeSpan WaitOf(TKey key, int perMinute)
    {
        if (Count == 0)
            return TimeSpan.Zero;

        var over = Math.Max(Volatile.Read(ref PlaceOf(key, add: false).UsedUntil) - time.GetTimestamp(), 0) + _minute / perMinute - _minute;
        return over > 0 ? TimeSpan.FromSeconds((double)over / time.TimestampFrequency) : TimeSpan.Zero;
    }

    private Place PlaceOf(TKey key, bool add = true)
    {
        if (_places.TryGetValue(key, out var known))
            return known;
        if (!add)
            return _shared[(uint)key.GetHashCode() % SharedPlaces];
        if (Count >= mostKeys)
            Sweep();
        if (Count >= mostKeys)
            return _shared[(uint)key.GetHashCode() % SharedPlaces];

        var place = new Place();
        var kept = _places.GetOrAdd(key, place);
        if (ReferenceEquals(kept, place))
            Interlocked.Increment(ref _count);
        return kept;
    }

    // Once a second at most, so that a flood of new keys does not make each of them look at all others.
    private void Sweep()
    {
        var (last, now) = (Volatile.Read(ref _sweptAt), time.GetTimestamp());
        if (now - last < time.TimestampFrequency || Interlocked.CompareExchange(ref _sweptAt, now, last) != last)
            return;

        foreach (var (key, place) in _places)
            if (Volatile.Read(ref place.UsedUntil) is var used && used <= now && used != Forgotten
                && Interlocked.CompareExchange(ref place.UsedUntil, Forgotten, used) == used && _places.TryRemove(key, out _))
                Interlocked.Decrement(ref _count);
    }

    private sealed class Place
    {
        public long UsedUntil;
    }
}
