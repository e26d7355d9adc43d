using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Audit;

/// <summary>What an audit looked at and found.</summary>
/// <param name="Servers">Servers that are not deleted.</param>
/// <param name="Findings">What does not add up; empty when all is well.</param>
public sealed record AuditReport(long Servers, IReadOnlyList<AuditFinding> Findings);

/// <summary>
/// Recounts everything that is kept as a sum or held for a server, in one snapshot: since each operation changes such
/// things together, it may be asked at any time, also while servers come and go.
/// </summary>
public sealed class ServerAudit(Database database, IEnumerable<IAuditPart> parts)
{
    /// <summary>Looks at everything.</summary>
    public Task<AuditReport> Run(CancellationToken ct) => database.Read(Look, ct);

    private async Task<AuditReport> Look(Rows rows)
    {
        var findings = new List<AuditFinding>();
        foreach (var part in parts)
            findings.AddRange(await part.Look(rows));
        return new(await rows.Value<long>("SELECT COUNT(*) FROM servers WHERE deleted_at IS NULL"), findings);
    }
}
