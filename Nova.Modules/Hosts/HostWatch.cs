using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nova.Modules.Operations;
using Nova.Modules.Operations.Remote;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Hosts;

/// <summary>
/// Writes that a host is down, once, when no conductor sees it: some time after its stream broke, or when it has not come
/// back after a restart of the conductors. Looks at memory alone while nothing changes.
/// </summary>
public sealed class HostWatch(
    HostDirectory directory, HostRegistry registry, ConductorIdentity identity, ConductorPeers peers, ConductorClient conductors, Database database,
    TimeProvider time, ILogger<HostWatch> logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>In looks: how often it is asked whether a host that is connected here is down in the database.</summary>
    private const int CorrectEvery = 5;

    private readonly ConcurrentDictionary<Guid, bool> _missing = new();

    /// <summary>Watches until cancelled.</summary>
    public async Task Watch(CancellationToken ct)
    {
        directory.Changed += Note;
        try
        {
            foreach (var host in await InState("up", ct))
                Note(host, directory.IsUp(host));
            using var timer = new PeriodicTimer(LookEvery, time);
            for (var look = 1; await timer.WaitForNextTickAsync(ct); look++)
            {
                await Look(ct);
                if (look % CorrectEvery == 0)
                    await Correct(ct);
            }
        }
        finally
        {
            directory.Changed -= Note;
        }
    }

    private void Note(Guid hostId, bool isUp)
    {
        if (isUp)
            _missing.TryRemove(hostId, out _);
        else
            _missing[hostId] = true;
    }

    private Task<List<Guid>> InState(string state, CancellationToken ct) =>
        database.ReadOne(rows => rows.Many("SELECT id FROM hosts WHERE cell = 0 AND state = $1", row => row.Uuid(0), state), ct);

    // Another conductor that did not see the host, and could not ask this one, has written that it is down.
    private async Task Correct(CancellationToken ct)
    {
        try
        {
            foreach (var host in (await InState("down", ct)).Where(directory.IsUp))
            {
                await registry.SetState(host, HostHealth.Up, ct);
                logger.UpAfterAll(host);
            }
        }
        catch (Fault fault) when (fault.IsTransient)
        {
            logger.CannotTell(fault.Message);
        }
    }

    private async Task Look(CancellationToken ct)
    {
        var lost = _missing.Keys.Where(directory.IsLost).ToList();
        if (lost.Count == 0)
            return;

        try
        {
            var seen = await SeenByOthers(lost, ct);
            foreach (var host in lost.Where(host => !seen.Contains(host)))
            {
                await registry.SetState(host, HostHealth.Down, ct);
                logger.Down(host);
                _missing.TryRemove(new(host, true));
            }
        }
        catch (Fault fault) when (fault.IsTransient)
        {
            logger.CannotTell(fault.Message);
        }
    }

    // A conductor that does not answer sees nobody; its own hosts come to the others.
    private async Task<HashSet<Guid>> SeenByOthers(List<Guid> hosts, CancellationToken ct)
    {
        var seen = new HashSet<Guid>();
        foreach (var peer in peers.Alive.Where(peer => peer.Id != identity.Id && peer.Address.Length > 0))
        {
            try
            {
                seen.UnionWith(await conductors.Sees(peer, hosts, ct));
            }
            catch (Fault fault) when (fault.IsTransient)
            {
                logger.NoAnswer(peer.Address, fault.Details ?? fault.Message);
            }
        }

        return seen;
    }
}

internal static partial class HostWatchLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Host {HostId} is down: no conductor sees it")]
    public static partial void Down(this ILogger logger, Guid hostId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Host {HostId} was taken for down by another conductor and is connected here: it is up")]
    public static partial void UpAfterAll(this ILogger logger, Guid hostId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Whether lost hosts are down cannot be written yet: {Reason}")]
    public static partial void CannotTell(this ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The conductor at {Address} does not say which hosts it sees: {Reason}")]
    public static partial void NoAnswer(this ILogger logger, string address, string reason);
}
