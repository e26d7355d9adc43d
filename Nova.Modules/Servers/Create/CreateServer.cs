using System.Text.Json;
using Nova.Modules.Compute;
using Nova.Modules.Hardware;
using Nova.Modules.Hosts;
using Nova.Modules.Images;
using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.ServerGroups;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Create;

/// <summary>Everything that a create learns on its way.</summary>
public sealed record CreateServerState
{
    /// <summary>The interfaces to make, their ports already named.</summary>
    public IReadOnlyList<PlannedNic> Nics { get; init; } = [];

    /// <summary>What the scheduler has to look for; the server's own row has the rest.</summary>
    public required PlacementRequest Placement { get; init; }

    /// <summary>The image as it was when the request was accepted.</summary>
    public ImageInfo? Image { get; init; }

    /// <summary>The guest's password, sealed in the row.</summary>
    public Secret? AdminPass { get; init; }

    /// <summary>Files for the guest, sealed in the row; null for none.</summary>
    public IReadOnlyList<GuestFile>? Files { get; init; }

    /// <summary>The chosen host and its alternates, best first.</summary>
    public IReadOnlyList<HostChoice> Ranked { get; init; } = [];

    /// <summary>The host that the server is on.</summary>
    public Guid? HostId { get; init; }

    /// <summary>What the claim gave it of that host's hardware; null for none.</summary>
    public GivenHardware? Hardware { get; init; }

    /// <summary>Hosts that were lost while they made the guest: not tried again before they are back, and not counted as tried.</summary>
    public IReadOnlyList<Guid> LostHosts { get; init; } = [];

    /// <summary>How often a claim was refused because of the server's group; null for never.</summary>
    public int? GroupRefusals { get; init; }

    /// <summary>How many chosen hosts had no room any more when they were claimed.</summary>
    public int ClaimsWithoutRoom { get; init; }

    /// <summary>How many the policy of the server's group ruled out by then.</summary>
    public int ClaimsAgainstGroup { get; init; }

    /// <summary>Why the hosts that were tried failed.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];
}

/// <summary>POST /servers, from a row in BUILD to an ACTIVE guest, or back to nothing but a row in ERROR that says why.</summary>
public sealed class CreateServer(
    IScheduler scheduler, HostDirectory hosts, ServerStore servers, ServerPlacement placement, ServerGroupStore groups, GuestSpecs guests, HostWork work, CreateOptions options,
    TimeProvider time)
    : Operation<CreateServerState>
{
    /// <summary>The kind of the operation.</summary>
    public const string OperationKind = "server.create";

    /// <summary>The step with which a create begins whose host was claimed in the transaction that accepted it.</summary>
    public const string SpawnStep = "spawn";

    private const int MostGroupRefusals = 50;

    /// <inheritdoc />
    public override string Kind => OperationKind;

    /// <inheritdoc />
    protected override IReadOnlyList<Step<CreateServerState>> Steps =>
    [
        new LocalStep<CreateServerState>("accept", (_, s) => s, MarkError),   // its undo is the last thing that runs
        new RemoteStep<CreateServerState>("choose", Choose) { Event = "conductor_schedule_and_build_instances" },
        new LocalStep<CreateServerState>("place", Place, Unplace),
        new RemoteStep<CreateServerState>(SpawnStep, Spawn, Destroy) { Event = "compute__do_build_and_run_instance" },
        new LocalStep<CreateServerState>("finish", Finish),
    ];

    private async Task<CreateServerState> Choose(OperationRun run, CreateServerState s, CancellationToken ct)
    {
        if (s.Placement.TriedHosts.Count >= options.MaxAttempts)
            throw new Fault(
                FaultKind.Internal,
                Message.Of($"Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance {run.ServerId}."),
                string.Join("\n", s.Failures));

        var request = s.Placement with { TriedHosts = [.. s.Placement.TriedHosts, .. s.LostHosts.Where(host => !hosts.IsUp(host))] };
        var selection = await scheduler.Choose(request, ct);
        run.Keep(Decision.Of(selection, 0, time.GetUtcNow().ToUnixTimeMilliseconds(), Decision.From(run.Kept)).WithClaims(s.ClaimsWithoutRoom, s.ClaimsAgainstGroup));
        if (selection.IsComplete)
            return s with { Ranked = selection.Ranked[0] };
        if (MayWait(run) && (await scheduler.Choose(s.Placement with { IncludeAbsent = true }, ct)).IsComplete)
            throw Fault.Unavailable($"The hosts that can take the server are not connected at the moment.");
        throw NoValidHost.Because(selection, s.Failures);
    }

    // A host that restarts is back within seconds: an error now would be the fault of nobody's request.
    private bool MayWait(OperationRun run) =>
        options.WaitForHostsSeconds > 0
        && (run.FailingSince is not { } since || time.GetUtcNow().ToUnixTimeMilliseconds() - since < options.WaitForHostsSeconds * 1000L);

    private CreateServerState Place(OperationUnit unit, CreateServerState s)
    {
        var server = servers.Find(unit.Tx, unit.Run.ServerId) ?? throw new FencedException(unit.Run.Id);
        var fromEpoch = unit.Run.Epoch;
        if (s.Placement.TriedHosts.Count + s.LostHosts.Count > 0)
            server.Epoch = unit.RaiseEpoch();

        server.TaskState = TaskStates.Spawning;
        var group = server.GroupId is { } groupId ? groups.Lock(unit.Tx, groupId, server.Id) : null;
        var claim = placement.Place(unit.Tx, server, s.Placement, s.Ranked, s.Nics, group);
        s = s with { ClaimsWithoutRoom = s.ClaimsWithoutRoom + claim.Full, ClaimsAgainstGroup = s.ClaimsAgainstGroup + claim.Unfit };
        if (claim.Full + claim.Unfit > 0 && Decision.From(unit.Run.Kept) is { } decision)
            unit.Run.Keep(decision.WithClaims(s.ClaimsWithoutRoom, s.ClaimsAgainstGroup));
        if (!claim.IsPlaced)
            throw Refused(s, claim, group);
        if (!servers.Place(unit.Tx, server, fromEpoch, unit.Now))
            throw new FencedException(unit.Run.Id);

        if (s.Placement.TriedHosts is [.., var failed])
            work.BuildFailed(unit.Tx, failed);
        return s with { HostId = server.HostId, Hardware = server.Hardware };
    }

    // What was seen under the group's lock makes the next choice better than the picture alone can, and what a filter that is
    // switched off would do again and again comes to an end.
    private static Exception Refused(CreateServerState s, ClaimResult refused, LockedGroup? group)
    {
        var fault = NoValidHost.Refused(refused, group?.Policy);
        var refusals = refused.Unfit > 0 ? (s.GroupRefusals ?? 0) + 1 : s.GroupRefusals;
        var next = s with { Ranked = [], GroupRefusals = refusals, Placement = s.Placement with { Group = group?.Seen } };
        return refusals > MostGroupRefusals ? fault : new RetryFromException("choose", next, fault);
    }

    private CreateServerState Unplace(OperationUnit unit, CreateServerState s)
    {
        placement.Release(unit.Tx, unit.Run.ServerId, s.Placement.Group?.Id, s.Placement.Hardware is not null);
        servers.Unplace(unit.Tx, unit.Run.ServerId, unit.Epoch, unit.Now);
        return s with { HostId = null, Hardware = null };
    }

    private async Task<CreateServerState> Spawn(OperationRun run, CreateServerState s, CancellationToken ct)
    {
        var server = run.Attached<Server>() is { } known && known.HostId == s.HostId && known.Epoch == run.Epoch
            ? known
            : await servers.Find(run.ServerId, ct) ?? throw new FencedException(run.Id);
        if (hosts.IsLost(s.HostId!.Value))
            throw Elsewhere(s with { LostHosts = [.. s.LostHosts.Where(host => host != s.HostId), s.HostId.Value] }, "was lost", Fault.Unavailable($"The chosen host is not connected."));

        var link = hosts.Get(s.HostId.Value);
        var command = new SpawnGuest(await guests.For(server, s.Image, s.AdminPass, s.Files ?? [], ct, s.Hardware))
        {
            ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = SpawnStep,
        };
        Measures.AcceptToDriver.Record((time.GetUtcNow().ToUnixTimeMilliseconds() - server.CreatedAt) / 1000.0);
        var result = await link.Send(command, ct);
        if (result is { IsLinkLost: true, Fault: { } lost })
            throw lost;   // asked again for as long as the host is expected back
        return result.Fault is not { } refused
            ? s
            : throw Elsewhere(
                s with { Placement = s.Placement with { TriedHosts = [.. s.Placement.TriedHosts, s.HostId.Value] } }, $"{refused.Message} {refused.Details}", refused);
    }

    private static async Task<HostResult> Destroy(IHostLink link, OperationRun run, CancellationToken ct) =>
        await link.Send(new DestroyGuest { ServerId = run.ServerId, Epoch = run.Epoch, OperationId = run.Id, Step = "spawn-undo" }, ct);

    // A host that is lost cleans up when it comes back: it may keep no guest that the database does not give it.
    private async Task<CreateServerState> Destroy(OperationRun run, CreateServerState s, CancellationToken ct)
    {
        if (s.HostId is { } hostId && !hosts.IsLost(hostId) && (await Destroy(hosts.Get(hostId), run, ct)).Fault is { } fault)
            throw fault;
        return s;
    }

    private CreateServerState Finish(OperationUnit unit, CreateServerState s)
    {
        if (!servers.Launched(unit.Tx, unit.Run.ServerId, unit.Run.Epoch, (int)Power.On, unit.Now))
            throw new FencedException(unit.Run.Id);
        work.Settled(unit.Tx, unit.Run.ServerId);
        ServerEvents.Changed(unit.Tx, unit.Run.ServerId, unit.Run.Caller.ProjectId, VmStates.Active);
        return s;
    }

    private CreateServerState MarkError(OperationUnit unit, CreateServerState s)
    {
        if (unit.Run is { IsCancelled: false, Failure: { } failure })
        {
            if (s.Placement.TriedHosts is [.., var failed])
                work.BuildFailed(unit.Tx, failed);
            servers.Fail(unit.Tx, unit.Run.ServerId, unit.Run.Epoch, VmStates.Error, ServerFault.Json(failure, unit.Now), unit.Now);
            ServerEvents.Changed(unit.Tx, unit.Run.ServerId, unit.Run.Caller.ProjectId, VmStates.Error);
        }

        return s;
    }

    private static RetryFromException Elsewhere(CreateServerState s, string what, Fault reason) => new(
        "choose", s with { Failures = [.. s.Failures, $"host {s.HostId}: {what}"], Ranked = [] }, reason);
}
