using Nova.Modules.Compute.Link;
using Nova.Modules.Hosts;
using Nova.Modules.Operations.Wire;
using Nova.Modules.Rpc;

namespace Nova.Modules.Operations.Remote;

/// <summary>What a conductor does for other roles.</summary>
public sealed class ConductorService(OperationIntake intake, HostDirectory hosts)
{
    /// <summary>What the channel or the listener serves.</summary>
    public RpcService Service => new RpcService(ConductorReflection.Descriptor.Services[0])
        .Unary<NudgeRequest, NudgeReply>("Nudge", Nudge)
        .Unary<SeesRequest, SeesReply>("Sees", Sees)
        .Unary<ConsoleLogRequest, ConsoleLogReply>("ReadConsoleLog", ReadConsoleLog)
        .Unary<DiagnosticsRequest, DiagnosticsReply>("Diagnose", Diagnose);

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

    private async Task<DiagnosticsReply> Diagnose(DiagnosticsRequest request, RpcContext context) => new()
    {
        Body = LinkJson.WriteBody(await hosts.Get(Guid.Parse(request.HostId)).Diagnose(Guid.Parse(request.ServerId), context.Cancellation)),
    };
}
