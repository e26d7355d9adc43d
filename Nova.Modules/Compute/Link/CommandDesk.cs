using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nova.Modules.Compute.Wire;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Link;

/// <summary>
/// The commands of one host, whichever conductor sent them. Work goes on when the stream that brought it breaks; its result
/// is kept until a conductor has taken it, so that a repeated command is answered and not done again.
/// </summary>
internal sealed class CommandDesk(HostAgent agent, TimeProvider time, ILogger logger)
{
    // A conductor that has not asked again for so long has given the command up, or its successor asks with a new epoch.
    private static readonly TimeSpan KeepResults = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<CommandName, Work> _works = new();

    /// <summary>The servers that are being worked on.</summary>
    public IReadOnlyCollection<Guid> Busy => [.. _works.Values.Where(work => !work.Result.Task.IsCompleted).Select(work => work.ServerId).Distinct()];

    /// <summary>Begins a command, or joins it when it is under way or done; answers go to the session.</summary>
    public void Take(CommandOrder order, HostSession session)
    {
        var work = _works.GetOrAdd(order.Name, _ => new(Guid.Parse(order.ServerId), session.ConductorId));
        work.ConductorId = session.ConductorId;
        if (work.TryBegin())
            _ = Carry(order, work);
        _ = Answer(order.Name, work, session);
    }

    /// <summary>Answers again what this conductor has asked and not taken: to be called when it is connected again.</summary>
    public void Resume(HostSession session)
    {
        foreach (var (name, work) in _works)
            if (work.ConductorId == session.ConductorId)
                _ = Answer(name, work, session);
    }

    /// <summary>The conductor turned round: the driver's work ends as soon as it can.</summary>
    public void Cancel(CommandName name)
    {
        if (_works.TryGetValue(name, out var work))
            work.Cancellation.Cancel();
    }

    /// <summary>The conductor has the result.</summary>
    public void Taken(CommandName name)
    {
        if (_works.TryGetValue(name, out var work) && work.Result.Task.IsCompleted)
            _works.TryRemove(new(name, work));
    }

    private async Task Carry(CommandOrder order, Work work)
    {
        HostResult result;
        using var about = LogScope.Enter(new() { RequestId = Known(order.RequestId), ProjectId = Known(order.ProjectId) });
        try
        {
            result = await agent.Send(LinkJson.Read(order), () => work.Accepted.TrySetResult(), work.Cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            result = new(new(FaultKind.Conflict, Message.Of($"The command was cancelled.")), Power.Unknown);
        }
        catch (Fault fault)
        {
            result = new(fault, Power.Unknown);
        }
#pragma warning disable CA1031 // Whatever a driver throws is an answer to this command; the others go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.CommandFailed(e, order.Kind, order.ServerId);
            result = new(new(FaultKind.Internal, Message.Of($"The host failed unexpectedly."), e.ToString()), Power.Unknown);
        }

        work.FinishedAt = time.GetTimestamp();
        work.Result.SetResult(result);
        work.Accepted.TrySetResult();
        Forget();
    }

    private static async Task Answer(CommandName name, Work work, HostSession session)
    {
        await work.Accepted.Task;
        if (!work.Result.Task.IsCompleted)
            session.Post(new() { Accepted = new() { Name = name } });
        session.Post(new() { Result = LinkJson.Write(name, await work.Result.Task) });
    }

    private static string? Known(string text) => text.Length > 0 ? text : null;

    private void Forget()
    {
        foreach (var (name, work) in _works)
            if (work.Result.Task.IsCompleted && time.GetElapsedTime(work.FinishedAt) > KeepResults)
                _works.TryRemove(new(name, work));
    }

    private sealed class Work(Guid serverId, Guid conductorId)
    {
        private int _begun;

        public Guid ServerId => serverId;

        public Guid ConductorId { get; set; } = conductorId;

        public CancellationTokenSource Cancellation { get; } = new();

        public TaskCompletionSource Accepted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<HostResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long FinishedAt { get; set; }

        public bool TryBegin() => Interlocked.Exchange(ref _begun, 1) == 0;
    }
}

internal static partial class CommandDeskLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The command {Kind} for server {ServerId} failed for a reason that is a bug")]
    public static partial void CommandFailed(this ILogger logger, Exception exception, string kind, string serverId);
}
