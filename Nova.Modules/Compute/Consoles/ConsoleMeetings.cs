using System.Collections.Concurrent;
using Nova.Modules.Compute.Wire;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Consoles;

/// <summary>
/// Where the conductor that asked a host for a console and the call with which the host brings it meet. A session's id is
/// random and known to these two alone.
/// </summary>
internal sealed class ConsoleMeetings(TimeProvider time)
{
    /// <summary>How long a host may take to open a console.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<IConsoleStream>> _waiting = new(StringComparer.Ordinal);

    /// <summary>Asks for a console with <paramref name="ask"/>, and is there when its call has come.</summary>
    /// <exception cref="Fault">What the host says; 503: it says nothing.</exception>
    public async Task<IConsoleStream> Await(Action<string> ask, CancellationToken ct)
    {
        var session = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        var brought = _waiting[session] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            ask(session);
            return await brought.Task.WaitAsync(Patience, time, ct);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // It may have come when nobody waited any more.
            if (!brought.TrySetCanceled(CancellationToken.None) && brought.Task.IsCompletedSuccessfully)
                await (await brought.Task).DisposeAsync();
            throw e is TimeoutException ? new Fault(FaultKind.Unavailable, Message.Of($"The server's host did not open the console in time."), e.Message) : e;
        }
        finally
        {
            _waiting.TryRemove(session, out _);
        }
    }

    /// <summary>The host cannot open it.</summary>
    public void Refuse(string session, Fault fault)
    {
        if (_waiting.TryRemove(session, out var waiting))
            waiting.TrySetException(fault);
    }

    /// <summary>The call of a host that brings a console.</summary>
    public async IAsyncEnumerable<ConsoleBytes> Bring(IAsyncEnumerable<ConsoleBytes> messages, RpcContext context)
    {
        var console = new ServedConsole(messages, context.Cancellation);
        try
        {
            if (await console.First() is not { } first || !_waiting.TryRemove(first.Session, out var waiting))
                throw Fault.NotFound($"Nobody waits for this console.");

            console.Begin();
            yield return new();
            if (!waiting.TrySetResult(console))
                yield break;
            await foreach (var message in console.Outgoing)
                yield return message;
        }
        finally
        {
            await console.Finish();
        }
    }
}
