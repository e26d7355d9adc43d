using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Placement;
using Nova.Modules.Quotas;
using Nova.Modules.Scheduling;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Servers.Delete;
using Nova.Modules.ServerGroups;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Create;

/// <summary>
/// Accepts a create: quota, rows and operations of all its servers are durable when it returns. Where a host is found at
/// once, it is claimed in the same transaction, which halves the time to the driver (docs/performance.md).
/// </summary>
public sealed class CreateService(
    Database database, ServerStore servers, OperationStore operations, IOperationStarter starter, QuotaStore quotas, INetworkProvider networks,
    IScheduler scheduler, ServerPlacement placement, ServerGroupStore groups, ServerDeletes deletes, CreateOptions options, Ids ids, TimeProvider time)
{
    /// <summary>Accepts the servers.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="request">For what.</param>
    /// <param name="ct">Cancels while the unit waits.</param>
    /// <param name="alongside">What else belongs into the transaction that accepts.</param>
    /// <exception cref="Fault">400, 403 (quota), 404 or 409 in the words of the original.</exception>
    public async Task<AcceptedServers> Create(RequestContext caller, NewServers request, CancellationToken ct, Action<Tx, AcceptedServers>? alongside = null)
    {
        var scopes = await quotas.Scopes(caller.ProjectId, caller.Caller.UserId, ct);
        for (var count = request.MaxCount; ;)
        {
            try
            {
                return await Accept(caller, request, count, scopes, alongside, ct);
            }
            catch (OverQuotaException)
            {
                count = await Affordable(request, count, scopes, ct);
            }
        }
    }

    /// <summary>What the scheduler would be asked for: every check that <see cref="Create"/> makes, without writing anything.</summary>
    /// <exception cref="Fault">400, 403 (quota), 404 or 409 in the words of the original.</exception>
    public async Task<PlacementRequest> Rehearse(RequestContext caller, NewServers request, CancellationToken ct)
    {
        var scopes = await quotas.Scopes(caller.ProjectId, caller.Caller.UserId, ct);
        var count = (int)Math.Min(request.MaxCount, (await Fitting(request, scopes, ct)).Fits);
        request = WithPorts(caller, request, await networks.Plan(caller.Caller, request.Networks, count, ct));
        if (request.Group is { } asked)
            CheckMembers(await CountMembers(caller, asked.Id, scopes[0].Limits, ct), count, scopes[^1].Limits);
        return PlacementOf(request, caller.ProjectId, [.. Enumerable.Range(0, count).Select(_ => ids.Next())]);
    }

    // Existing ports are of one server only: those of the first are all.
    private static NewServers WithPorts(RequestContext caller, NewServers request, IReadOnlyList<IReadOnlyList<PlannedNic>> nics)
    {
        if (nics.Count == 0 || request.Needs.With(nics[0]) is var needs && ReferenceEquals(needs, request.Needs))
            return request;

        if (!caller.Since(72) && nics[0].Any(nic => nic.Groups is not null))
            throw Fault.BadRequest($"Creating servers with ports having resource requests, like a port with a QoS minimum bandwidth policy, is not supported until microversion 2.72.");
        return request with { Needs = needs };
    }

    private async Task<AcceptedServers> Accept(
        RequestContext caller, NewServers request, int count, IReadOnlyList<QuotaScope> scopes,
        Action<Tx, AcceptedServers>? alongside, CancellationToken ct)
    {
        var nics = await networks.Plan(caller.Caller, request.Networks, count, ct);
        request = WithPorts(caller, request, nics);
        var draft = Draft(caller, request, new(0, count, count));
        var wanted = PlacementOf(request, caller.ProjectId, [.. draft.Select(s => s.Id)]);
        Measures.RoleCalls.Add(1);
        var selection = await TryChoose(wanted, ct);
        var start = new Start(request, wanted, CallerRecords.Of(caller));
        var accepted = new List<Server>(count);
        for (var from = 0; from < count; from += options.ServersPerTransaction)
        {
            var slice = new Slice(from, Math.Min(options.ServersPerTransaction, count - from), count);
            try
            {
                accepted.AddRange(await AcceptSlice(caller, start, slice, draft, nics, selection, scopes, alongside, ct));
            }
            catch (Exception e) when (from > 0 && e is OverQuotaException or Fault)
            {
                // Somebody else took quota meanwhile, or the database is busy: what was accepted stays if it is enough.
                if (accepted.Count >= request.MinCount)
                    break;
                foreach (var server in accepted)
                    await deletes.DeleteNow(CallerRecords.Of(caller), server, ct);
                throw e is Fault ? e : QuotaFault.For(DemandOf(request, scopes).Times(request.MinCount), await quotas.Usage(scopes[0], ct), scopes[0]);
            }
        }

        return new(accepted, accepted[0].ReservationId);
    }

    // One transaction: claims, rows and operations of some of the servers. The first one makes sure of the quota of all.
    private async Task<IReadOnlyList<Server>> AcceptSlice(
        RequestContext caller, Start start, Slice slice, List<Server> all, IReadOnlyList<IReadOnlyList<PlannedNic>> allNics, Selection? selection,
        IReadOnlyList<QuotaScope> scopes, Action<Tx, AcceptedServers>? alongside, CancellationToken ct)
    {
        var (draft, nics) = (all.GetRange(slice.From, slice.Count), allNics.Skip(slice.From).Take(slice.Count).ToList());
        var with = slice.From == 0 ? alongside : null;
        List<OperationRow> rows;
        try
        {
            if (selection is not { IsComplete: true })
                throw new ClaimRefusedException(null);
            var chosen = slice.IsWhole ? selection : selection with { Ranked = [.. selection.Ranked.Skip(slice.From).Take(slice.Count)] };
            rows = await database.Write(tx => With(with, tx, draft, AcceptPlaced(tx, start, slice, draft, nics, chosen, scopes)), ct);
        }
        catch (ClaimRefusedException refused)
        {
            draft = Draft(caller, start.Request, slice, all);
            var unplaced = refused.Group is { } seen ? start with { Placement = start.Placement with { Group = seen } } : start;
            rows = await database.Write(tx => With(with, tx, draft, AcceptUnplaced(tx, unplaced, slice, draft, nics, scopes)), ct);
        }

        for (var i = 0; i < rows.Count; i++)
            starter.Start(rows[i], draft[i]);
        return draft;
    }

    private void TakeQuota(Tx tx, Start start, Slice slice, IReadOnlyList<QuotaScope> scopes)
    {
        var each = DemandOf(start.Request, scopes);
        quotas.Take(tx, scopes, each.Times(slice.From == 0 ? slice.Of : slice.Count));
        if (slice.From == 0 && !slice.IsWhole)
            quotas.Give(tx, start.Placement.ProjectId, each.Times(slice.Of - slice.Count).Servers);
    }

    // What one server counts. Classes are summed only where the identity service limits them.
    private static QuotaDemand DemandOf(NewServers request, IReadOnlyList<QuotaScope> scopes)
    {
        var servers = new ServerUsage(1, request.Flavor.Vcpus, request.Flavor.MemoryMb);
        if (scopes[0].Limits.Unified is not { } limits)
            return new(servers, QuotaDemand.NoClasses);

        var one = request.Needs.Request([Guid.Empty], scopes[0].ProjectId, request.Flavor);
        return new(servers, one.Resources.Concat(one.ResourceGroups.SelectMany(g => g.Resources))
            .Where(r => UnifiedLimits.IsCountedByAllocations(r.Class) && limits.OfClass(r.Class) >= 0)
            .GroupBy(r => r.Class).ToDictionary(g => g.Key, g => g.Sum(r => r.Amount)));
    }

    // A scheduler that cannot be asked now is asked again by the operation: the request is accepted all the same.
    private async Task<Selection?> TryChoose(PlacementRequest placement, CancellationToken ct)
    {
        try
        {
            return await scheduler.Choose(placement, ct);
        }
        catch (Fault fault) when (fault.IsTransient)
        {
            return null;
        }
    }

    private static List<OperationRow> With(Action<Tx, AcceptedServers>? alongside, Tx tx, List<Server> draft, List<OperationRow> rows)
    {
        alongside?.Invoke(tx, new(draft, draft[0].ReservationId));
        return rows;
    }

    private List<OperationRow> AcceptPlaced(
        Tx tx, Start start, Slice slice, List<Server> draft, IReadOnlyList<IReadOnlyList<PlannedNic>> nics, Selection chosen,
        IReadOnlyList<QuotaScope> scopes)
    {
        TakeQuota(tx, start, slice, scopes);
        var group = LockGroup(tx, start, draft, scopes);
        var rows = new List<OperationRow>(draft.Count);
        for (var i = 0; i < draft.Count; i++)
        {
            var server = draft[i];
            server.TaskState = TaskStates.Spawning;
            var state = start.StateOf(server, nics[i]);
            var claim = placement.Place(tx, server, state.Placement, chosen.Ranked[i], nics[i], group);
            if (!claim.IsPlaced)
                throw new ClaimRefusedException(group?.Seen);

            var decision = Decision.Of(chosen, i, server.CreatedAt).WithClaims(claim.Full, claim.Unfit);
            rows.Add(Insert(tx, start, server, state with { HostId = server.HostId, Ranked = chosen.Ranked[i], Hardware = server.Hardware }, CreateServer.SpawnStep, decision));
        }

        return rows;
    }

    private List<OperationRow> AcceptUnplaced(
        Tx tx, Start start, Slice slice, List<Server> draft, IReadOnlyList<IReadOnlyList<PlannedNic>> nics, IReadOnlyList<QuotaScope> scopes)
    {
        TakeQuota(tx, start, slice, scopes);
        LockGroup(tx, start, draft, scopes);
        return [.. draft.Select((server, i) => Insert(tx, start, server, start.StateOf(server, nics[i]), "choose"))];
    }

    // Before any provider is locked, so that no two units wait for each other.
    private LockedGroup? LockGroup(Tx tx, Start start, List<Server> joining, IReadOnlyList<QuotaScope> scopes)
    {
        if (start.Placement.Group is not { } asked)
            return null;

        var group = groups.Lock(tx, asked.Id) ?? throw NoGroup(asked.Id);
        CheckMembers(scopes[0].Limits.Unified is null ? groups.MembersOf(tx, asked.Id, joining[0].UserId) : group.Members, joining.Count, scopes[^1].Limits);
        return group;
    }

    // Of the configured limits each user has a part of its own in a group; those of the identity service are for all together.
    private async Task<long> CountMembers(RequestContext caller, Guid id, HeldLimits limits, CancellationToken ct)
    {
        var group = await groups.Find(id, null, ct) ?? throw NoGroup(id);
        return limits.Unified is null ? await groups.MembersOf(id, caller.Caller.UserId, ct) : group.Members.Count;
    }

    private static Fault NoGroup(Guid id) => Fault.BadRequest($"Instance group {id} could not be found.");

    private static void CheckMembers(long members, int joining, HeldLimits limits)
    {
        if (limits.IsOver("server_group_members", members + joining))
            throw limits.Refusal("server_group_members", members, joining, Fault.Forbidden($"Quota exceeded, too many servers in group"));
    }

    private OperationRow Insert(Tx tx, Start start, Server server, CreateServerState state, string step, Decision? decision = null)
    {
        servers.Insert(tx, server);
        var operation = new OperationStart
        {
            Id = ids.Next(),
            ServerId = server.Id,
            ProjectId = server.ProjectId,
            Action = "create",
            Kind = CreateServer.OperationKind,
            Caller = start.Caller,
            Kept = decision,
        };
        var row = starter.NewRow(operation, state, server.Epoch, step);
        operations.InsertWithServer(tx, row);
        return row;
    }

    private static PlacementRequest PlacementOf(NewServers request, string projectId, IReadOnlyList<Guid> ids) => request.Needs.Request(ids, projectId, request.Flavor) with
    {
        Image = request.Image is { } image ? new(image.Id, image.DiskFormat) : null,
        Group = request.Group,
        Zone = request.Zone,
        Host = request.Host,
        Node = request.Node,
        SkipFilters = request.ForcedByZone && request.Host is not null,
        ImageProperties = request.Image?.Properties ?? new Dictionary<string, string>(),
    };

    private List<Server> Draft(RequestContext caller, NewServers request, Slice slice, List<Server>? before = null)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var reservation = before?[0].ReservationId ?? "r-" + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 8);
        var flavor = JsonSerializer.Serialize(request.Flavor, StateJson.Options);
        var metadata = JsonSerializer.Serialize(request.Metadata, StateJson.Options);
        var tags = JsonSerializer.Serialize(request.Tags, StateJson.Options);
        var details = JsonSerializer.Serialize(
            new ServerDetails
            {
                ImageProperties = request.Image is { Properties.Count: > 0 } image ? image.Properties : null,
                SchedulerHints = request.SchedulerHints,
                TrustedImageCertificates = request.TrustedImageCertificates,
                DiskConfig = request.DiskConfig,
                WantsHardware = request.Needs.Hardware is null ? null : true,
                KeyType = request.KeyType,
            },
            StateJson.Options);
        var draft = new List<Server>(slice.Count);
        for (var i = slice.From; i < slice.From + slice.Count; i++)
        {
            var suffix = slice.Of > 1 ? string.Create(CultureInfo.InvariantCulture, $"-{i + 1}") : "";
            var id = before?[i].Id ?? ids.Next();
            draft.Add(new()
            {
                Id = id,
                Epoch = 1,
                ProjectId = caller.ProjectId,
                UserId = caller.Caller.UserId,
                Name = request.Name + suffix,
                Hostname = Hostnames.For(request.Hostname, request.Name + suffix, id, suffix),
                Description = request.Description,
                VmState = VmStates.Building,
                TaskState = TaskStates.Scheduling,
                RequestedZone = request.Zone,
                ImageId = request.Image?.Id,
                FlavorJson = flavor,
                KeyName = request.KeyName,
                PublicKey = request.PublicKey,
                UserData = request.UserData,
                ConfigDrive = request.ConfigDrive,
                MetadataJson = metadata,
                TagsJson = tags,
                AccessIpv4 = request.AccessIpv4,
                AccessIpv6 = request.AccessIpv6,
                GroupId = request.Group?.Id,
                ReservationId = reservation,
                LaunchIndex = i,
                DetailsJson = details,
                CreatedAt = now,
                UpdatedAt = now,
            });
        }

        return draft;
    }

    // As many as still fit, if that is at least min_count; otherwise the original's sentence with the numbers of the moment.
    private async Task<int> Affordable(NewServers request, int tried, IReadOnlyList<QuotaScope> scopes, CancellationToken ct)
    {
        var (fits, used, scope) = await Fitting(request, scopes, ct);
        return fits < tried ? (int)fits : throw QuotaFault.For(DemandOf(request, scopes).Times(request.MinCount), used, scope);
    }

    private async Task<(long Fits, QuotaDemand Used, QuotaScope Scope)> Fitting(NewServers request, IReadOnlyList<QuotaScope> scopes, CancellationToken ct)
    {
        var (each, fits) = (DemandOf(request, scopes), long.MaxValue);
        var used = new QuotaDemand(default, QuotaDemand.NoClasses);
        foreach (var scope in scopes)
        {
            used = await quotas.Usage(scope, ct);
            fits = each.Classes.Select(c => Fits(scope.Limits.Unified!.OfClass(c.Key), used.Classes.GetValueOrDefault(c.Key), c.Value))
                .Append(fits)
                .Append(Fits(scope.Limits["instances"], used.Servers.Instances, 1))
                .Append(Fits(scope.Limits["cores"], used.Servers.Cores, each.Servers.Cores))
                .Append(Fits(scope.Limits["ram"], used.Servers.RamMb, each.Servers.RamMb))
                .Min();
            if (fits < request.MinCount)
                throw QuotaFault.For(each.Times(request.MinCount), used, scope);
        }

        return (fits, used, scopes[^1]);
    }

    private static long Fits(long limit, long used, long each) => limit < 0 || each == 0 ? long.MaxValue : Math.Max(0, (limit - used) / each);

    /// <summary>What the servers of one request have in common.</summary>
    private sealed record Start(NewServers Request, PlacementRequest Placement, CallerRecord Caller)
    {
        public CreateServerState StateOf(Server server, IReadOnlyList<PlannedNic> nics) => new()
        {
            Nics = nics,
            Image = Request.Image,
            AdminPass = Request.AdminPass,
            Files = Request.Files is { Count: > 0 } files ? files : null,
            Placement = Placement with { Id = server.Id, Servers = [server.Id] },
        };
    }

    /// <summary>The servers of one transaction: so many from a position, of all of the request.</summary>
    private readonly record struct Slice(int From, int Count, int Of)
    {
        public bool IsWhole => Count == Of;
    }

    // With the group as it was seen under its lock, when the server has one.
    private sealed class ClaimRefusedException(GroupRequest? group) : Exception
    {
        public GroupRequest? Group => group;
    }
}
