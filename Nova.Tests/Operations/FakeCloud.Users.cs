using Microsoft.AspNetCore.Http;
using Nova.Modules.Api;
using Nova.Modules.Identity;
using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Quotas;
using Nova.Modules.Scheduling;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Servers.Create;
using Nova.Modules.Servers.Delete;
using Nova.Modules.Servers.Snapshots;
using Nova.Modules.Servers.Interfaces;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Tests.Support;

namespace Nova.Tests.Operations;

// What users ask of the cloud, and waiting for what they asked.
internal sealed partial class FakeCloud
{
    public const string Project = "demo";

    // Between the commit that ends one operation and the start of its successor there is a moment in which nobody drives.
    private const int IdleLooks = 300;

    public static readonly Dictionary<string, long> NoLimits = new() { ["instances"] = -1, ["cores"] = -1, ["ram"] = -1 };

    public static readonly ServerFlavor Flavor = new() { Id = "1", Name = "small", Vcpus = 1, MemoryMb = 512, RootGb = 1 };

    /// <summary>POST /servers; with <paramref name="placed"/> false no host is found at once, so the operation begins with the choice.</summary>
    public async Task<Guid> Create(bool placed = true, int memoryMb = 512, GroupRequest? group = null) =>
        (await Create(Flavor with { MemoryMb = memoryMb }, 1, placed, group))[0].Id;

    /// <summary>The same with another flavor.</summary>
    public async Task<Guid> Create(ServerFlavor flavor, bool placed = true, GroupRequest? group = null) => (await Create(flavor, 1, placed, group))[0].Id;

    /// <summary>Several servers with one request.</summary>
    public async Task<IReadOnlyList<Server>> Create(ServerFlavor flavor, int count, bool placed = true, GroupRequest? group = null)
    {
        if (!placed)
            ((RefusingScheduler)Now.Get<IScheduler>()).RefuseNext();
        var request = new NewServers
        {
            Name = "vm", Flavor = flavor, Needs = Now.Get<NeedsReader>().Of(flavor, OneImage.Info, null, false), MinCount = count, MaxCount = count, Group = group,
            Image = OneImage.Info, AdminPass = new Secret("s3cret"), UserData = "dXNlcg==",
            Networks = new() { Nics = [new(NetworkId.ToString(), null, null, null)] },
        };
        return (await Now.Get<CreateService>().Create(Caller(), request, default)).Servers;
    }

    public async Task Boot(Guid server) => await Change(server, PowerAction.Start);

    public async Task Stop(Guid server) => await Change(server, PowerAction.Stop);

    public async Task Reboot(Guid server, bool soft) => await Change(server, soft ? PowerAction.SoftReboot : PowerAction.HardReboot);

    public async Task Delete(Guid server) => await Now.Get<ServerDeletes>().Delete(Caller(), await Server(server), default);

    public async Task SoftDelete(Guid server) => await Now.Get<ServerDeletes>().SoftDelete(Caller(), await Server(server), default);

    public async Task Restore(Guid id)
    {
        var server = await Server(id);
        await Now.Get<ServerActions>().Begin(
            Caller(), server, new("restore", Nova.Modules.Servers.DeferredDelete.Restore.OperationKind, TaskStates.Restoring), Nova.Modules.Servers.DeferredDelete.Restore.State, default,
            (tx, _) => Now.Get<QuotaStore>().Take(tx, [new(Project, null, new(NoLimits))], new(server.Usage, QuotaDemand.NoClasses)));
    }

    public async Task Begin(Guid server, StartedAction action, object state) => await Now.Get<ServerActions>().Begin(Caller(), await Server(server), action, state, default);

    /// <summary>createImage.</summary>
    public Task CreateImage(Guid server) => Snapshot(server, SnapshotImages.Snapshot, new("createImage", CreateImageServer.OperationKind, TaskStates.ImageSnapshotPending), new() { ImageId = "" });

    /// <summary>createBackup, of which one is kept.</summary>
    public Task CreateBackup(Guid server) => Snapshot(
        server, SnapshotImages.Backup, new("createBackup", CreateBackupServer.OperationKind, TaskStates.ImageBackup), new() { ImageId = "", BackupType = "daily", Rotation = 1 });

    private async Task Snapshot(Guid id, string type, StartedAction action, SnapshotServerState state)
    {
        var (caller, server) = (Caller(), await Server(id));
        var properties = new Dictionary<string, string> { [SnapshotImages.BackupType] = "daily" };
        var image = await Now.Get<SnapshotImages>().Reserve(caller.Caller, server, "image", type, properties, default);
        await Now.Get<ServerActions>().Begin(caller, server, action, state with { ImageId = image.Id }, default, (tx, _) => image.Insert(tx));
    }

    /// <summary>POST os-interface of the network, without waiting for its end.</summary>
    public async Task<Guid> Attach(Guid server)
    {
        var nic = await Now.Get<INetworkProvider>().PlanAttach(Caller().Caller, new(server, Project, NetworkId.ToString(), null, null, "nic"), default);
        await Begin(server, new("attach_interface", AttachInterface.OperationKind, null), new AttachInterfaceState { Nic = nic });
        return nic.PortId;
    }

    /// <summary>DELETE os-interface of the server's last port.</summary>
    public async Task Detach(Guid server) => await Begin(
        server, new("detach_interface", DetachInterface.OperationKind, null), new DetachInterfaceState { PortId = (await Server(server)).Networks[^1].PortId });

    public async Task Change(Guid server, PowerAction action) => await Now.Get<ServerActions>().Change(Caller(), await Server(server), action, default);

    /// <summary>The row, deleted or not.</summary>
    public async Task<Server> Server(Guid id) =>
        await new ServerStore(Database).FindAny(id, default) ?? throw new InvalidOperationException($"There is no server {id}.");

    /// <summary>Unfinished operations, without those that wait for another.</summary>
    public async Task<IReadOnlyList<OperationRow>> Unfinished() =>
        [.. (await new OperationStore(Database).Unfinished(null, null, 1000, default)).Where(o => o.WaitsFor is null)];

    /// <summary>
    /// Until every operation has ended or is stuck: moves the clock whenever somebody waits for it, lets lost hosts come
    /// back in time, and begins another life whenever the process dies.
    /// </summary>
    public async Task Settle()
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        for (var idle = 0; ;)
        {
            // What ends an operation's row is not the last thing that its driver does: the process may yet die of it.
            var life = Now.Life;
            var isDriving = Now.Runner.DrivenCount > 0;
            var open = (await Unfinished()).Where(o => o.Status != OperationStatus.Stuck).ToList();
            if (open.Count == 0 && !isDriving && !life.IsDead)
                return;

            var ended = Task.WhenAll(open.Select(o => Now.Runner.WhenEnded(o.Id)));
            idle = ended.IsCompleted && !life.IsDead ? idle + 1 : 0;
            Assert.True(idle < IdleLooks, $"Nobody drives {string.Join(", ", open.Select(o => $"{o.Kind} {o.Status} at {o.Step} of owner {o.Owner}"))}; I am {Now.Runner.Owner}.");
            if (idle > 1)
                await Task.Delay(TimeSpan.FromMilliseconds(10), limit.Token);
            await Task.WhenAny(ended, life.Died, Time.WhenOneWaits()).WaitAsync(limit.Token);
            if (life.IsDead)
                await Restart();
            else if (!ended.IsCompleted)
                Time.AdvanceToNext();
            await HostsComeBack(all: false);
        }
    }

    /// <summary>A delete of the one server that there is, from inside the operation under test.</summary>
    public async Task DeleteTheOne() => await Delete(await TheOne());

    /// <summary>The same, and the process dies as soon as the delete is durable.</summary>
    public async Task DeleteTheOneAndDie()
    {
        await DeleteTheOne();
        throw Now.Life.Die();
    }

    /// <summary>The host of the one server is lost, or any host while it has none.</summary>
    public async Task LoseTheHost(bool andFail = false)
    {
        await LoseHost((await Server(await TheOne())).HostId ?? _hostIds[0]);
        if (andFail)
            throw Fault.Unavailable($"The connection to the host broke.");
    }

    private Task<Guid> TheOne() => Database.Read(async rows => (await rows.Query<Guid>("SELECT id FROM servers WHERE deleted_at IS NULL")).Single(), default);

    /// <summary>The caller of all requests.</summary>
    public static RequestContext Caller()
    {
        var who = new Caller { UserId = "u", ProjectId = Project, Roles = ["admin", "member", "reader"] };
        return new(new DefaultHttpContext(), new ComputeSurface(), Microversion.Max, who, "req-harness", new AdminPolicy());
    }
}
