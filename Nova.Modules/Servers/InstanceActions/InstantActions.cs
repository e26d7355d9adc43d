using System.Text.Json;
using Nova.Modules.Operations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.InstanceActions;

/// <summary>Records what was done to a server at once, without an operation.</summary>
public sealed class InstantActions(OperationStore operations, Ids ids, TimeProvider time)
{
    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The action is among those of the server, ended well; to be called in the transaction that does it.</summary>
    /// <param name="tx">That transaction.</param>
    /// <param name="caller">Who asked.</param>
    /// <param name="server">The server.</param>
    /// <param name="action">As instance actions name it.</param>
    /// <param name="shownAs">Its event, or null for none.</param>
    public void Record(Tx tx, RequestContext caller, Server server, string action, string? shownAs)
    {
        var now = Now;
        var progress = new OperationProgress();
        if (shownAs is not null)
            progress.Events.Add(new() { Name = shownAs, StartedAt = now, FinishedAt = now, Result = "Success" });
        operations.InsertFinished(tx, new()
        {
            Id = ids.Next(),
            ServerId = server.Id,
            ProjectId = server.ProjectId,
            UserId = caller.Caller.UserId,
            RequestId = caller.RequestId,
            Action = action,
            Kind = "server.instant",
            KindVersion = 1,
            WrittenBy = Release.Version,
            Status = OperationStatus.Done,
            State = "{}",
            Caller = JsonSerializer.Serialize(CallerRecords.Of(caller), StateJson.Options),
            Steps = JsonSerializer.Serialize(progress, StateJson.Options),
            Epoch = server.Epoch,
            StartedAt = now,
            UpdatedAt = now,
        });
    }
}
