using System.Text.Json;

namespace Nova.Tests.Bench;

/// <summary>
/// Knows which servers reached a state, from the stream of events; where the server has no stream, by asking the list
/// until nothing is on its way.
/// </summary>
internal sealed class ServerWatch(CloudClient client) : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly HashSet<string> _active = [];
    private readonly HashSet<string> _deleted = [];
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _end = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;
    private bool _streams;

    /// <summary>Begins to read the stream.</summary>
    public async Task Start(CancellationToken ct)
    {
        var stream = await client.Events("/nova-host/v1/events?since=0", ct);
        _streams = stream is not null;
        if (stream is not null)
            _reading = Read(stream, _end.Token);
    }

    /// <summary>All of these servers are ACTIVE.</summary>
    public Task AllActive(IReadOnlyCollection<string> ids, CancellationToken ct) => _streams ? Seen(_active, ids, ct) : ListIsEmpty("status=BUILD&", ct);

    /// <summary>All of these servers are gone.</summary>
    public Task AllDeleted(IReadOnlyCollection<string> ids, CancellationToken ct) => _streams ? Seen(_deleted, ids, ct) : ListIsEmpty("", ct);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading;
        _end.Dispose();
    }

    private async Task Seen(HashSet<string> set, IReadOnlyCollection<string> ids, CancellationToken ct)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (set.Count >= ids.Count && set.IsSupersetOf(ids))
                    return;
                if (_reading.IsCompleted)
                    throw new BenchFailure("the stream of events ended.");
                changed = _changed.Task;
            }

            await Task.WhenAny(changed, _reading).WaitAsync(ct);
        }
    }

    private async Task ListIsEmpty(string filter, CancellationToken ct)
    {
        while ((await client.Ask(HttpMethod.Get, $"/v2.1/servers?{filter}all_tenants=1&limit=1", null, ct))["servers"]!.AsArray().Count > 0)
            await Task.Delay(Poll, TimeProvider.System, ct);
    }

    private async Task Read(Stream stream, CancellationToken ct)
    {
        try
        {
            using var reader = new StreamReader(stream);
            while (await reader.ReadLineAsync(ct) is { } line)
                if (line.StartsWith("data:", StringComparison.Ordinal))
                    Take(line.AsMemory("data:".Length));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && ct.IsCancellationRequested)
        {
            // Ended by DisposeAsync.
        }
    }

    private void Take(ReadOnlyMemory<char> data)
    {
        using var document = JsonDocument.Parse(data);
        var root = document.RootElement;
        if (!root.TryGetProperty("subject", out var subject) || !root.TryGetProperty("body", out var body) || body.ValueKind != JsonValueKind.Object
            || !body.TryGetProperty("vm_state", out var state))
            return;

        var set = state.GetString() switch { "active" => _active, "deleted" => _deleted, _ => null };
        if (set is null)
            return;

        TaskCompletionSource changed;
        lock (_lock)
        {
            set.Add(subject.GetString()!);
            (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }
}
