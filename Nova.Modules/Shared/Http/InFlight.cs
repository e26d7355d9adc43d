using System.Collections.Concurrent;

namespace Nova.Modules.Shared.Http;

/// <summary>
/// Counts the requests of each project that are being served, so that one project cannot take the whole service. Projects
/// without one are forgotten when there are many.
/// </summary>
public sealed class InFlight(HttpSettings options)
{
    private const int MostIdle = 10_000;
    private const int Forgotten = int.MinValue / 2;

    private readonly ConcurrentDictionary<string, StrongBox> _projects = new(StringComparer.Ordinal);

    /// <summary>All requests being served; read by /metrics.</summary>
    public long Total => _projects.Values.Sum(p => (long)Math.Max(0, Volatile.Read(ref p.Count)));

    /// <summary>Counts one more until the result is disposed.</summary>
    /// <exception cref="Fault">429 when the project has <c>http:requests_per_project</c> of them already.</exception>
    public IDisposable Enter(string project)
    {
        StrongBox counter;
        int count;
        do
        {
            counter = _projects.TryGetValue(project, out var known) ? known : Add(project);
            count = Interlocked.Increment(ref counter.Count);
        }
        while (count < 0);
        if (count <= options.RequestsPerProject)
            return counter;

        counter.Dispose();
        throw new Fault(FaultKind.TooManyRequests, Message.Of($"Too many requests of this project are being served. Please try again.")) { RetryAfterSeconds = 1 };
    }

    private StrongBox Add(string project)
    {
        if (_projects.Count >= MostIdle)
            foreach (var (name, idle) in _projects)
                if (Interlocked.CompareExchange(ref idle.Count, Forgotten, 0) == 0)
                    _projects.TryRemove(name, out _);
        return _projects.GetOrAdd(project, static _ => new());
    }

    private sealed class StrongBox : IDisposable
    {
        public int Count;

        public void Dispose() => Interlocked.Decrement(ref Count);
    }
}
