using Microsoft.Extensions.Logging;
using Nova.Modules.Operations;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Servers.Delete;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.DeferredDelete;

/// <summary>Deletes for good what was deleted for longer than it is kept, in the name of whom it belongs to.</summary>
public sealed class Reclaim(ServerStore servers, ServerDeletes deletes, ActionOptions options, TimeProvider time, ILogger<Reclaim> logger)
{
    private const int AtOnce = 200;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Sweeps once a minute, as long as this process is the one that shall and the settings keep deleted servers.</summary>
    /// <param name="isLeader">Asked before each sweep. That two do it for a moment does no harm.</param>
    /// <param name="ct">Ends it.</param>
    public async Task Watch(Func<bool> isLeader, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(ct))
            if (options.ReclaimIntervalSeconds > 0 && isLeader())
                await TrySweep(ct);
    }

    /// <summary>Deletes what is old enough, at most 200 servers.</summary>
    public async Task Sweep(CancellationToken ct)
    {
        var before = time.GetUtcNow().AddSeconds(-options.ReclaimIntervalSeconds).ToUnixTimeMilliseconds();
        foreach (var server in await servers.SoftDeletedBefore(before, AtOnce, ct))
            await deletes.DeleteNow(OnBehalfOf(server), server, ct);
    }

    private static CallerRecord OnBehalfOf(Server server) => new()
    {
        UserId = server.UserId, ProjectId = server.ProjectId, RequestId = "req-" + server.Id, Microversion = Microversion.Max.ToString(),
    };

    private async Task TrySweep(CancellationToken ct)
    {
        try
        {
            await Sweep(ct);
        }
        catch (Fault fault)
        {
            logger.NotNow(fault.Message);
        }
    }
}

internal static partial class ReclaimLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Servers that were deleted long enough ago could not be removed yet: {Reason}")]
    public static partial void NotNow(this ILogger logger, string reason);
}
