namespace Nova.Modules.Shared.Database;

/// <summary>The shared work that the units of one batch have asked for and that is not done yet; for the writers.</summary>
public sealed class SharedQueue
{
    private readonly SortedDictionary<(int Place, int Number), Waiting> _waiting = [];
    private readonly Dictionary<SharedWork, Waiting> _byWork = [];

    /// <summary>The unit wants this done.</summary>
    public void Add<T>(SharedWork<T> work, T item)
    {
        if (!_byWork.TryGetValue(work, out var waiting))
        {
            _byWork[work] = waiting = new Waiting<T>(work);
            _waiting.Add((work.Place, _byWork.Count), waiting);
        }

        ((Waiting<T>)waiting).Items.Add(item);
    }

    /// <summary>True when a statement may have to see what is not done yet: it names one of the tables.</summary>
    public bool Concerns(string sql)
    {
        foreach (var waiting in _waiting.Values)
            foreach (var table in waiting.Work.Tables)
                if (sql.Contains(table, StringComparison.Ordinal))
                    return true;
        return false;
    }

    /// <summary>Does all of it.</summary>
    /// <param name="tx">The transaction.</param>
    /// <exception cref="WrongAssumptionException">Some of it cannot be done.</exception>
    public void Settle(Tx tx)
    {
        if (_waiting.Count == 0)
            return;

        var all = _waiting.Values.ToList();
        Forget();
        if (!all.TrueForAll(waiting => waiting.TryRun(tx)))
            throw new WrongAssumptionException();
    }

    /// <summary>None of it is to be done: the batch was rolled back.</summary>
    public void Forget()
    {
        _waiting.Clear();
        _byWork.Clear();
    }

    private abstract class Waiting(SharedWork work)
    {
        public SharedWork Work => work;

        public abstract bool TryRun(Tx tx);
    }

    private sealed class Waiting<T>(SharedWork<T> work) : Waiting(work)
    {
        public List<T> Items { get; } = [];

        public override bool TryRun(Tx tx) => work.TryRun(tx, Items);
    }
}
