using System.Net;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Link;
using Nova.Modules.Rpc;
using Nova.Modules.Scheduling.Remote;
using Nova.Modules.Shared;
using Nova.Tests.Cluster;
using Nova.Tests.Support;

namespace Nova.Tests.Operations;

/// <summary>
/// The roles of one life over gRPC on loopback: the conductor listens, and each host dials it as a process of its own would.
/// The transport has the machine's clock: what the test's clock measures is patience of the product, not of the network.
/// </summary>
internal sealed class WiredHosts : IAsyncDisposable
{
    private readonly Incarnation _life;
    private readonly LogLines _log;
    private readonly RpcListener _listener;
    private readonly Dictionary<Guid, Dialled> _dialled = [];

    private WiredHosts(Incarnation life, LogLines log, RpcListener listener) => (_life, _log, _listener) = (life, log, listener);

    public string Address => _listener.Address.ToString();

    public static async Task<WiredHosts> Start(Incarnation life, LogLines log) => new(life, log, await RpcListener.Start(
        new(IPAddress.Loopback, 0), [life.Get<HostLinkService>().Service, life.Get<SchedulerService>().Service], new(), TimeProvider.System, log, default));

    /// <summary>A host dials and is taken in; <paramref name="wrap"/> stands between its link and whoever commands it.</summary>
    public async Task<IHostLink> Attach(LocalHypervisor host, IHostNetwork network, HostJournal journal, HostCopies copies, Func<IHostLink, IHostLink> wrap)
    {
        await End(host.HostId);
        var attached = new TaskCompletionSource<IHostLink>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Wrap(Guid id, bool isUp)
        {
            if (id != host.HostId || _life.Hosts.Find(id) is not RemoteHostLink link)
                return;

            var wrapped = wrap(link);
            _life.Hosts.Connect(wrapped);
            attached.TrySetResult(wrapped);
        }

        _life.Hosts.Changed += Wrap;
        var channel = new HttpRpcChannel("127.0.0.1", (ushort)_listener.Address.Port, new(), TimeProvider.System);
        var role = new ComputeRole(new OneHost(host), network, journal, new(_ => channel), [Address], new(ResumesGuests: false), new Ids(TimeProvider.System), TimeProvider.System, _log, copies);
        var stop = new CancellationTokenSource();
        _dialled[host.HostId] = new(role.Run(stop.Token), stop, channel, () => _life.Hosts.Changed -= Wrap);
        return await attached.Task.WaitAsync(Eventually.Limit);
    }

    /// <summary>The host's process is gone, and its stream with it.</summary>
    public void Cut(Guid hostId) => _dialled[hostId].Stop.Cancel();

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _dialled.Keys.ToList())
            await End(host);
        await _listener.DisposeAsync();
    }

    private async Task End(Guid hostId)
    {
        if (!_dialled.Remove(hostId, out var dialled))
            return;

        dialled.Forget();
        await dialled.Stop.CancelAsync();
        await dialled.Running;
        await dialled.Channel.DisposeAsync();
        dialled.Stop.Dispose();
    }

    private sealed record Dialled(Task Running, CancellationTokenSource Stop, RpcChannel Channel, Action Forget);
}
