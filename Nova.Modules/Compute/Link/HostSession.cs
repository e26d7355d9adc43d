using System.Threading.Channels;
using Google.Protobuf.Reflection;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Compute.Wire;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Link;

/// <summary>One stream from a host to a conductor, from hello to its end.</summary>
internal sealed class HostSession(ComputeHost host, GuestConfirmation confirmation, CancellationToken life)
{
    private static readonly MethodDescriptor Attach = HostLinkReflection.Descriptor.Services[0].FindMethodByName("Attach");
    private static readonly MethodDescriptor Console = HostLinkReflection.Descriptor.Services[0].FindMethodByName("Console");

    private readonly Channel<FromHost> _outgoing = Channel.CreateUnbounded<FromHost>(new() { SingleReader = true });

    /// <summary>The conductor at the other end, once it said welcome.</summary>
    public Guid ConductorId { get; private set; }

    /// <summary>True from then on when the conductor has admitted the host and its guests are confirmed.</summary>
    public bool IsAttached { get; private set; }

    /// <summary>Raised when the conductor has admitted the host and its guests are confirmed.</summary>
    public event Action? Attached;

    /// <summary>Raised with the conductors that live.</summary>
    public event Action<IReadOnlyList<string>>? ConductorsChanged;

    /// <summary>Sends a message after those before it; nothing once the stream is over.</summary>
    public void Post(FromHost message) => _outgoing.Writer.TryWrite(message);

    /// <summary>Runs until the stream ends.</summary>
    /// <exception cref="HostRefusedException">The conductor does not take this host.</exception>
    /// <exception cref="Fault">The stream broke, or the host cannot describe itself now.</exception>
    /// <exception cref="RpcException">The stream broke.</exception>
    public async Task Run(RpcChannel channel, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        host.Join(this);
        try
        {
            await using var stream = channel.Duplex<FromHost, ToHost>(Attach, default, over.Token);
            var writing = Write(stream, await host.Hello(this, over.Token), over.Token);
            try
            {
                await foreach (var message in stream.Responses)
                    await Take(message, channel, over.Token);
            }
            finally
            {
                await over.CancelAsync();
                await writing;
            }
        }
        finally
        {
            IsAttached = false;
            host.Leave(this);
            _outgoing.Writer.TryComplete();
        }
    }

    // The reader of the responses learns why the stream ended; the writer only stops.
    private async Task Write(RpcDuplex<FromHost, ToHost> stream, HostHello hello, CancellationToken ct)
    {
        try
        {
            await stream.Write(new() { Hello = hello }, ct);
            await foreach (var message in _outgoing.Reader.ReadAllAsync(ct))
                await stream.Write(message, ct);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException)
        {
            _outgoing.Writer.TryComplete();
        }
    }

    private async Task Take(ToHost message, RpcChannel channel, CancellationToken ct)
    {
        switch (message.KindCase)
        {
            case ToHost.KindOneofCase.Welcome:
                ConductorId = Guid.Parse(message.Welcome.ConductorId);
                ConductorsChanged?.Invoke([.. message.Welcome.Conductors.Addresses]);
                break;
            case ToHost.KindOneofCase.Refused:
                throw new HostRefusedException(LinkJson.ReadFault(message.Refused.Fault)!, message.Refused.Final);
            case ToHost.KindOneofCase.Confirmed:
                ConfirmedGuest[] confirmed = [.. message.Confirmed.Guests.Select(g => new ConfirmedGuest(Guid.Parse(g.ServerId), g.Epoch, g.Runs))];
                await confirmation.Confirm(host.Agent, confirmed, ct);
                host.Resume(confirmed, life);
                IsAttached = true;
                host.Desk.Resume(this);
                Attached?.Invoke();
                break;
            case ToHost.KindOneofCase.Command:
                host.Desk.Take(message.Command, this);
                break;
            case ToHost.KindOneofCase.Cancel:
                host.Desk.Cancel(message.Cancel);
                break;
            case ToHost.KindOneofCase.ResultTaken:
                host.Desk.Taken(message.ResultTaken);
                break;
            case ToHost.KindOneofCase.Console:
                _ = Answer(message.Console, ct);
                break;
            case ToHost.KindOneofCase.ConsoleSought:
                _ = Answer(message.ConsoleSought, ct);
                break;
            case ToHost.KindOneofCase.ConsoleWanted:
                _ = Bring(message.ConsoleWanted, channel, ct);
                break;
            case ToHost.KindOneofCase.Conductors:
                ConductorsChanged?.Invoke([.. message.Conductors.Addresses]);
                break;
            case ToHost.KindOneofCase.Picture:
                await host.Take(LinkJson.Read(message.Picture), this, ct);
                break;
            case ToHost.KindOneofCase.Pulse:
                Post(new() { Pulse = message.Pulse });
                break;
            case ToHost.KindOneofCase.None:
                break; // A newer conductor says something that this release need not know.
        }
    }

    private async Task Answer(ConsoleQuestion question, CancellationToken ct)
    {
        var answer = new ConsoleAnswer { Number = question.Number };
        try
        {
            answer.Text = await host.Agent.ReadConsoleLog(Guid.Parse(question.ServerId), question.HasLines ? question.Lines : null, ct);
        }
        catch (Fault fault)
        {
            answer.Fault = LinkJson.WriteFault(fault);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Post(new() { Console = answer });
    }

    private async Task Answer(ConsoleSought question, CancellationToken ct)
    {
        var answer = new ConsoleFound { Number = question.Number };
        try
        {
            answer.Location = ConsoleWire.Write(await host.Agent.FindConsole(Guid.Parse(question.ServerId), ConsoleWire.ReadKind(question.Kind), ct));
        }
        catch (Fault fault)
        {
            answer.Fault = LinkJson.WriteFault(fault);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Post(new() { ConsoleFound = answer });
    }

    // The console lives as long as its own call: when the stream of commands breaks, whoever looks at it goes on.
    private async Task Bring(ConsoleWanted wanted, RpcChannel channel, CancellationToken ct)
    {
        try
        {
            await using var guest = await host.Agent.OpenConsole(ConsoleWire.Read(wanted.Order), ct);
            var call = channel.Duplex<ConsoleBytes, ConsoleBytes>(Console, default, life);
            await using var conductor = await CallingConsole.Open(call, new() { Session = wanted.Session }, host.Time, ct);
            await ConsoleBridge.Join(guest, conductor, life);
        }
        catch (Fault fault)
        {
            Post(new() { ConsoleRefused = new() { Session = wanted.Session, Fault = LinkJson.WriteFault(fault) } });
        }
        catch (Exception e) when (e is RpcException or IOException or OperationCanceledException)
        {
            // The conductor has gone, or nobody waits any more.
        }
    }
}

/// <summary>A conductor does not take the host.</summary>
/// <param name="fault">Why, and what to do.</param>
/// <param name="isFinal">True when trying again cannot help.</param>
internal sealed class HostRefusedException(Fault fault, bool isFinal) : Exception(fault.Message)
{
    public Fault Fault => fault;

    public bool IsFinal => isFinal;
}
