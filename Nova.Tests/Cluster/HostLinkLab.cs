using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Drivers.Hypervisor.Fake;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Link;
using Nova.Modules.Hosts;
using Nova.Modules.Hosts.Live;
using Nova.Modules.Identity;
using Nova.Modules.Networks;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Servers.Password;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;
using Nova.Tests.Drivers.Fake;
using Nova.Tests.Operations;
using Nova.Tests.Support;

namespace Nova.Tests.Cluster;

/// <summary>One conductor with its database, and one fake host that dials it, through the network or within the process.</summary>
internal sealed class HostLinkLab : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("nova-link-");
    private readonly TestDatabase _home;
    private readonly HostDirectory _hosts = new(TimeProvider.System);
    private readonly HostLinkService _service;
    private readonly FakeHypervisors _fake;
    private readonly Guid _hostId;
    private readonly CancellationTokenSource _stop = new();
    private CuttableChannel _channel = null!;
    private RpcListener? _listener;
    private Task _running = Task.CompletedTask;

    private HostLinkLab(TestDatabase home)
    {
        _home = home;
        _hostId = Ids.Next();
        _fake = new(new() { NamePrefix = "host-" }, 1, Path.Combine(_directory.FullName, "fake"), TimeProvider.System);
        Gate = new(_fake.Hosts[0]);
        var placement = new PlacementStore(new(), TimeProvider.System, []);
        _service = new(
            new(Ids.Next(), Ids.Next(), ""), new(home.Database), new(home.Database, placement, new HostStates([]), new(home.Database, new HostStates([]), new()), Ids, TimeProvider.System),
            new(home.Database, new(home.Database), Ids, TimeProvider.System, NullLogger<HostReconciler>.Instance),
            _hosts, new(new(home.Database), new(new NoNetworks(), new OneImage()), new(isShared: false), TimeProvider.System, NullLogger<HostPictures>.Instance),
            TimeProvider.System, NullLogger<HostLinkService>.Instance, Stored = new(home.Database, new(new byte[32])));
    }

    public Ids Ids { get; } = new(TimeProvider.System);

    public GatedHypervisor Gate { get; }

    /// <summary>The passwords as the conductor keeps them.</summary>
    public StoredPasswords Stored { get; }

    /// <summary>The passwords as the host's guests reach them.</summary>
    public LinkedGuestPasswords Passwords { get; } = new();

    public static async Task<HostLinkLab> Start(string way, Func<IHypervisor, IHypervisor>? driver = null)
    {
        var lab = new HostLinkLab(await TestDatabases.Create("sqlite"));
        lab._channel = new(way == "local" ? new LocalRpcChannel([lab._service.Service], TimeProvider.System) : await lab.Http());
        lab._running = lab.Role("host", driver?.Invoke(lab.Gate) ?? lab.Gate).Run(lab._stop.Token);
        return lab;
    }

    /// <summary>The link of the host, once it is there.</summary>
    public Task<IHostLink> Connected() => ConnectedAfter(null);

    /// <summary>The link that replaces one that broke.</summary>
    public async Task<IHostLink> ConnectedAfter(IHostLink? former)
    {
        var connected = new TaskCompletionSource<IHostLink>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(Guid host, bool isUp)
        {
            if (_hosts.Find(_hostId) is { } link && link != former)
                connected.TrySetResult(link);
        }

        _hosts.Changed += Look;
        Look(_hostId, true);
        var found = await connected.Task.WaitAsync(Eventually.Limit);
        _hosts.Changed -= Look;
        return found;
    }

    /// <summary>A guest whose server the database gives to the host.</summary>
    public async Task<GuestSpec> NewGuest()
    {
        var guest = FakeGuests.New();
        await _home.Database.Write(
            tx => tx.Execute(
                """
                INSERT INTO servers (cell, id, epoch, project_id, user_id, name, hostname, vm_state, task_state, power_state, progress, host_id, host, flavor,
                    config_drive, metadata, tags, networks, reservation_id, launch_index, details, created_at, updated_at)
                VALUES (0, @ServerId, 1, 'demo', 'alice', 'vm', 'vm', 'building', 'spawning', 0, 0, @host, 'host-00001', '{}',
                    FALSE, '{}', '[]', '[]', 'r-1', 0, '{}', 1, 1)
                """, new { guest.ServerId, host = _hostId }), default);
        return guest;
    }

    /// <summary>The database gives the server to another host.</summary>
    public Task MoveAway(Guid server) => _home.Database.Write(tx => tx.Execute("UPDATE servers SET host_id = @other WHERE id = @server", new { server, other = Ids.Next() }), default);

    public Task<IReadOnlyList<GuestStatus>> Guests() => _fake.Hosts[0].ListGuests(default);

    public void BreakStreams() => _channel.Cut();

    public async Task StopHost()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>Why another process with the same identity file is not taken.</summary>
    public async Task<Fault> RefusalOfASecondProcess(string prefix)
    {
        await using var other = new FakeHypervisors(new() { NamePrefix = prefix + "-" }, 1, Path.Combine(_directory.FullName, "second"), TimeProvider.System);
        var role = Role(prefix, other.Hosts[0], "second");
        await role.Run(default).WaitAsync(Eventually.Limit);
        return await role.Refused;
    }

    public async ValueTask DisposeAsync()
    {
        await StopHost();
        if (_listener is not null)
            await _listener.DisposeAsync();
        await _channel.DisposeAsync();
        await _fake.DisposeAsync();
        await _home.DisposeAsync();
        _directory.Delete(recursive: true);
        _stop.Dispose();
    }

    private async Task<RpcChannel> Http()
    {
        _listener = await RpcListener.Start(new(IPAddress.Loopback, 0), [_service.Service], new(), TimeProvider.System, NullLoggerFactory.Instance, default);
        return new HttpRpcChannel("127.0.0.1", _listener.Address.Port, new(), TimeProvider.System);
    }

    private ComputeRole Role(string prefix, IHypervisor hypervisor, string directory = "first")
    {
        var journal = new HostJournal(
            Path.Combine(_directory.FullName, directory, "journal"), new(new byte[32]), TimeProvider.System, NullLogger<HostJournal>.Instance);
        return new(
            new OneHost(new(_hostId, prefix + "-00001", hypervisor)), new NoNetwork(), journal, new(_ => _channel), ["conductor:1"], new(false), Ids,
            TimeProvider.System, NullLoggerFactory.Instance, passwords: Passwords);
    }

    private sealed class NoNetworks : INetworkProvider
    {
        public Task<PlannedNic> PlanAttach(Caller caller, AttachRequest request, CancellationToken ct) => throw new NotSupportedException();

        public Task<IReadOnlyList<IReadOnlyList<PlannedNic>>> Plan(Caller caller, NetworkRequest request, int servers, CancellationToken ct) => throw new NotSupportedException();

        public Task<IReadOnlyList<NicSpec>> Describe(IReadOnlyList<PortBinding> ports, CancellationToken ct) => Task.FromResult<IReadOnlyList<NicSpec>>([]);

        public ValueTask<IReadOnlyDictionary<Guid, string>> GroupNames(IReadOnlyCollection<Guid> groups, CancellationToken ct) =>
            new(new Dictionary<Guid, string>());
    }

    private sealed class NoNetwork : IHostNetwork
    {
        public Task Plug(Guid serverId, IReadOnlyList<NicSpec> nics, CancellationToken ct) => Task.CompletedTask;

        public Task Unplug(Guid serverId, CancellationToken ct) => Task.CompletedTask;

        public Task Restore(IReadOnlyDictionary<Guid, IReadOnlyList<NicSpec>> guests, CancellationToken ct) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
