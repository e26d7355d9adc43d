using System.Text.Json;
using Google.Protobuf;
using Nova.Modules.Rpc;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.Scheduling.Wire;

namespace Nova.Modules.Scheduling.Remote;

/// <summary>The scheduler for other processes.</summary>
/// <param name="scheduler">The one of this process.</param>
/// <param name="follower">Feeds its picture; null where everything is told directly.</param>
/// <param name="explainer">Answers questions from the same picture.</param>
public sealed class SchedulerService(Scheduler scheduler, Explainer explainer, PictureFollower? follower = null)
{
    /// <summary>What the channel or the listener serves.</summary>
    public RpcService Service => new RpcService(SchedulerReflection.Descriptor.Services[0])
        .Unary<ChooseRequest, ChooseReply>("Choose", Choose)
        .Unary<WakeRequest, WakeReply>("Wake", Wake)
        .Duplex<ExplainPiece, ExplainPiece>("Explain", new ExplainService(explainer).Explain);

    private async Task<ChooseReply> Choose(ChooseRequest request, RpcContext context)
    {
        var wanted = JsonSerializer.Deserialize<PlacementRequest>(request.Request.Span, SchedulerJson.Options)!;
        var selection = await scheduler.Choose(wanted, context.Cancellation);
        return new() { Selection = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(selection, SchedulerJson.Options)) };
    }

    private Task<WakeReply> Wake(WakeRequest request, RpcContext context)
    {
        follower?.Wake();
        return Task.FromResult(new WakeReply());
    }
}
