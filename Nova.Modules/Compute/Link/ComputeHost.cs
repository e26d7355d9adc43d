using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Nova.Modules.Compute.Live;
using Nova.Modules.Compute.Wire;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Link;

/// <summary>One host of this process as its conductors see it: what it says of itself, and what happens on it.</summary>
internal sealed class ComputeHost(LocalHypervisor local, HostAgent agent, IHostNetwork network, HostBoot boot, Guid processId, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan InspectEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private ImmutableHashSet<HostSession> _sessions = [];
    private HostSession? _teller;
    private Task? _resuming;
    private HostFacts? _facts;

    public HostAgent Agent => agent;

    public TimeProvider Time => time;

    public CommandDesk Desk { get; } = new(agent, time, logger);

    /// <summary>What happens from now on is told to this session too.</summary>
    public void Join(HostSession session) => ImmutableInterlocked.Update(ref _sessions, set => set.Add(session));

    /// <summary>The session is over. When its conductor told what changes for guests, another one is asked to.</summary>
    public void Leave(HostSession session)
    {
        lock (_gate)
        {
            ImmutableInterlocked.Update(ref _sessions, set => set.Remove(session));
            if (_teller != session)
                return;

            _teller = _sessions.FirstOrDefault(other => other.IsAttached);
        }

        Want();
    }

    /// <summary>Tells the conductor that tells this host of its guests which groups their ports have.</summary>
    public void Want() => _teller?.Post(new() { Wanted = LinkJson.Write(WantedGroups) });

    /// <summary>What a conductor says of groups and guests; ignored when another one is asked to say it.</summary>
    public Task Take(HostPicture picture, HostSession from, CancellationToken ct) => _teller == from ? agent.Take(picture, ct) : Task.CompletedTask;

    private IReadOnlyCollection<GroupKey> WantedGroups => (network as IGroupNetwork)?.WantedGroups ?? [];

    /// <summary>The first message of a stream.</summary>
    public async Task<HostHello> Hello(HostSession session, CancellationToken ct)
    {
        var hello = new HostHello
        {
            HostId = local.HostId.ToString(), ProcessId = processId.ToString(), Facts = _facts ??= await Inspect(ct),
        };
        var busy = Desk.Busy;
        var listed = await agent.ListGuests(ct);
        if (_resuming is not { IsCompleted: true })
            listed = boot.Reported(listed);
        foreach (var guest in listed)
            hello.Guests.Add(LinkJson.Write(guest, agent.EpochOf(guest.ServerId)));

        lock (_gate)
            if ((_teller ??= session) == session)
                hello.Wanted = LinkJson.Write(GroupKey.Of(agent.Nics).Concat(WantedGroups).Distinct());

        // What is being made now may be there a moment later: the conductor has to know of it to have it destroyed.
        foreach (var server in busy.Except(listed.Select(guest => guest.ServerId)))
            hello.Guests.Add(LinkJson.Write(new(server, Power.Unknown, true, ""), agent.EpochOf(server)));
        return hello;
    }

    /// <summary>
    /// The guests are confirmed and their network is there: once per start of the process those that ought to run and do not
    /// are started, if the settings say so. Nobody waits for it; the conductors are told how it went.
    /// </summary>
    public void Resume(IReadOnlyList<ConfirmedGuest> guests, CancellationToken ct)
    {
        lock (_gate)
            _resuming ??= boot.ResumesGuests ? StartAndTell(guests, ct) : Task.CompletedTask;
    }

    private async Task StartAndTell(IReadOnlyList<ConfirmedGuest> guests, CancellationToken ct)
    {
        try
        {
            await agent.Resume(guests, ct);
            foreach (var guest in await local.Hypervisor.ListGuests(ct))
                Tell(new() { Power = LinkJson.Write(guest, agent.EpochOf(guest.ServerId)) });
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The process ends.
        }
        catch (Fault fault)
        {
            logger.CannotResume(local.HostName, fault.Message);
        }
    }

    /// <summary>Tells the conductors what guests do by themselves, until cancelled.</summary>
    public Task WatchGuests(CancellationToken ct) => new OwnPowerChanges(agent, time).Watch(
        (status, _) =>
        {
            Tell(new() { Power = LinkJson.Write(status, agent.EpochOf(status.ServerId)) });
            return Task.CompletedTask;
        },
        ct);

    /// <summary>Looks once a minute at what the machine has, and tells the conductors when it has changed.</summary>
    public async Task WatchMachine(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(InspectEvery, time);
        while (await timer.WaitForNextTickAsync(ct))
        {
            try
            {
                var facts = await Inspect(ct);
                if (facts.Equals(_facts))
                    continue;

                _facts = facts;
                Tell(new() { Facts = facts });
            }
            catch (Fault fault)
            {
                logger.CannotInspect(local.HostName, fault.Message);
            }
        }
    }

    private async Task<HostFacts> Inspect(CancellationToken ct) =>
        LinkJson.Write(local.HostName, await local.Hypervisor.Inspect(ct), Capabilities.TraitsOf(local.Hypervisor));

    private void Tell(FromHost message)
    {
        foreach (var session in _sessions)
            session.Post(message);
    }
}

internal static partial class ComputeHostLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Host {Host} could not look which of its guests ought to run: {Reason}")]
    public static partial void CannotResume(this ILogger logger, string host, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Host {Host} could not look at what its machine has: {Reason}")]
    public static partial void CannotInspect(this ILogger logger, string host, string reason);
}
