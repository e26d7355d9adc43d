using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Audit;

/// <summary>Servers and operations that have lost each other, ended operations that still keep something, and those that are stuck.</summary>
public sealed class OperationAudit : IAuditPart
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<AuditFinding>> Look(Rows rows) =>
    [
        .. await Find(rows, "The server has a task, and no operation works on it.",
            """
            SELECT s.id FROM servers s
            WHERE s.deleted_at IS NULL AND s.task_state IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.server_id = s.id AND o.finished_at IS NULL)
            """),
        .. await Find(rows, "The operation works on a server that is gone.",
            """
            SELECT o.id FROM operations o
            WHERE o.finished_at IS NULL AND NOT EXISTS (SELECT 1 FROM servers s WHERE s.id = o.server_id AND s.deleted_at IS NULL)
            """),
        .. await Find(rows, "The operation waits for one that has ended.",
            """
            SELECT o.id FROM operations o
            WHERE o.finished_at IS NULL AND o.waits_for IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM operations p WHERE p.id = o.waits_for AND p.finished_at IS NULL)
            """),
        .. await Find(rows, "The operation is stuck: resume or unwind it.",
            "SELECT id FROM operations WHERE finished_at IS NULL AND status = 'stuck'"),
        .. await Find(rows, "The operation has ended and still keeps its state.",
            "SELECT id FROM operations WHERE finished_at IS NOT NULL AND state <> '{}'"),
    ];

    private static async Task<IEnumerable<AuditFinding>> Find(Rows rows, string problem, string sql) =>
        (await rows.Query<Guid>(sql)).Select(id => new AuditFinding("operations", id.ToString(), problem));
}
