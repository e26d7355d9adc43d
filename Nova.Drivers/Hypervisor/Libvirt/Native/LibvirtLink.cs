using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt.Native;

/// <summary>What the daemon tells by itself.</summary>
internal abstract record LinkEvent
{
    /// <summary>A domain changed.</summary>
    public sealed record Lifecycle(Guid Id, string Name, LifecycleEvent Kind, bool IsSaved) : LinkEvent;

    /// <summary>The connection was made, or made anew, or events were lost: whoever keeps a picture lists everything again.</summary>
    public sealed record Connected : LinkEvent;
}

/// <summary>
/// One connection to the libvirt daemon that is made anew whenever it breaks: callbacks are registered again, and
/// <see cref="LinkEvent.Connected"/> tells to catch up. Calls run on the thread pool, since libvirt's block.
/// </summary>
internal sealed partial class LibvirtLink(string uri, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int KeepAliveSeconds = 5;
    private const uint KeepAliveMisses = 3;
    private static readonly TimeSpan WaitForConnection = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // When it is full the event is dropped and replaced by Connected, which makes the reader list everything.
    private readonly Channel<LinkEvent> _events = Channel.CreateBounded<LinkEvent>(4096);
    private readonly SemaphoreSlim _calls = new(16);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource<Session> _session = NewPromise();
    private string _lastRefusal = "not connected yet";
    private Task _keeper = Task.CompletedTask;

    /// <summary>Events in the order in which the daemon sent them; one reader.</summary>
    public ChannelReader<LinkEvent> Events => _events.Reader;

    /// <summary>Connects, and from then on stays connected; a fault when the daemon does not answer now.</summary>
    public async Task Open(CancellationToken ct)
    {
        EventLoop.Ensure();
        var session = await Task.Run(Connect, ct);
        Use(session);
        _keeper = Keep(session);
    }

    /// <summary>Runs a libvirt call. A refusal comes as <see cref="LibvirtException"/>, a lost daemon as transient fault.</summary>
    public async Task<T> Call<T>(Func<ConnectHandle, T> call, CancellationToken ct)
    {
        var session = await CurrentSession(ct);
        await _calls.WaitAsync(ct);
        try
        {
            // Not cancelled once begun: libvirt cannot be interrupted, and its effect would be unknown.
            return await Task.Run(() => call(session.Handle), CancellationToken.None);
        }
        catch (LibvirtException e) when (LibvirtErrors.IsDisconnected(e.Code, e.Message))
        {
            session.Break();
            throw e.ToFault();
        }
        finally
        {
            _calls.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _keeper;
        _events.Writer.TryComplete();
        _stopping.Dispose();
        _calls.Dispose();
    }

    private async Task<Session> CurrentSession(CancellationToken ct)
    {
        Task<Session> session;
        lock (_gate)
            session = _session.Task;
        try
        {
            return await session.WaitAsync(WaitForConnection, time, ct);
        }
        catch (TimeoutException)
        {
            throw LibvirtErrors.Unreachable(_lastRefusal);
        }
    }

    private async Task Keep(Session session)
    {
        try
        {
            while (true)
            {
                await session.Broken.WaitAsync(_stopping.Token);
                Log.Lost(logger, uri);
                lock (_gate)
                    _session = NewPromise();
                session.Close();
                session = await Reconnect();
                Use(session);
                Log.Restored(logger, uri);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            session.Close();
        }
    }

    private async Task<Session> Reconnect()
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            await Task.Delay(pause, time, _stopping.Token);
            try
            {
                return await Task.Run(Connect, _stopping.Token);
            }
            catch (Fault e)
            {
                _lastRefusal = e.Details ?? e.Message;
            }
        }
    }

    private void Use(Session session)
    {
        lock (_gate)
            _session.SetResult(session);
        Post(new LinkEvent.Connected());
    }

    private Session Connect()
    {
        var handle = LibvirtApi.virConnectOpen(uri);
        if (handle.IsInvalid)
        {
            var refusal = LibvirtErrors.Last($"connect to {uri}");
            throw refusal.Code is LibvirtErrorCode.AuthFailed or LibvirtErrorCode.AccessDenied
                ? refusal.ToFault()
                : LibvirtErrors.Unreachable(refusal.Message);
        }

        return new Session(handle, Post).Listen();
    }

    private void Post(LinkEvent happened)
    {
        if (_events.Writer.TryWrite(happened))
            return;

        // The reader is 4,096 events behind: what it reads next may be old, so let it list when it has caught up.
        while (!_events.Writer.TryWrite(new LinkEvent.Connected()) && _events.Reader.TryRead(out _))
        {
        }
    }

    private static TaskCompletionSource<Session> NewPromise() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>One connection from open to close, and the target of its native callbacks.</summary>
    private sealed unsafe class Session(ConnectHandle handle, Action<LinkEvent> post)
    {
        private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _lifecycle = -1;

        public ConnectHandle Handle => handle;

        public Task Broken => _broken.Task;

        public void Break() => _broken.TrySetResult();

        public Session Listen()
        {
            if (LibvirtApi.virConnectSetKeepAlive(handle, KeepAliveSeconds, KeepAliveMisses) < 0)
                throw Refused("watch over the connection");
            if (LibvirtApi.virConnectRegisterCloseCallback(handle, &OnClosed, Own(), &OnFree) < 0)
                throw Refused("watch over the connection");

            _lifecycle = LibvirtApi.virConnectDomainEventRegisterAny(handle, 0, Flags.EventLifecycle, &OnLifecycle, Own(), &OnFree);
            return _lifecycle >= 0 ? this : throw Refused("register for events");
        }

        // Both registrations hold the connection: without taking them back it would never be freed.
        public void Close()
        {
            if (handle.IsClosed)
                return;

            if (_lifecycle >= 0)
                LibvirtApi.virConnectDomainEventDeregisterAny(handle, _lifecycle);
            LibvirtApi.virConnectUnregisterCloseCallback(handle, &OnClosed);
            handle.Dispose();
        }

        private Fault Refused(string what)
        {
            var refusal = LibvirtErrors.Last(what).ToFault();
            Close();
            return refusal;
        }

        private IntPtr Own() => GCHandle.ToIntPtr(GCHandle.Alloc(this));

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        private static void OnClosed(IntPtr connection, int reason, IntPtr session) => Of(session).Break();

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        private static int OnLifecycle(IntPtr connection, IntPtr domain, int kind, int detail, IntPtr session)
        {
            Of(session).Post(new LinkEvent.Lifecycle(LibvirtApi.Uuid(domain), LibvirtApi.Name(domain), (LifecycleEvent)kind, (LifecycleEvent)kind == LifecycleEvent.Stopped && detail == Flags.StoppedSaved));
            return 0;
        }

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        private static void OnFree(IntPtr session) => GCHandle.FromIntPtr(session).Free();

        private void Post(LinkEvent happened) => post(happened);

        private static Session Of(IntPtr session) => (Session)GCHandle.FromIntPtr(session).Target!;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Lost the libvirt daemon at {Uri}; guests go on running, connecting again")]
        public static partial void Lost(ILogger logger, string uri);

        [LoggerMessage(Level = LogLevel.Information, Message = "Connected to the libvirt daemon at {Uri} again")]
        public static partial void Restored(ILogger logger, string uri);
    }
}
