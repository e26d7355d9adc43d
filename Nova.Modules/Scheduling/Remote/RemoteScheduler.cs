using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Nova.Modules.Rpc;
using Nova.Modules.Scheduling.Wire;
using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Remote;

/// <summary>Schedulers of other processes, each in its turn; one that does not answer is passed over.</summary>
/// <param name="addresses">HOST:PORT of each; asked anew for each request.</param>
/// <param name="channels">The ways to them.</param>
public sealed class RemoteScheduler(Func<IReadOnlyList<string>> addresses, RpcPeers channels) : IScheduler
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly MethodDescriptor ChooseMethod = SchedulerReflection.Descriptor.Services[0].FindMethodByName("Choose");

    private int _next;

    /// <inheritdoc />
    /// <exception cref="Fault">503: no scheduler answers.</exception>
    public async ValueTask<Selection> Choose(PlacementRequest request, CancellationToken ct)
    {
        var message = new ChooseRequest { Request = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(request, SchedulerJson.Options)) };
        var schedulers = addresses();
        var first = (uint)Interlocked.Increment(ref _next);
        Fault? failure = null;
        for (var i = 0; i < schedulers.Count; i++)
        {
            try
            {
                var channel = channels.To(schedulers[(int)((first + i) % schedulers.Count)]);
                var reply = await channel.Unary<ChooseRequest, ChooseReply>(ChooseMethod, message, new() { Timeout = Patience }, ct);
                return JsonSerializer.Deserialize<Selection>(reply.Selection.Span, SchedulerJson.Options)!;
            }
            catch (RpcException e)
            {
                failure = e.ToFault();
            }
            catch (Fault fault) when (fault.IsTransient)
            {
                failure = fault;
            }
        }

        throw failure ?? new Fault(FaultKind.Unavailable, Message.Of($"The service is temporarily unavailable."), "no scheduler is known");
    }
}
