using Microsoft.Extensions.Logging.Abstractions;
using Nova.Drivers.Database.Postgres;
using Nova.Modules.AvailabilityZones;
using Nova.Modules.Hosts;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Scheduling.Remote;
using Nova.Modules.ServerGroups;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.ServerGroups;

/// <summary>
/// Several control sides on one database, each with a scheduler of its own that hears of the others only through the
/// outbox: a create is chosen by one of them and claimed, again and again, as the operation does it.
/// </summary>
internal sealed class GroupRace : IAsyncDisposable
{
    private static readonly IReadOnlyList<ResourceAmount> Resources = [new("MEMORY_MB", 1), new("VCPU", 1)];

    private readonly TestDatabase _home;
    private readonly Ids _ids = new(TimeProvider.System);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Side> _sides = [];
    private int _refused;

    private GroupRace(TestDatabase home) => _home = home;

    /// <summary>Claims that were refused because of the policy.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public Database Database => _home.Database;

    public static async Task<GroupRace> Start(string kind, int hosts, int sides)
    {
        var race = new GroupRace(await TestDatabases.Create(kind));
        var states = new HostStates([]);
        var registry = new HostRegistry(race.Database, new(new(), TimeProvider.System, []), states, new(race.Database, states, new()), race._ids, TimeProvider.System);
        await registry.Register([.. Enumerable.Range(0, hosts).Select(race.Report)], default);
        for (var i = 0; i < sides; i++)
            race._sides.Add(await race.NewSide(kind));
        return race;
    }

    /// <summary>Makes a group, and creates so many members at once from all sides; the answer is how many found a host.</summary>
    public async Task<int> Run(string policy, int most, int servers)
    {
        var group = new ServerGroup { Id = _ids.Next(), ProjectId = "demo", UserId = "ada", Name = "group", Policy = policy, MaxServerPerHost = most, CreatedAt = 1 };
        await Database.Write(tx => new ServerGroupStore(Database).Insert(tx, group), default);
        var placed = await Task.WhenAll(Enumerable.Range(0, servers).Select(i => Task.Run(() => Create(_sides[i % _sides.Count], group.Request))));

        // Room that was only assumed by others when it was looked for is there now.
        foreach (var side in _sides)
            while (await side.Follower.ReadSome(default) > 0)
                continue;
        for (var i = 0; i < servers; i++)
            placed[i] = placed[i] || await Create(_sides[i % _sides.Count], group.Request);
        return placed.Count(p => p);
    }

    /// <summary>What the audits of groups and of capacity find.</summary>
    public async Task<IReadOnlyList<string>> Problems() => await Database.Read(
        async rows => (IReadOnlyList<string>)
        [
            .. (await new ServerGroupAudit().Look(rows)).Where(f => f.Kind == "groups").Select(f => $"{f.Subject}: {f.Problem}"),
            .. (await PlacementAudit.Recount(rows)).Select(m => m.ToString()),
        ],
        default);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var side in _sides)
        {
            await side.Following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await side.Scheduler.DisposeAsync();
            if (side.Database != Database)
                await side.Database.DisposeAsync();
        }

        await _home.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task<bool> Create(Side side, GroupRequest group)
    {
        var server = NewServer(group.Id);
        var request = new PlacementRequest { Id = server.Id, Servers = [server.Id], ProjectId = "demo", Resources = Resources, Group = group };
        while (true)
        {
            var selection = await side.Scheduler.Choose(request, default);
            if (!selection.IsComplete)
                return false;
            if (await side.Database.Write(tx => Place(tx, side, server, selection.Ranked[0]), default) is not { } seen)
                return true;

            Interlocked.Increment(ref _refused);
            request = request with { Group = seen };
        }
    }

    // The group as it was seen under its lock when it was refused, null when it was placed.
    private static GroupRequest? Place(Tx tx, Side side, Server server, IReadOnlyList<HostChoice> ranked)
    {
        var group = side.Groups.Lock(tx, server.GroupId!.Value)!;
        if (!side.Placement.Place(tx, server, new() { Id = server.Id, Servers = [server.Id], ProjectId = server.ProjectId, Resources = Resources }, ranked, [], group).IsPlaced)
            return group.Seen;

        side.Servers.Insert(tx, server);
        tx.AfterCommit(side.WakeOthers);
        return null;
    }

    private Server NewServer(Guid group) => new()
    {
        Id = _ids.Next(), ProjectId = "demo", UserId = "ada", Name = "vm", Hostname = "vm", VmState = VmStates.Building, ReservationId = "r", GroupId = group, CreatedAt = 1,
    };

    private HostReport Report(int number) => new(
        _ids.Next(), $"host-{number}",
        new() { HypervisorHostname = $"node-{number}", HypervisorType = "fake", HypervisorVersion = 1, Vcpus = 100_000, MemoryMb = 1_000_000, DiskGb = 1 },
        [], Release.Version);

    private async Task<Side> NewSide(string kind)
    {
        var database = kind == "postgres" ? new PostgresDatabase(_home.Address) : Database;
        var scheduler = new Scheduler(new(), TimeProvider.System, NullLogger<Scheduler>.Instance);
        var follower = new PictureFollower(database, [scheduler], TimeProvider.System, NullLogger<PictureFollower>.Instance);
        await follower.Begin(default);
        await scheduler.Load(await database.Read(PictureSnapshot.Read, default));
        var placement = new ServerPlacement(new PlacementStore(new() { ShareUsage = true }, TimeProvider.System, [scheduler]), new([scheduler], new()), null!, new([scheduler]));
        return new(database, scheduler, follower, follower.Follow(_stopping.Token), placement, new(database), new(database), WakeAll);
    }

    private void WakeAll() => _sides.ForEach(side => side.Follower.Wake());

    private sealed record Side(
        Database Database, Scheduler Scheduler, PictureFollower Follower, Task Following, ServerPlacement Placement, ServerGroupStore Groups, ServerStore Servers,
        Action WakeOthers);
}
