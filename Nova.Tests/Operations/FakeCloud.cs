using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nova.Drivers.Hypervisor.Fake;
using Nova.Drivers.Image.Embedded;
using Nova.Drivers.Network.Embedded;
using Nova.Modules.Api;
using Nova.Modules.Compute;
using Nova.Modules.Hosts;
using Nova.Modules.Identity;
using Nova.Modules.Images;
using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Scheduling;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Servers.Create;
using Nova.Modules.Servers.Snapshots;
using Nova.Modules.Servers.Interfaces;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Nova.Tests.Support;

namespace Nova.Tests.Operations;

/// <summary>
/// A cloud of three hosts in this process that can die and be born again on the same files: a real database, the real
/// runner, scheduler, placement, network rows, host agents and journal; the fake hypervisor; a clock that the test moves.
/// </summary>
internal sealed partial class FakeCloud : IAsyncDisposable
{
    public const int HostCount = 3;

    private static readonly TimeSpan HostOutage = TimeSpan.FromSeconds(30);

    private readonly TestDatabase _database;
    private readonly bool _isWired;
    private readonly string _directory = Directory.CreateTempSubdirectory("nbharn").FullName;
    private readonly Guid _conductorId;
    private readonly Guid[] _hostIds;
    private readonly PluggedNetwork[] _plugged = [.. Enumerable.Range(0, HostCount).Select(_ => new PluggedNetwork())];
    private readonly Dictionary<int, DateTimeOffset> _downUntil = [];
    private readonly HostAgent?[] _agents = new HostAgent?[HostCount];
    private readonly IHostLink?[] _links = new IHostLink?[HostCount];
    private FakeHypervisors _fakes = null!;
    private string _profileFile = "";
    private HostJournal _journal = null!;
    private WiredHosts? _wired;

    private FakeCloud(TestDatabase database, bool isWired)
    {
        (_database, _isWired) = (database, isWired);
        var ids = new Ids(Time);
        (_conductorId, _hostIds) = (ids.Next(), [.. Enumerable.Range(0, HostCount).Select(_ => ids.Next())]);
        NetworkId = ids.Next();
    }

    public ManualTime Time { get; } = new();

    public FaultPlan Plan { get; } = new();

    public LogLines Log { get; } = new();

    /// <summary>Every command that reached a host since the list was cleared, in order.</summary>
    public List<HostCommand> Delivered { get; } = [];

    /// <summary>The life that is going on.</summary>
    public Incarnation Now { get; private set; } = null!;

    /// <summary>What goes wrong in the hypervisors.</summary>
    public FaultScript Script => _fakes.Script;

    public Guid NetworkId { get; }

    private string ImageDirectory => Path.Combine(_directory, "images");

    public Database Database => _database.Database;

    /// <summary>The alias by which flavors ask for the cards that a profile may describe.</summary>
    public const string CardAlias = """{"name": "card", "vendor_id": "8086", "product_id": "154c"}""";

    /// <param name="databaseKind">sqlite or postgres.</param>
    /// <param name="wire">direct: roles call each other; grpc: over the network.</param>
    /// <param name="profiles">What the hosts have, as JSON of the fake driver's profiles; empty for the default.</param>
    public static async Task<FakeCloud> Start(string databaseKind, string wire = "direct", string profiles = "")
    {
        var cloud = new FakeCloud(await TestDatabases.Create(databaseKind), wire == "grpc");
        if (profiles.Length > 0)
            File.WriteAllText(cloud._profileFile = Path.Combine(cloud._directory, "profiles.json"), profiles);
        await cloud.Live();
        await cloud.AddNetwork();
        return cloud;
    }

    /// <summary>Another life begins on the same files, after the former one has died or as if it had.</summary>
    public async Task Restart()
    {
        if (!Now.Life.IsDead)
            Now.Life.Kill();
        await EndLife();
        await Live();
    }

    /// <summary>A second conductor on the same database, with links of its own to the same hosts. The caller ends it.</summary>
    public async Task<Incarnation> AddConductor()
    {
        var other = new Incarnation(Database, new FaultPlan(), Time, Log, new Ids(Time).Next());
        await other.Get<Scheduler>().Load(await Database.Read(PictureSnapshot.Read, default));
        foreach (var agent in _agents)
            other.Hosts.Connect(new FaultyLink(agent!, other.Life, new FaultPlan(), Remember));
        await other.Get<Conductor>().Start(null, default);
        return other;
    }

    /// <summary>The hosts.</summary>
    public IReadOnlyList<Guid> HostIds => _hostIds;

    /// <summary>A host loses its connection, and finds it again after half a minute or what else is said.</summary>
    public async Task LoseHost(Guid hostId, TimeSpan? outage = null)
    {
        var number = Array.IndexOf(_hostIds, hostId);
        if (_links[number] is not { } link)
            return;

        _links[number] = null;
        _downUntil[number] = Time.GetUtcNow() + (outage ?? HostOutage);
        Now.Hosts.Disconnect(link);
        _wired?.Cut(hostId);
        await Now.Get<HostRegistry>().SetState(hostId, HostHealth.Down, default);
    }

    /// <summary>The hosts that are lost come back, all or those whose time has come.</summary>
    public async Task HostsComeBack(bool all = true)
    {
        foreach (var (number, until) in _downUntil.ToList())
            if (all || until <= Time.GetUtcNow())
                await Connect(number);
    }

    /// <summary>What the reconciler does from time to time.</summary>
    public async Task Reconcile()
    {
        for (var number = 0; number < HostCount; number++)
            if (_links[number] is { } link)
            {
                await Now.Get<HostReconciler>().Reconcile(link, _agents[number]!.ListGuests, default);
                await Tell(number);
            }
    }

    // What a host hears when it connects, and whenever something changes: how its guests are now.
    private async Task Tell(int number)
    {
        foreach (var server in await new ServerStore(Database).OfHost(_hostIds[number], default))
            await _agents[number]!.Learn(await Now.Get<GuestSpecs>().Facts(server, default), default);
    }

    /// <summary>The ids of this world that an operation's row may hold, and names for them that hold in every world.</summary>
    public IReadOnlyDictionary<string, string> NamesOf(OperationRow row)
    {
        var names = new Dictionary<string, string> { [row.ServerId.ToString()] = "{server}", [row.Id.ToString()] = "{operation}", [NetworkId.ToString()] = "{network}" };
        var state = JsonSerializer.Deserialize<JsonElement>(row.State);
        if (row.Kind == AttachInterface.OperationKind)
            names[state.GetProperty("Nic").GetProperty("PortId").GetString()!] = "{port}";
        if (row.Kind == DetachInterface.OperationKind)
            names[state.GetProperty("PortId").GetString()!] = "{port}";
        var create = row.Kind == CreateServer.OperationKind ? JsonSerializer.Deserialize<CreateServerState>(row.State, StateJson.With(Now.Get<SecretBox>())) : null;
        if (row.Kind is CreateImageServer.OperationKind or CreateBackupServer.OperationKind)
            names[JsonSerializer.Deserialize<SnapshotServerState>(row.State, StateJson.Options)!.ImageId] = "{image}";
        foreach (var (nic, number) in (create?.Nics ?? []).Select((nic, number) => (nic, number)))
        {
            names[nic.PortId.ToString()] = $"{{port{number}}}";
            foreach (var group in nic.SecurityGroups)
                names[group.ToString()] = "{group}";
        }

        // The server's host is the first in every world, whichever the scheduler chose.
        foreach (var (number, place) in Enumerable.Range(0, HostCount).OrderByDescending(n => _hostIds[n] == create?.HostId).Select((number, place) => (number, place)))
            (names[_hostIds[number].ToString()], names[_fakes.Hosts[number].Name]) = ($"{{host{place}}}", $"{{name{place}}}");
        return names;
    }

    /// <summary>Forgets the plan and the commands of what was done to prepare.</summary>
    public void Forget()
    {
        Plan.Clear();
        lock (Delivered)
            Delivered.Clear();
    }

    /// <summary>Every command that ever reached a host reaches it once more, as if it had lain in some queue.</summary>
    public async Task DeliverAgain()
    {
        HostCommand[] late;
        lock (Delivered)
            late = [.. Delivered];
        foreach (var agent in _agents)
            foreach (var command in late.Where(c => agent!.HostId == HostOf(c)))
                await agent!.Send(command, default);
    }

    public async ValueTask DisposeAsync()
    {
        if (!Now.Life.IsDead)
            Now.Life.Kill();
        await EndLife();
        await _database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private Guid HostOf(HostCommand command)
    {
        lock (_sentTo)
            return _sentTo[command];
    }

    private async Task EndLife()
    {
        await Now.Runner.DisposeAsync();
        if (_wired is not null)
            await _wired.DisposeAsync();
        await Now.DisposeAsync();
        await _journal.DisposeAsync();
        await _fakes.DisposeAsync();
    }

    // The order of Nova.Host's start: picture, hosts, then what the former life left.
    private async Task Live()
    {
        Now = new(Database, Plan, Time, Log, _conductorId, _isWired, images: ImageDirectory);
        await Now.Get<ImageService>().Reconcile(isAlone: true, default);
        _fakes = new(new FakeOptions { ProfileFile = _profileFile }, HostCount, Path.Combine(_directory, "fake"), Time);
        _journal = new(Path.Combine(_directory, "host"), Now.Get<SecretBox>(), Time, Now.Get<ILogger<HostJournal>>());
        await Now.Get<Scheduler>().Load(await Database.Read(PictureSnapshot.Read, default));
        if (_isWired)
            Now.Address = (_wired = await WiredHosts.Start(Now, Log)).Address;
        for (var number = 0; number < HostCount; number++)
            await Connect(number);
        await Now.Get<Conductor>().Start(null, default);
    }

    private async Task Connect(int number)
    {
        var hypervisor = _fakes.Hosts[number];
        var copies = new HostCopies(Now.Get<IImageUploads>());
        var agent = _agents[number] = new(_hostIds[number], hypervisor, _plugged[number], _journal, Time, Now.Get<ILogger<HostAgent>>(), copies);
        _links[number] = _wired is null
            ? await ConnectDirectly(agent)
            : await _wired.Attach(new(agent.HostId, hypervisor.Name, hypervisor), _plugged[number], _journal, copies, Faulty);
        _downUntil.Remove(number);
    }

    private async Task<IHostLink> ConnectDirectly(HostAgent agent)
    {
        var hypervisor = agent.Hypervisor;
        var name = _fakes.Hosts[Array.IndexOf(_hostIds, agent.HostId)].Name;
        var report = new HostReport(agent.HostId, name, await hypervisor.Inspect(default), [.. Capabilities.TraitsOf(hypervisor)], Release.Version);
        await Now.Get<HostRegistry>().Register([report], default);
        var link = Faulty(agent);
        await Now.Get<HostReconciler>().Reconcile(link, await agent.ListGuests(default), default);
        Now.Hosts.Connect(link);
        return link;
    }

    private FaultyLink Faulty(IHostLink link) => new(link, Now.Life, Plan, Remember);

    private readonly Dictionary<HostCommand, Guid> _sentTo = new(ReferenceEqualityComparer.Instance);

    private void Remember(Guid hostId, HostCommand command)
    {
        lock (_sentTo)
            _sentTo[command] = hostId;
        lock (Delivered)
            Delivered.Add(command);
    }

    private Task AddNetwork() => Database.Write(
        tx =>
        {
            var network = new NetworkRow { Id = NetworkId, Name = "net", ProjectId = Project };
            NetworkStore.Insert(tx, network);
            Assert.True(Cidr.TryParse("10.9.0.0/24", out var cidr));
            NetworkStore.Insert(tx, new SubnetRow
            {
                Id = new Ids(Time).Next(), NetworkId = NetworkId, ProjectId = Project, IpVersion = 4, Cidr = cidr.ToString(), Gateway = cidr.At(1).ToString(),
                Pools = SubnetJson.Write([new AddressPool(cidr.At(2).ToString(), cidr.At(cidr.LastOffset - 1u).ToString())]),
            });
            Now.Get<PictureCache>().Changed(tx);
        }, default);
}
