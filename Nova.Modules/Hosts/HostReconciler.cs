using Microsoft.Extensions.Logging;
using Nova.Modules.Compute;
using Nova.Modules.Operations;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Hosts;

/// <summary>
/// Compares what a host runs with what the database gives it: power that changed by itself is taken over, and a guest that
/// belongs elsewhere or nowhere is destroyed. Without input, so it can run at any time.
/// </summary>
public sealed class HostReconciler(Database database, ServerStore servers, Ids ids, TimeProvider time, ILogger<HostReconciler> logger)
{
    /// <summary>Looks at one host that has just connected.</summary>
    public Task Reconcile(IHostLink link, IReadOnlyList<GuestStatus> guests, CancellationToken ct) =>
        Reconcile(link, _ => Task.FromResult(guests), ct);

    /// <summary>
    /// Looks at a host that may be at work. The rows are read before the guests are listed: a server that an operation
    /// changes in between has another epoch by then, and is left alone.
    /// </summary>
    public async Task Reconcile(IHostLink link, Func<CancellationToken, Task<IReadOnlyList<GuestStatus>>> list, CancellationToken ct)
    {
        var expected = (await servers.OfHost(link.HostId, ct)).ToDictionary(s => s.Id);
        var guests = await list(ct);
        foreach (var guest in guests)
        {
            var isExpected = expected.Remove(guest.ServerId, out var server);
            if (!guest.Known)
                logger.UnknownGuest(guest.Name, link.HostId);
            else if (isExpected)
                await Observe(link.HostId, server!, guest, ct);
            else
                await DestroyOrphan(link, guest, ct);
        }

        foreach (var missing in expected.Values)
            await Observe(link.HostId, missing, new(missing.Id, Power.Off, true, missing.InstanceName), ct);
    }

    /// <summary>The servers that the database gives to a host, with their epochs: what the host may start or adopt.</summary>
    public Task<List<ConfirmedGuest>> Owned(Guid hostId, CancellationToken ct) => database.ReadOne(
        rows => rows.Many(
            "SELECT id, epoch, vm_state FROM servers WHERE host_id = $1 AND deleted_at IS NULL ORDER BY id",
            row => new ConfirmedGuest(row.Uuid(0), row.Long(1), row.Text(2) == VmStates.Active), hostId), ct);

    /// <summary>A guest started or stopped by itself.</summary>
    public async Task Observe(Guid hostId, GuestStatus guest, CancellationToken ct)
    {
        if (guest.Known && await servers.Find(guest.ServerId, ct) is { } server)
            await Observe(hostId, server, guest, ct);
    }

    private async Task Observe(Guid hostId, Server server, GuestStatus guest, CancellationToken ct)
    {
        if (server.TaskState is not null || Meaning(server.VmState, guest.Power) is not { } vmState)
            return;

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await database.Write(
            tx =>
            {
                if (servers.Observe(tx, server, hostId, vmState, (int)guest.Power, now))
                    ServerEvents.Changed(tx, server.Id, server.ProjectId, vmState);
            }, ct);
        logger.PowerChanged(server.Id, guest.Power);
    }

    // Only what says more than the row: a stopped server that runs, an active one that does not.
    private static string? Meaning(string vmState, Power power) => (vmState, power) switch
    {
        (VmStates.Active or VmStates.Paused or VmStates.Suspended, Power.Off or Power.Crashed) => VmStates.Stopped,
        (VmStates.Stopped or VmStates.Paused or VmStates.Suspended, Power.On) => VmStates.Active,
        (VmStates.Active, Power.Paused) => VmStates.Paused,
        (VmStates.Active, Power.Suspended) => VmStates.Suspended,
        _ => null,
    };

    // The row is looked at again: a spawn that is under way has its row before its guest.
    private async Task DestroyOrphan(IHostLink link, GuestStatus guest, CancellationToken ct)
    {
        var server = await servers.FindAny(guest.ServerId, ct);
        if (server is not null && server.DeletedAt is null && server.HostId == link.HostId)
            return;

        var command = new DestroyGuest { ServerId = guest.ServerId, Epoch = server?.Epoch ?? long.MaxValue, OperationId = ids.Next(), Step = "orphan" };
        var result = await link.Send(command, ct);
        logger.OrphanDestroyed(guest.ServerId, link.HostId, result.Fault?.Message);
    }
}

internal static partial class HostReconcilerLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Host {HostId} runs a guest '{Name}' that this installation did not make; it is left alone")]
    public static partial void UnknownGuest(this ILogger logger, string name, Guid hostId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Server {ServerId} changed its power by itself: {Power}")]
    public static partial void PowerChanged(this ILogger logger, Guid serverId, Power power);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Guest {ServerId} on host {HostId} belongs to no server there; destroyed: {Failure}")]
    public static partial void OrphanDestroyed(this ILogger logger, Guid serverId, Guid hostId, string? failure);
}
