using System.Collections.Concurrent;

namespace Nova.Modules.Shared;

/// <summary>
/// What every request asks for and hardly anybody changes. A change by this process is seen at once (<see cref="Forget"/>
/// after its commit), one by another process within a second, because nothing is kept longer.
/// </summary>
public sealed class Remembered<TKey, TValue>(TimeProvider time) where TKey : notnull where TValue : class
{
    private const int MostEntries = 10_000;
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();
    private long _changes;

    /// <summary>The value, from memory when it is fresh; what is not there is not remembered.</summary>
    public ValueTask<TValue?> Get(TKey key, Func<TKey, CancellationToken, Task<TValue?>> load, CancellationToken ct) =>
        _entries.TryGetValue(key, out var entry) && entry.Change == Interlocked.Read(ref _changes) && time.GetElapsedTime(entry.At) < KeptFor
            ? new(entry.Value)
            : new(Load(key, load, ct));

    /// <summary>Something changed: everything is read again. To be called after the commit.</summary>
    public void Forget() => Interlocked.Increment(ref _changes);

    private async Task<TValue?> Load(TKey key, Func<TKey, CancellationToken, Task<TValue?>> load, CancellationToken ct)
    {
        // Noted before the rows are read: a change that comes meanwhile makes the next call read again.
        var (change, at) = (Interlocked.Read(ref _changes), time.GetTimestamp());
        var value = await load(key, ct);
        if (_entries.Count >= MostEntries)
            _entries.Clear();
        if (value is not null)
            _entries[key] = new(value, change, at);
        return value;
    }

    private sealed record Entry(TValue Value, long Change, long At);
}
