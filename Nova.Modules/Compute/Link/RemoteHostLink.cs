using System.Collections.Concurrent;
using System.Threading.Channels;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Compute.Wire;
using Nova.Modules.Hosts.Live;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Link;

/// <summary>
/// A host that is connected by a stream, as the conductor commands it. When the stream breaks, what was not answered ends
/// with a passing 503 and is repeated by whoever asked; the host answers a repeated command that it has done already.
/// </summary>
/// <param name="hostId">The host.</param>
/// <param name="processId">The host's process: new with every start.</param>
/// <param name="time">Limits the wait for a pulse.</param>
public sealed class RemoteHostLink(Guid hostId, Guid processId, TimeProvider time) : IHostLink
{
    private readonly ConcurrentDictionary<CommandName, Waiter> _commands = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<string>> _questions = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource> _pulses = new();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<ConsolePlace>> _sought = new();
    private readonly Channel<ToHost> _outgoing = Channel.CreateUnbounded<ToHost>(new() { SingleReader = true });
    private long _number;
    private volatile bool _broken;

    /// <inheritdoc />
    public Guid HostId => hostId;

    /// <summary>The host's process.</summary>
    public Guid ProcessId => processId;

    /// <summary>How the host is told what changes for its guests; null while another conductor does.</summary>
    internal PictureSubscription? Pictures { get; set; }

    /// <summary>Where the consoles arrive that this host was asked for.</summary>
    internal ConsoleMeetings Meetings { get; init; } = new(time);

    /// <summary>What has to be sent, in order; ends when the link is broken.</summary>
    internal IAsyncEnumerable<ToHost> Outgoing(CancellationToken ct) => _outgoing.Reader.ReadAllAsync(ct);

    /// <inheritdoc />
    public async Task<HostResult> Send(HostCommand command, CancellationToken ct)
    {
        var order = LinkJson.Write(command);
        (order.RequestId, order.ProjectId) = (LogScope.Current?.RequestId ?? "", LogScope.Current?.ProjectId ?? "");
        var waiter = _commands.GetOrAdd(order.Name, _ => new());
        Post(new() { Command = order });
        try
        {
            return await waiter.Task.WaitAsync(ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            _commands.TryRemove(order.Name, out _);
            Post(new() { Cancel = order.Name });
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<string> ReadConsoleLog(Guid serverId, int? lines, CancellationToken ct)
    {
        var number = Interlocked.Increment(ref _number);
        var answer = _questions.GetOrAdd(number, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        var question = new ConsoleQuestion { Number = number, ServerId = serverId.ToString() };
        if (lines is { } count)
            question.Lines = count;
        Post(new() { Console = question });
        try
        {
            return await answer.Task.WaitAsync(ct);
        }
        finally
        {
            _questions.TryRemove(number, out _);
        }
    }

    /// <inheritdoc />
    public async Task<ConsolePlace> FindConsole(Guid serverId, ConsoleKind kind, CancellationToken ct)
    {
        var number = Interlocked.Increment(ref _number);
        var answer = _sought.GetOrAdd(number, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        Post(new() { ConsoleSought = new() { Number = number, ServerId = serverId.ToString(), Kind = ConsoleWire.Write(kind) } });
        try
        {
            return await answer.Task.WaitAsync(ConsoleMeetings.Patience, time, ct);
        }
        catch (TimeoutException e)
        {
            throw new Fault(FaultKind.Unavailable, Message.Of($"The server's host did not answer in time."), e.Message);
        }
        finally
        {
            _sought.TryRemove(number, out _);
        }
    }

    /// <inheritdoc />
    public Task<IConsoleStream> OpenConsole(ConsoleRequest request, CancellationToken ct) =>
        _broken
            ? throw Lost(false)
            : Meetings.Await(session => Post(new() { ConsoleWanted = new() { Session = session, Order = ConsoleWire.Write(hostId, request) } }), ct);

    /// <summary>True when the other end answers within the time.</summary>
    public async Task<bool> Answers(TimeSpan within, CancellationToken ct)
    {
        var number = Interlocked.Increment(ref _number);
        var pulse = _pulses.GetOrAdd(number, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        Post(new() { Pulse = new() { Number = number } });
        try
        {
            await pulse.Task.WaitAsync(within, time, ct);
            return !_broken;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            _pulses.TryRemove(number, out _);
        }
    }

    /// <summary>Sends a message that asks for nothing; lost when the link is broken.</summary>
    internal void Post(ToHost message)
    {
        _outgoing.Writer.TryWrite(message);
        if (_broken)
            FailAll();
    }

    /// <summary>Takes what the host sent in answer to this conductor; false when it is no answer.</summary>
    internal bool TryTake(FromHost message)
    {
        switch (message.KindCase)
        {
            case FromHost.KindOneofCase.Accepted:
                if (_commands.TryGetValue(message.Accepted.Name, out var accepted))
                    accepted.IsAccepted = true;
                return true;
            case FromHost.KindOneofCase.Result:
                Take(message.Result);
                return true;
            case FromHost.KindOneofCase.Console:
                Take(message.Console);
                return true;
            case FromHost.KindOneofCase.ConsoleFound:
                Take(message.ConsoleFound);
                return true;
            case FromHost.KindOneofCase.ConsoleRefused:
                Meetings.Refuse(message.ConsoleRefused.Session, LinkJson.ReadFault(message.ConsoleRefused.Fault) ?? Lost(false));
                return true;
            case FromHost.KindOneofCase.Pulse:
                if (_pulses.TryGetValue(message.Pulse.Number, out var pulse))
                    pulse.TrySetResult();
                return true;
            default:
                return false;
        }
    }

    /// <summary>The stream is over: everything that waits ends, and nothing more is sent.</summary>
    internal void Break()
    {
        _broken = true;
        _outgoing.Writer.TryComplete();
        FailAll();
    }

    // A result that nobody waits for stays with the host: whoever repeats the command gets it.
    private void Take(CommandResult result)
    {
        if (!_commands.TryRemove(result.Name, out var waiter))
            return;

        Post(new() { ResultTaken = result.Name });
        waiter.TrySetResult(LinkJson.Read(result));
    }

    private void Take(ConsoleAnswer answer)
    {
        if (!_questions.TryGetValue(answer.Number, out var question))
            return;

        if (LinkJson.ReadFault(answer.Fault) is { } fault)
            question.TrySetException(fault);
        else
            question.TrySetResult(answer.Text);
    }

    private void Take(ConsoleFound found)
    {
        if (!_sought.TryGetValue(found.Number, out var question))
            return;

        if (LinkJson.ReadFault(found.Fault) is { } fault)
            question.TrySetException(fault);
        else
            question.TrySetResult(ConsoleWire.Read(found.Location));
    }

    private void FailAll()
    {
        foreach (var (name, waiter) in _commands)
            if (_commands.TryRemove(name, out _))
                waiter.TrySetResult(new(Lost(waiter.IsAccepted), Power.Unknown) { IsLinkLost = true });
        foreach (var question in _questions.Values)
            question.TrySetException(Lost(false));
        foreach (var question in _sought.Values)
            question.TrySetException(Lost(false));
        foreach (var pulse in _pulses.Values)
            pulse.TrySetResult();
    }

    private Fault Lost(bool isAccepted) => new(
        FaultKind.Unavailable,
        Message.Of($"The connection to the server's host was lost."),
        isAccepted ? $"host {hostId}, which had accepted the command" : $"host {hostId}");

    private sealed class Waiter() : TaskCompletionSource<HostResult>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public bool IsAccepted { get; set; }
    }
}
