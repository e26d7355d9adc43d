namespace Nova.Modules.Compute.Consoles;

/// <summary>The consoles that are open on a host: counted here, because whoever opens them comes by many ways and ends here.</summary>
internal sealed class OpenConsoles
{
    /// <summary>Of all guests of a host; far more than people sit before them.</summary>
    public const int MostOfHost = 512;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _ofServers = [];
    private int _all;

    /// <summary>How many are open.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _all;
        }
    }

    /// <summary>Opens one more.</summary>
    /// <exception cref="Shared.Fault">429: as many as may be are open; or what the driver says.</exception>
    public async Task<IConsoleStream> Open(ConsoleRequest request, IConsoleCapable driver, CancellationToken ct)
    {
        Enter(request);
        try
        {
            return new Counted(await driver.OpenConsole(request.ServerId, request.Kind, ct), () => Leave(request.ServerId));
        }
        catch
        {
            Leave(request.ServerId);
            throw;
        }
    }

    private void Enter(ConsoleRequest request)
    {
        lock (_gate)
        {
            var open = _ofServers.GetValueOrDefault(request.ServerId);
            if (open >= request.Limit)
                throw ConsoleFaults.TooMany(request.Limit);
            if (_all >= MostOfHost)
                throw new Shared.Fault(Shared.FaultKind.Unavailable, Shared.Message.Of($"Too many consoles are open on the host. Please try again later.")) { RetryAfterSeconds = 30 };

            _ofServers[request.ServerId] = open + 1;
            _all++;
        }
    }

    private void Leave(Guid serverId)
    {
        lock (_gate)
        {
            _all--;
            if (--_ofServers[serverId] == 0)
                _ofServers.Remove(serverId);
        }
    }

    private sealed class Counted(IConsoleStream inner, Action leave) : IConsoleStream
    {
        private int _closed;

        public ValueTask<ReadOnlyMemory<byte>> Read(CancellationToken ct) => inner.Read(ct);

        public ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken ct) => inner.Write(bytes, ct);

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _closed, 1) != 0)
                return;

            try
            {
                await inner.DisposeAsync();
            }
            finally
            {
                leave();
            }
        }
    }
}
