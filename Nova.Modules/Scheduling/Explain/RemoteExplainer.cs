using Google.Protobuf.Reflection;
using Nova.Modules.Rpc;
using Nova.Modules.Scheduling.Wire;
using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Explain;

/// <summary>Asks schedulers of other processes, each in its turn; one that does not answer is passed over.</summary>
/// <param name="addresses">HOST:PORT of each; asked anew for each question.</param>
/// <param name="channels">The ways to them.</param>
public sealed class RemoteExplainer(Func<IReadOnlyList<string>> addresses, RpcPeers channels) : IExplainer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);
    private static readonly MethodDescriptor Method = SchedulerReflection.Descriptor.Services[0].FindMethodByName("Explain");

    private int _next;

    /// <inheritdoc />
    public async Task<Verdict> DryRun(PlacementRequest request, CancellationToken ct) => ExplainWire.Of<Verdict>(await Ask(ExplainWire.DryRun, request, ct));

    /// <inheritdoc />
    public async Task<Capacity> Room(PlacementRequest one, CancellationToken ct) => ExplainWire.Of<Capacity>(await Ask(ExplainWire.Room, one, ct));

    /// <inheritdoc />
    public async Task<Outcome> WhatIf(Change change, CancellationToken ct) => ExplainWire.Of<Outcome>(await Ask(ExplainWire.WhatIf, change, ct));

    /// <inheritdoc />
    public Task<byte[]> Record(Question question, CancellationToken ct) => Ask(ExplainWire.Record, question, ct);

    private async Task<byte[]> Ask(string kind, object question, CancellationToken ct)
    {
        var schedulers = addresses();
        var first = (uint)Interlocked.Increment(ref _next);
        Fault? failure = null;
        for (var i = 0; i < schedulers.Count; i++)
        {
            try
            {
                return await Ask(schedulers[(int)((first + i) % schedulers.Count)], kind, question, ct);
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

    private async Task<byte[]> Ask(string address, string kind, object question, CancellationToken ct)
    {
        await using var call = channels.To(address).Duplex<ExplainPiece, ExplainPiece>(Method, new() { Timeout = Patience }, ct);
        foreach (var piece in ExplainWire.Pieces(kind, ExplainWire.Json(question)))
            await call.Write(piece, ct);
        await call.Complete();
        return (await ExplainWire.Read(call.Responses, ct)).Json;
    }
}
