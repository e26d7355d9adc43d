using Nova.Modules.Compute.Consoles;
using Nova.Modules.Compute.Wire;
using Nova.Modules.Hosts;
using Nova.Modules.Operations.Wire;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;

namespace Nova.Modules.Operations.Remote;

/// <summary>What a conductor does for other roles.</summary>
public sealed class ConductorService(OperationIntake intake, HostDirectory hosts)
{
    /// <summary>What the channel or the listener serves.</summary>
    public RpcService Service => new RpcService(ConductorReflection.Descriptor.Services[0])
        .Unary<NudgeRequest, NudgeReply>("Nudge", Nudge)
        .Unary<SeesRequest, SeesReply>("Sees", Sees)
        .Unary<ConsoleLogRequest, ConsoleLogReply>("ReadConsoleLog", ReadConsoleLog)
        .Unary<FindConsoleRequest, ConsoleLocation>("FindConsole", FindConsole)
        .Duplex<ConsoleBytes, ConsoleBytes>("OpenConsole", OpenConsole);

    private async Task<NudgeReply> Nudge(NudgeRequest request, RpcContext context)
    {
        await intake.Start([.. request.Started.Select(Guid.Parse)], context.Cancellation);
        await intake.TurnRound([.. request.Cancelled.Select(Guid.Parse)], context.Cancellation);
        return new();
    }

    private Task<SeesReply> Sees(SeesRequest request, RpcContext context)
    {
        var reply = new SeesReply();
        reply.Hosts.AddRange(request.Hosts.Where(id => hosts.IsUp(Guid.Parse(id))));
        return Task.FromResult(reply);
    }

    private async Task<ConsoleLogReply> ReadConsoleLog(ConsoleLogRequest request, RpcContext context) => new()
    {
        Text = await hosts.Get(Guid.Parse(request.HostId)).ReadConsoleLog(
            Guid.Parse(request.ServerId), request.HasLines ? request.Lines : null, context.Cancellation),
    };

    private async Task<ConsoleLocation> FindConsole(FindConsoleRequest request, RpcContext context) => ConsoleWire.Write(
        await hosts.Get(Guid.Parse(request.HostId)).FindConsole(Guid.Parse(request.ServerId), ConsoleWire.ReadKind(request.Kind), context.Cancellation));

    private async IAsyncEnumerable<ConsoleBytes> OpenConsole(IAsyncEnumerable<ConsoleBytes> messages, RpcContext context)
    {
        var caller = new ServedConsole(messages, context.Cancellation);
        var relaying = Task.CompletedTask;
        try
        {
            var order = (await caller.First())?.Order ?? throw Fault.BadRequest($"The first message says which console is wanted.");
            var guest = await hosts.Get(Guid.Parse(order.HostId)).OpenConsole(ConsoleWire.Read(order), context.Cancellation);
            caller.Begin();
            relaying = Relay(guest, caller, context.Cancellation);
            yield return new();
            await foreach (var message in caller.Outgoing)
                yield return message;
        }
        finally
        {
            await caller.Finish();
            await relaying;
        }
    }

    private static async Task Relay(IConsoleStream guest, IConsoleStream caller, CancellationToken ct)
    {
        await using (guest)
        await using (caller)
            await ConsoleBridge.Join(guest, caller, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
