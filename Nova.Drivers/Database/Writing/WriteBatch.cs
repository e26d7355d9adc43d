using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Nova.Drivers.Database.Writing;

/// <summary>
/// The units that share a commit. More join while the first ones run: it closes when the queue is empty, at 128 members,
/// or some time after it began, whichever is first. A unit that is alone does not wait.
/// </summary>
internal sealed partial class WriteBatch(WriteUnit first, BlockingCollection<WriteUnit> queue, TimeSpan openFor, TimeProvider time, ILogger logger)
{
    public const int MemberLimit = 128;

    private readonly long _begun = time.GetTimestamp();
    private readonly List<WriteUnit> _members = [];
    private WriteUnit? _next = first;

    /// <summary>Those that were taken and not cancelled before, in the order of their arrival.</summary>
    public IReadOnlyList<WriteUnit> Members => _members;

    /// <summary>The next member, or null when the batch is closed.</summary>
    public WriteUnit? Next()
    {
        while (_next is not null || MayTake() && queue.TryTake(out _next))
        {
            var unit = _next!;
            _next = null;
            if (unit.IsCancelled)
            {
                unit.Deliver();
                continue;
            }

            _members.Add(unit);
            return unit;
        }

        return null;
    }

    /// <summary>All members again, and, while the batch is open, those that join.</summary>
    public IEnumerable<WriteUnit> Again()
    {
        for (var i = 0; i < _members.Count || Next() is not null; i++)
            yield return _members[i];
    }

    /// <summary>True when a member that was committed put something into the outbox.</summary>
    public bool WroteEvents => _members.Exists(u => u.Failure is null && u.Events.Count > 0);

    /// <summary>No more members; the one that was not yet looked at becomes one.</summary>
    public void Close()
    {
        if (_next is { } unit)
            _members.Add(unit);
        _next = null;
    }

    /// <summary>Fails every member with the same exception.</summary>
    public void FailAll(Exception failure)
    {
        Close();
        foreach (var unit in _members)
            unit.Failure = failure;
    }

    /// <summary>Answers every caller, after doing what the committed ones asked for.</summary>
    public void Deliver()
    {
        foreach (var unit in _members)
        {
            if (unit.Failure is null)
                foreach (var action in unit.CommitActions)
                    Do(action);
            unit.Deliver();
        }
    }

    private bool MayTake() => _members.Count < MemberLimit && time.GetElapsedTime(_begun) < openFor;

    private void Do(Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // The change is durable: a nudge that fails must not make it look failed, nor end the writer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogCommitActionFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What a unit of work wanted done after its commit failed")]
    private partial void LogCommitActionFailed(Exception exception);
}
