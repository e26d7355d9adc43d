using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Audit;

/// <summary>Something that does not add up.</summary>
/// <param name="Kind">What was looked at: capacity, quota, ports, operations …</param>
/// <param name="Subject">The id of whatever is wrong.</param>
/// <param name="Problem">One sentence for an operator.</param>
public sealed record AuditFinding(string Kind, string Subject, string Problem);

/// <summary>Counts again one kind of thing that is kept twice, or that belongs to a server. Every part sees the same snapshot.</summary>
public interface IAuditPart
{
    /// <summary>Everything that is wrong; empty when all is well.</summary>
    Task<IReadOnlyList<AuditFinding>> Look(Rows rows);
}
