using System.Collections.Concurrent;
using Nova.Modules.Identity;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Image.Embedded;

/// <summary>
/// Images in memory, because every boot asks for one. A change in this process is seen at once, one of another process
/// within two seconds.
/// </summary>
public sealed class ImageCache(Db database, TimeProvider time)
{
    private const int Limit = 10_000;
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Entry> _known = new(StringComparer.Ordinal);
    private long _changes;

    /// <summary>An image that the caller may see, or null.</summary>
    public async ValueTask<ImageRow?> Find(Caller caller, string id, CancellationToken ct)
    {
        var entry = await Known(id, ct);
        return entry.Image is { } image && MaySee(caller, image, entry.Members) ? image : null;
    }

    /// <summary>To be called in each transaction that changes the image or its members.</summary>
    public void Changed(Tx tx, string id) => tx.AfterCommit(() =>
    {
        Interlocked.Increment(ref _changes);
        _known.TryRemove(id, out _);
    });

    private async ValueTask<Entry> Known(string id, CancellationToken ct)
    {
        if (_known.TryGetValue(id, out var known) && time.GetElapsedTime(known.ReadAt) < Life)
            return known;

        var changes = Interlocked.Read(ref _changes);
        var (image, members) = await database.Read(async rows => (await ImageStore.Find(rows, id), await ImageStore.Members(rows, id)), ct);
        var entry = new Entry(image, [.. members.Select(m => m.MemberId)], time.GetTimestamp());
        if (image is null)
            return entry;

        if (_known.Count >= Limit)
            _known.Clear();
        _known[id] = entry;

        // A change that became durable during the read has found nothing to remove.
        if (Interlocked.Read(ref _changes) != changes)
            _known.TryRemove(id, out _);
        return entry;
    }

    private static bool MaySee(Caller caller, ImageRow image, HashSet<string> members) =>
        image.Visibility is "public" or "community"
        || caller.HasRole("admin")
        || image.Owner == caller.ProjectId
        || (image.Visibility == "shared" && caller.ProjectId is { } project && members.Contains(project));

    private sealed record Entry(ImageRow? Image, HashSet<string> Members, long ReadAt);
}
