using Google.Protobuf.Reflection;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Rpc;

namespace Nova.Tests.Cluster;

/// <summary>A hypervisor whose spawns wait at a gate while it is closed.</summary>
internal sealed class GatedHypervisor(IHypervisor inner) : IHypervisor, IConsoleLogCapable, IConsoleCapable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _open = Opened();
    private int _calls;

    public string Type => inner.Type;

    public int Calls => _calls;

    /// <summary>A spawn waits, or has passed.</summary>
    public Task Reached => _reached.Task;

    /// <summary>A spawn has ended, well or not.</summary>
    public Task Ended => _ended.Task;

    public void Close() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _open.SetResult();

    public async Task Ensure(GuestSpec guest, CancellationToken ct)
    {
        Interlocked.Increment(ref _calls);
        _reached.TrySetResult();
        try
        {
            await _open.Task.WaitAsync(ct);
            await inner.Ensure(guest, ct);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    public Task<HostInventory> Inspect(CancellationToken ct) => inner.Inspect(ct);

    public Task<IReadOnlyList<GuestStatus>> ListGuests(CancellationToken ct) => inner.ListGuests(ct);

    public IAsyncEnumerable<GuestStatus> Watch(CancellationToken ct) => inner.Watch(ct);

    public Task SetPower(GuestSpec guest, PowerChange change, CancellationToken ct) => inner.SetPower(guest, change, ct);

    public Task Destroy(Guid serverId, CancellationToken ct) => inner.Destroy(serverId, ct);

    public Task<string> ReadConsoleLog(Guid serverId, int? lines, CancellationToken ct) => ((IConsoleLogCapable)inner).ReadConsoleLog(serverId, lines, ct);

    public Task<ConsolePlace> FindConsole(Guid serverId, ConsoleKind kind, CancellationToken ct) => ((IConsoleCapable)inner).FindConsole(serverId, kind, ct);

    public Task<IConsoleStream> OpenConsole(Guid serverId, ConsoleKind kind, CancellationToken ct) =>
        Console is { } console ? Task.FromResult(console()) : ((IConsoleCapable)inner).OpenConsole(serverId, kind, ct);

    /// <summary>Stands for the consoles of all guests, when there is one.</summary>
    public Func<IConsoleStream>? Console { get; set; }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}

/// <summary>A channel whose streams can be broken; new ones work.</summary>
internal sealed class CuttableChannel(RpcChannel inner) : RpcChannel
{
    private CancellationTokenSource _cut = new();

    public void Cut() => Interlocked.Exchange(ref _cut, new()).Cancel();

    public override RpcDuplex<TReq, TRes> Duplex<TReq, TRes>(MethodDescriptor method, CallOptions options, CancellationToken ct) =>
        inner.Duplex<TReq, TRes>(method, options, CancellationTokenSource.CreateLinkedTokenSource(ct, _cut.Token).Token);

    public override Task<TRes> Unary<TReq, TRes>(MethodDescriptor method, TReq request, CallOptions options, CancellationToken ct) =>
        inner.Unary<TReq, TRes>(method, request, options, ct);

    public override IAsyncEnumerable<TRes> ServerStream<TReq, TRes>(MethodDescriptor method, TReq request, CallOptions options, CancellationToken ct) =>
        inner.ServerStream<TReq, TRes>(method, request, options, ct);

    public override Task<TRes> ClientStream<TReq, TRes>(MethodDescriptor method, IAsyncEnumerable<TReq> requests, CallOptions options, CancellationToken ct) =>
        inner.ClientStream<TReq, TRes>(method, requests, options, ct);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
