using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Candidates;

/// <summary>
/// Keeps the forest as the database has it. A request gets one that holds every change that was committed before it came,
/// by whatever process: commits of this process name the providers that they changed, those of others are in the outbox,
/// and the trees of all of them are read again before the search (docs/decisions/0007-candidates-from-memory.md).
/// </summary>
internal sealed class ForestKeeper(Database database, PlacementOptions options) : ICapacityFeed
{
    // Reading everything is quicker than picking so many trees.
    private const int MaxChanges = 2000;

    // Names that nothing uses any more are dropped when there are far more of them than of what is used.
    private const int SpareNames = 10_000;

    private readonly Lock _lock = new();
    private HashSet<Guid> _changed = [];
    private Forest? _forest;
    private OutboxMark _mark;
    private long _unknownOutcomes;
    private bool _isFollowing;
    private Task<Forest>? _running, _next;

    // The root of each provider of the forest; touched by the one reading that runs.
    private readonly Dictionary<Guid, Guid> _roots = [];

    /// <summary>True where other processes write to the same database.</summary>
    private bool HasNeighbours => options.ShareUsage && database.Dialect.Name != "sqlite";

    /// <inheritdoc />
    public void ProviderChanged(ProviderState provider) => Changed(provider.Id);

    /// <inheritdoc />
    public void UsageChanged(ProviderUsage usage) => Changed(usage.ProviderId);

    /// <summary>The forest with everything that was committed before the call.</summary>
    public Task<Forest> Current(CancellationToken ct)
    {
        lock (_lock)
        {
            if (_running is null && IsUpToDate())
                return Task.FromResult(_forest!);

            // What is being read now may have begun too early: who comes meanwhile shares the reading after it.
            var reading = _running is null ? _running = Task.Run(CatchUp, CancellationToken.None) : _next ??= After(_running);
            return reading.WaitAsync(ct);
        }
    }

    private bool IsUpToDate() =>
        _forest is not null && _changed.Count == 0 && !HasNeighbours && database.Counters.UnknownOutcomes == _unknownOutcomes;

    private void Changed(Guid provider)
    {
        lock (_lock)
        {
            // Before the first reading, and when there is too much to pick, everything is read anyway.
            if (_isFollowing && _changed.Count <= MaxChanges)
                _changed.Add(provider);
        }
    }

    private async Task<Forest> After(Task<Forest> running)
    {
        await running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return await CatchUp();
    }

    private async Task<Forest> CatchUp()
    {
        var (forest, changed, mark) = Begin();
        try
        {
            var news = HasNeighbours ? await database.ReadOne(rows => OutboxMark.Read(rows, mark, MaxChanges), CancellationToken.None) : new(mark, [], false);
            news.Providers.UnionWith(changed);
            return End(await Read(news.IsTooMuch ? null : forest, news.Providers), news.Mark, []);
        }
        catch
        {
            End(forest, mark, changed);
            throw;
        }
    }

    // Taken before anything is read: what is committed after this is named in the next set.
    private (Forest? Forest, HashSet<Guid> Changed, OutboxMark Mark) Begin()
    {
        lock (_lock)
        {
            var isSure = database.Counters.UnknownOutcomes == _unknownOutcomes;
            _unknownOutcomes = database.Counters.UnknownOutcomes;
            var changed = _changed;
            _changed = [];
            _isFollowing = true;
            return (isSure ? _forest : null, changed, _mark);
        }
    }

    private Forest End(Forest? forest, OutboxMark mark, HashSet<Guid> unread)
    {
        lock (_lock)
        {
            (_forest, _mark) = (forest, mark);
            _changed.UnionWith(unread);
            (_running, _next) = (_next, null);
            return forest!;
        }
    }

    private Task<Forest> Read(Forest? forest, HashSet<Guid> changed)
    {
        if (forest is null || changed.Count > MaxChanges || forest.Names.Count > SpareNames + _roots.Count)
            return database.ReadOne(ReadAll, CancellationToken.None);
        return changed.Count == 0 ? Task.FromResult(forest) : database.ReadOne(rows => ReadSome(rows, forest, changed), CancellationToken.None);
    }

    private async Task<Forest> ReadAll(Rows rows)
    {
        var names = new Names();
        var trees = await ForestReader.All(rows, names);
        _roots.Clear();
        foreach (var tree in trees)
            Remember(tree);
        return new(names, [.. trees]);
    }

    // A provider may have moved: the tree that it was in is read as well.
    private async Task<Forest> ReadSome(Rows rows, Forest forest, HashSet<Guid> changed)
    {
        var old = changed.Where(_roots.ContainsKey).Select(id => _roots[id]).ToHashSet();
        var read = await ForestReader.Of(rows, forest.Names, [.. changed.Union(old)]);
        var left = forest.With(old, read);
        foreach (var id in forest.Trees.Where(tree => old.Contains(tree.Root.Id)).SelectMany(tree => tree.Providers).Select(p => p.Id))
            _roots.Remove(id);
        foreach (var tree in read)
            Remember(tree);
        return left;
    }

    private void Remember(Tree tree)
    {
        foreach (var provider in tree.Providers)
            _roots[provider.Id] = tree.Root.Id;
    }
}
