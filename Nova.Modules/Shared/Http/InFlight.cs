using System.Collections.Concurrent;

namespace Nova.Modules.Shared.Http;

/// <summary>Counts the requests of each project that are being served, so that one project cannot take the whole service.</summary>
public sealed class InFlight(HttpSettings options)
{
    private readonly ConcurrentDictionary<string, StrongBox> _projects = new(StringComparer.Ordinal);

    /// <summary>All requests being served; read by /metrics.</summary>
    public long Total => _projects.Values.Sum(p => (long)Volatile.Read(ref p.Count));

    /// <summary>Counts one more until the result is disposed.</summary>
    /// <exception cref="Fault">429 when the project has <c>http:requests_per_project</c> of them already.</exception>
    public IDisposable Enter(string project)
    {
        var counter = _projects.GetOrAdd(project, static _ => new());
        if (Interlocked.Increment(ref counter.Count) <= options.RequestsPerProject)
            return counter;

        counter.Dispose();
        throw new Fault(FaultKind.TooManyRequests, Message.Of($"Too many requests of this project are being served. Please try again.")) { RetryAfterSeconds = 1 };
    }

    private sealed class StrongBox : IDisposable
    {
        public int Count;

        public void Dispose() => Interlocked.Decrement(ref Count);
    }
}
