using Nova.Modules.Placement;

namespace Nova.Modules.Scheduling.Explain;

/// <summary>Questions to a scheduler that change nothing. See docs/explaining.md.</summary>
public interface IExplainer
{
    /// <summary>What the answer to a request would be now. Asked beside the choices themselves: takes as long as two of them.</summary>
    /// <param name="request">The request; its servers exist nowhere yet.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="Shared.Fault">503: no scheduler answers.</exception>
    Task<Verdict> DryRun(PlacementRequest request, CancellationToken ct);

    /// <summary>How many more servers alike fit now.</summary>
    /// <param name="one">A request for one.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="Shared.Fault">503: no scheduler answers.</exception>
    Task<Capacity> Room(PlacementRequest one, CancellationToken ct);

    /// <summary>What would become of servers and room if hosts went or came; tried on a copy.</summary>
    /// <exception cref="Shared.Fault">400: a host that is named is not there. 503: no scheduler answers.</exception>
    Task<Outcome> WhatIf(Change change, CancellationToken ct);

    /// <summary>Everything that an answer depends on, with the answer: JSON of a <see cref="Recording"/>.</summary>
    /// <exception cref="Shared.Fault">503: no scheduler answers.</exception>
    Task<byte[]> Record(Question question, CancellationToken ct);
}

/// <summary>What to choose for a server that may have a place already.</summary>
/// <param name="Request">What it wants.</param>
/// <param name="Held">What it holds now, which is counted as free.</param>
public sealed record Question(PlacementRequest Request, IReadOnlyList<ProviderPart> Held);
