namespace Nova.Modules.Scheduling;

// Which servers are where and what they keep their hosts busy with: what hints name, and what counts of servers are made of.
public sealed partial class Picture
{
    private readonly Dictionary<Guid, ServerOnHost> _servers = [];
    private readonly List<IntColumn> _counts = [];
    private readonly Dictionary<(string Name, string Value), IntColumn> _imageProperties = [];
    private HashSet<Guid>? _goneWhileLoading = [];
    private IntColumn? _serverCount, _busyCount, _failedBuilds;

    /// <summary>How many servers each host has.</summary>
    public IntColumn Servers => _serverCount ??= NewCount();

    /// <summary>How many of them are being built, moved, resized, rescued or copied.</summary>
    public IntColumn Busy => _busyCount ??= NewCount();

    /// <summary>How many builds failed on each host since the last one that succeeded.</summary>
    public IntColumn FailedBuilds => _failedBuilds ??= NewCount();

    /// <summary>The host of a server, or −1.</summary>
    public int SlotOfServer(Guid server) => _servers.TryGetValue(server, out var known) ? known.Slot : -1;

    /// <summary>How many servers of each host have this value of an image property; null when none has.</summary>
    public IntColumn? ServersWith(string property, string value) => _imageProperties.GetValueOrDefault((property, value));

    /// <summary>A server came to a host, or was there when the picture was loaded.</summary>
    public void Place(ServerState server)
    {
        if (!_slots.TryGetValue(server.HostId, out var slot))
            return;

        RemoveServer(server.Id);
        var properties = server.ImageProperties is { Count: > 0 } all ? all : null;
        _servers[server.Id] = new(slot, server.IsBusy, properties);
        Count(slot, server.IsBusy, properties, +1);
    }

    /// <summary>As <see cref="Place"/>, from the snapshot: what was heard of the server before is newer.</summary>
    public void PlaceLoaded(ServerState server)
    {
        if (_goneWhileLoading?.Contains(server.Id) != true && !_servers.ContainsKey(server.Id))
            Place(server);
    }

    /// <summary>The snapshot is in the picture.</summary>
    public void EndLoading() => _goneWhileLoading = null;

    /// <summary>A server left a host; nothing happens when it is elsewhere by now.</summary>
    public void Leave(Guid server, Guid hostId)
    {
        _goneWhileLoading?.Add(server);
        if (_servers.TryGetValue(server, out var known) && _slots.TryGetValue(hostId, out var slot) && known.Slot == slot)
            RemoveServer(server);
    }

    /// <summary>A server began to keep its host busy, or settled. A build that ends well ends the count of failed ones.</summary>
    public void SetBusy(Guid server, bool isBusy)
    {
        if (!_servers.TryGetValue(server, out var known) || known.IsBusy == isBusy)
            return;

        _servers[server] = known with { IsBusy = isBusy };
        Busy[known.Slot] += isBusy ? 1 : -1;
        if (!isBusy)
            FailedBuilds[known.Slot] = 0;
    }

    /// <summary>A build failed on a host.</summary>
    public void BuildFailed(Guid hostId)
    {
        if (_slots.TryGetValue(hostId, out var slot))
            FailedBuilds[slot]++;
    }

    private void RemoveServer(Guid server)
    {
        if (_servers.Remove(server, out var known))
            Count(known.Slot, known.IsBusy, known.ImageProperties, -1);
    }

    private void Count(int slot, bool isBusy, IReadOnlyDictionary<string, string>? properties, int change)
    {
        Servers[slot] += change;
        if (isBusy)
            Busy[slot] += change;
        foreach (var (name, value) in properties ?? Nothing)
            CountOf(name, value)[slot] += change;
    }

    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    private IntColumn CountOf(string name, string value)
    {
        if (!_imageProperties.TryGetValue((name, value), out var column))
            _imageProperties.Add((name, value), column = NewCount());
        return column;
    }

    private void ForgetServersOf(int slot)
    {
        foreach (var server in _servers.Where(s => s.Value.Slot == slot).Select(s => s.Key).ToList())
            _servers.Remove(server);
        foreach (var column in _counts)
            column[slot] = 0;
    }

    private IntColumn NewCount()
    {
        var column = new IntColumn();
        column.Resize(Slots);
        _counts.Add(column);
        return column;
    }

    private readonly record struct ServerOnHost(int Slot, bool IsBusy, IReadOnlyDictionary<string, string>? ImageProperties);
}
