using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Drivers.Embedded;
using Nova.Drivers.Hypervisor.Fake;
using Nova.Drivers.Network.Embedded;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Link;
using Nova.Modules.Compute.Live;
using Nova.Modules.Hosts;
using Nova.Modules.Hosts.Live;
using Nova.Modules.Identity;
using Nova.Modules.Metadata;
using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Rpc;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Tests.Operations;
using Nova.Tests.Support;

namespace Nova.Tests.Cluster;

/// <summary>
/// A conductor, a host that dials it, and (sharing the database) the API of another process: real network rows, real link and
/// journal, a fake hypervisor, and a host network that only writes down what it was told.
/// </summary>
internal sealed class LiveLab : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("nova-live-");
    private readonly CancellationTokenSource _stop = new();
    private readonly TestDatabase _home;
    private readonly Incarnation _conductor;
    private readonly Incarnation _api;
    private readonly FakeHypervisors _fake;
    private readonly HostJournal _journal;
    private readonly Guid _hostId = Guid.CreateVersion7();
    private readonly List<Task> _running = [];
    private readonly Guid _network = Guid.CreateVersion7();
    private CuttableChannel _channel = null!;
    private CancellationTokenSource _host = new();
    private Task _hostRuns = Task.CompletedTask;
    private RpcListener? _listener;

    private LiveLab(TestDatabase home, bool isShared)
    {
        _home = home;
        _conductor = New(isShared);
        _api = isShared ? New(isShared) : _conductor;
        _fake = new(new() { NamePrefix = "host-" }, 1, Path.Combine(_directory.FullName, "fake"), TimeProvider.System);
        _journal = new(Path.Combine(_directory.FullName, "journal"), new(new byte[32]), TimeProvider.System, NullLogger<HostJournal>.Instance);
    }

    public static Caller User { get; } = new() { UserId = "u", ProjectId = "demo", Roles = ["admin", "member", "reader"] };

    /// <summary>What the host knows.</summary>
    public ToldNetwork Told { get; } = new();

    public Guid NetworkId => _network;

    /// <param name="way">local or http: how host and conductor talk.</param>
    /// <param name="isShared">True when what a user asks for happens in another process than the conductor's.</param>
    /// <param name="database">sqlite or postgres.</param>
    public static async Task<LiveLab> Start(string way, bool isShared = false, string database = "sqlite")
    {
        var lab = new LiveLab(await TestDatabases.Create(database), isShared);
        await lab.AddNetwork();
        var pictures = lab._conductor.Get<HostPictures>();
        if (isShared)
        {
            var follower = new LiveFollower(lab._home.Database, lab._conductor.Get<LiveChanges>(), TimeProvider.System, NullLogger<LiveFollower>.Instance);
            await follower.Begin(default);
            lab.Begin(follower.Follow);
        }

        var service = new HostLinkService(
            lab._conductor.Get<ConductorIdentity>(), lab._conductor.Get<ConductorPeers>(), lab._conductor.Get<HostRegistry>(), lab._conductor.Get<HostReconciler>(),
            lab._conductor.Hosts, pictures, TimeProvider.System, NullLogger<HostLinkService>.Instance);
        lab._channel = new(way == "local" ? new LocalRpcChannel([service.Service], TimeProvider.System) : await lab.Http(service));
        lab.Begin(pictures.Run);
        await lab.StartHost(resumes: false);
        return lab;
    }

    /// <summary>The host's process and all its guests end; then it starts again.</summary>
    public async Task RebootHost(bool resumes)
    {
        await _host.CancelAsync();
        await _hostRuns.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Eventually.Is(() => Task.FromResult(!_conductor.Hosts.IsUp(_hostId)));
        foreach (var guest in await _fake.Hosts[0].ListGuests(default))
            await _fake.Hosts[0].Crash(guest.ServerId);
        Told.Forget();
        await StartHost(resumes);
    }

    public async Task<Power> PowerOf(Guid server) => (await _fake.Hosts[0].ListGuests(default)).Single(guest => guest.ServerId == server).Power;

    public async Task<string> StateOf(Guid server) => (await _conductor.Get<ServerStore>().Find(server, default))!.VmState;

    /// <summary>The server is as its user stopped it.</summary>
    public Task SetStopped(Guid server) =>
        _home.Database.Write(tx => tx.Execute("UPDATE servers SET vm_state = 'stopped', power_state = 4 WHERE id = @server", new { server }), default);

    private async Task StartHost(bool resumes)
    {
        _host = new();
        var role = new ComputeRole(
            new OneHost(new(_hostId, "host-00001", _fake.Hosts[0])), Told, _journal, new(_ => _channel), ["conductor:1"], new(resumes), new(TimeProvider.System),
            TimeProvider.System, NullLoggerFactory.Instance);
        _hostRuns = role.Run(_host.Token);
        await role.Attached;
        await Link();
    }

    /// <summary>A group without rules for what comes in.</summary>
    public async Task<Guid> AddGroup(string name) => (await Groups.Create(User, Body(new { name }), default)).Row.Id;

    /// <summary>A rule that opens a TCP port to a group or a prefix.</summary>
    public async Task<Guid> AddRule(Guid group, int port, Guid? remote = null) => (await Groups.CreateRule(
        User, Body(new { security_group_id = group, direction = "ingress", protocol = "tcp", port_range_min = port, port_range_max = port, remote_group_id = remote }), default)).Id;

    public Task DeleteRule(Guid rule) => Groups.DeleteRule(User, rule.ToString(), default);

    /// <summary>A port that is on no host; the answer is its id and address.</summary>
    public async Task<(Guid Id, string Address)> AddPort(params Guid[] groups)
    {
        var port = await Ports.Create(User, Body(new { network_id = _network, security_groups = groups }), default);
        return (port.Id, JsonDocument.Parse(port.FixedIps).RootElement[0].GetProperty("ip_address").GetString()!);
    }

    public Task SetGroups(Guid port, params Guid[] groups) => Ports.Update(User, port.ToString(), Body(new { security_groups = groups }), default);

    /// <summary>Another name server and another MTU for the network.</summary>
    public async Task ChangeNetwork(string dns, int mtu)
    {
        var subnet = (await _api.Get<PictureCache>().Get(CancellationToken.None)).Subnets.Keys.Single();
        await _api.Get<SubnetService>().Update(User, subnet.ToString(), Body(new { dns_nameservers = new[] { dns } }), default);
        await _api.Get<NetworkService>().Update(User, _network.ToString(), Body(new { mtu }), default);
    }

    public Task DeletePort(Guid port) => Ports.Delete(User, port.ToString(), default);

    /// <summary>A running server of the host with one port in these groups; with it, the command that made it, as it went over the wire.</summary>
    public async Task<(Guid Server, NicSpec Nic, string Command)> Boot(params Guid[] groups)
    {
        var id = Guid.CreateVersion7();
        var ports = await _home.Database.Write(
            tx => _api.Get<EmbeddedNetwork>().Ensure(
                tx, new(id, "demo", "nova", _hostId, "host-00001", "vm"),
                [new() { PortId = Guid.CreateVersion7(), Create = true, NetworkId = _network, SecurityGroups = groups }]),
            default);
        await _home.Database.Write(
            tx => tx.Execute(
                """
                INSERT INTO servers (cell, id, epoch, project_id, user_id, name, hostname, vm_state, task_state, power_state, progress, host_id, host, flavor,
                    config_drive, metadata, tags, networks, reservation_id, launch_index, details, created_at, updated_at)
                VALUES (0, @id, 1, 'demo', 'u', 'vm', 'vm', 'active', NULL, 1, 0, @host, 'host-00001', @flavor,
                    FALSE, '{"role":"web"}', '[]', @networks, 'r-1', 0, '{}', 1, 1)
                """,
                new
                {
                    id, host = _hostId, flavor = JsonSerializer.Serialize(new ServerFlavor { Id = "1", Name = "small", Vcpus = 1, MemoryMb = 64, RootGb = 1 }, StateJson.Options),
                    networks = JsonSerializer.Serialize(ports, StateJson.Options),
                }), default);
        var server = (await _conductor.Get<ServerStore>().Find(id, default))!;
        var command = new SpawnGuest(await _conductor.Get<GuestSpecs>().For(server, null, null, [], default)) { ServerId = id, Epoch = 1, OperationId = Guid.CreateVersion7(), Step = "spawn" };
        Assert.Null((await (await Link()).Send(command, default)).Fault);
        return (id, command.Guest.Nics[0], LinkJson.Write(command).Body.ToStringUtf8());
    }

    public Task Update(Guid server, Action<Dictionary<string, string>> change) => _api.Get<ServerUpdates>().ChangeMetadata(server, change, default);

    public Task Rename(Guid server, string name, string hostname) => _api.Get<ServerUpdates>().Apply(server, new() { Name = name, Hostname = hostname }, default);

    /// <summary>What the guest reads at its metadata address.</summary>
    public async Task<JsonElement> Metadata(NicSpec nic)
    {
        var service = new MetadataService(new(), _journal, new NoPasswords());
        var answer = await service.Answer(new(_network, IPAddress.Parse(nic.Addresses[0].Address), "GET", "/openstack/latest/meta_data.json", []), default);
        return answer.Status == 200 ? JsonSerializer.Deserialize<JsonElement>(answer.Body) : default;
    }

    public void BreakStreams() => _channel.Cut();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _host.CancelAsync();
        await Task.WhenAll([.. _running, _hostRuns]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_listener is not null)
            await _listener.DisposeAsync();
        await _channel.DisposeAsync();
        await _fake.DisposeAsync();
        await _journal.DisposeAsync();
        await _conductor.DisposeAsync();
        if (_api != _conductor)
            await _api.DisposeAsync();
        await _home.DisposeAsync();
        _directory.Delete(recursive: true);
        _stop.Dispose();
        _host.Dispose();
    }

    private SecurityGroupService Groups => _api.Get<SecurityGroupService>();

    private PortService Ports => _api.Get<PortService>();

    private Incarnation New(bool isShared) => new(_home.Database, new(), TimeProvider.System, new(), Guid.CreateVersion7(), changes: new(isShared));

    private JsonBody Body(object value) => new(JsonSerializer.SerializeToElement(value), _api.Get<NetworkSurface>(), "");

    private void Begin(Func<CancellationToken, Task> work) => _running.Add(work(_stop.Token));

    private async Task<IHostLink> Link()
    {
        await Eventually.Is(() => Task.FromResult(_conductor.Hosts.IsUp(_hostId)));
        return _conductor.Hosts.Get(_hostId);
    }

    private async Task<RpcChannel> Http(HostLinkService service)
    {
        _listener = await RpcListener.Start(new(IPAddress.Loopback, 0), [service.Service], new(), TimeProvider.System, NullLoggerFactory.Instance, default);
        return new HttpRpcChannel("127.0.0.1", _listener.Address.Port, new(), TimeProvider.System);
    }

    private Task AddNetwork() => _home.Database.Write(
        tx =>
        {
            NetworkStore.Insert(tx, new NetworkRow { Id = _network, Name = "net", ProjectId = "demo" });
            NetworkStore.Insert(tx, new SubnetRow
            {
                Id = Guid.CreateVersion7(), NetworkId = _network, ProjectId = "demo", IpVersion = 4, Cidr = "10.9.0.0/16", Gateway = "10.9.0.1",
                Pools = SubnetJson.Write([new AddressPool("10.9.0.2", "10.9.255.254")]),
            });
            _conductor.Get<PictureCache>().Changed(tx);
        }, default);

    private sealed class NoPasswords : IGuestPasswords
    {
        public ValueTask<string> Find(Guid serverId, CancellationToken ct) => new("");

        public ValueTask<bool> TrySet(Guid serverId, string password, CancellationToken ct) => new(false);
    }
}

/// <summary>A host network that only writes down what it was told.</summary>
internal sealed class ToldNetwork : IGroupNetwork
{
    private readonly Dictionary<Guid, IReadOnlyList<NicSpec>> _plugged = [];

    public event Action? WantedGroupsChanged;

    public GroupBook Book { get; } = new();

    /// <summary>Pictures in the order in which they came.</summary>
    public List<HostPicture> Pictures { get; } = [];

    /// <summary>True when the first picture came before the network was made.</summary>
    public bool KnewGroupsAtRestore { get; private set; }

    public IReadOnlyCollection<GroupKey> WantedGroups
    {
        get
        {
            lock (_plugged)
                return [.. GroupKey.Of(_plugged.Values.SelectMany(nics => nics))];
        }
    }

    /// <summary>The machine is as after a reboot.</summary>
    public void Forget()
    {
        lock (_plugged)
        {
            _plugged.Clear();
            Pictures.Clear();
        }

        KnewGroupsAtRestore = false;
    }

    public IReadOnlyList<NicSpec> NicsOf(Guid server)
    {
        lock (_plugged)
            return _plugged.GetValueOrDefault(server) ?? [];
    }

    public Task Apply(HostPicture picture, CancellationToken ct)
    {
        Book.Take(picture);
        lock (_plugged)
            Pictures.Add(picture);
        return Task.CompletedTask;
    }

    public Task Plug(Guid serverId, IReadOnlyList<NicSpec> nics, CancellationToken ct)
    {
        lock (_plugged)
            _plugged[serverId] = nics;
        WantedGroupsChanged?.Invoke();
        return Task.CompletedTask;
    }

    public Task Unplug(Guid serverId, CancellationToken ct)
    {
        lock (_plugged)
            _plugged.Remove(serverId);
        WantedGroupsChanged?.Invoke();
        return Task.CompletedTask;
    }

    public Task Restore(IReadOnlyDictionary<Guid, IReadOnlyList<NicSpec>> guests, CancellationToken ct)
    {
        KnewGroupsAtRestore = Pictures.Count > 0 && Pictures[0].IsWhole && GroupKey.Of(guests.Values.SelectMany(nics => nics)).All(key => Book.Rules(key).Count > 0);
        foreach (var (server, nics) in guests)
            lock (_plugged)
                _plugged[server] = nics;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
