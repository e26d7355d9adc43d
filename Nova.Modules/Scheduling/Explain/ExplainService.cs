using Nova.Modules.Rpc;
using Nova.Modules.Scheduling.Wire;

namespace Nova.Modules.Scheduling.Explain;

/// <summary>The explainer of this process for others: one question, one answer, both in pieces.</summary>
internal sealed class ExplainService(Explainer explainer)
{
    public async IAsyncEnumerable<ExplainPiece> Explain(IAsyncEnumerable<ExplainPiece> pieces, RpcContext context)
    {
        var ct = context.Cancellation;
        var (kind, json) = await ExplainWire.Read(pieces, ct);
        foreach (var piece in ExplainWire.Pieces(kind, await Answer(kind, json, ct)))
            yield return piece;
    }

    private async Task<byte[]> Answer(string kind, byte[] question, CancellationToken ct) => kind switch
    {
        ExplainWire.DryRun => ExplainWire.Json(await explainer.DryRun(ExplainWire.Of<PlacementRequest>(question), ct)),
        ExplainWire.Room => ExplainWire.Json(await explainer.Room(ExplainWire.Of<PlacementRequest>(question), ct)),
        ExplainWire.WhatIf => ExplainWire.Json(await explainer.WhatIf(ExplainWire.Of<Change>(question), ct)),
        ExplainWire.Record => await explainer.Record(ExplainWire.Of<Question>(question), ct),
        _ => throw new RpcException(RpcCode.Unimplemented, $"This release does not know the question '{kind}'."),
    };
}
