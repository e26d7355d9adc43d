using System.Collections.Concurrent;
using Nova.Modules.Shared;

namespace Nova.Modules.Rpc;

/// <summary>The channels to other processes, one per address for the life of this one.</summary>
public sealed class RpcPeers(RpcOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, RpcChannel> _channels = new(StringComparer.Ordinal);

    /// <summary>The channel to HOST:PORT; connecting comes with the first call.</summary>
    /// <exception cref="Fault">400: the address is not HOST:PORT.</exception>
    public RpcChannel To(string address) => _channels.GetOrAdd(address, Open);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels.Values)
            await channel.DisposeAsync();
    }

    private HttpRpcChannel Open(string address)
    {
        var colon = address.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(address.AsSpan(colon + 1), out var port))
            throw Fault.BadRequest($"'{address}' is not HOST:PORT.");

        return new(address[..colon].Trim('[', ']'), port, options, time);
    }
}
