using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Audit;

/// <summary>The answer of an audit.</summary>
/// <param name="Servers">Servers that were looked at.</param>
/// <param name="Differences">What does not add up; empty when all is well.</param>
public sealed record AuditResponse(long Servers, IReadOnlyList<AuditFinding> Differences);

/// <summary>The recount, for operators and benchmarks.</summary>
public sealed class AuditEndpoints(ServerAudit audit) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes) => routes.Get("/audit", Run).Requires("nova_host:audit");

    private async Task<Answer> Run(RequestContext caller, CancellationToken ct)
    {
        var report = await audit.Run(ct);
        return Answer.Json(new AuditResponse(report.Servers, report.Findings));
    }
}
