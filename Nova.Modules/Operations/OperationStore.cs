using Nova.Modules.Shared.Database;

namespace Nova.Modules.Operations;

/// <summary>The table <c>operations</c>.</summary>
public sealed class OperationStore(Database database)
{
    private const string Columns =
        """
        id, server_id, project_id, user_id, request_id, action, kind, kind_version, written_by, status, step, state, caller,
        steps, owner, epoch, cancel, attempts, not_before, first_failed_at, fault, waits_for, started_at, updated_at, finished_at
        """;

    private static readonly SharedInsert NewRow = new(
        """
        operations (cell, id, server_id, project_id, user_id, request_id, action, kind, kind_version, written_by,
            status, step, state, caller, steps, owner, epoch, cancel, attempts, waits_for, started_at, updated_at)
        """, 22);

    // That nobody has asked it to turn round since the last save is assumed as well. COALESCE keeps the database away from the
    // indexes of unfinished operations, which are full of those that have just ended.
    private static readonly SharedChange Saved = new("operations", new(
        """
        UPDATE operations
        SET status = v.column1, step = v.column2, state = v.column3, steps = v.column4, epoch = v.column5, attempts = v.column6,
            not_before = v.column7, first_failed_at = v.column8, fault = v.column9, updated_at = v.column10, finished_at = v.column11,
            written_by = v.column12
        FROM {rows}
        WHERE operations.cell = v.column17 AND operations.id = v.column13 AND operations.owner = v.column14 AND operations.epoch = v.column15
            AND COALESCE(operations.finished_at, -1) = -1 AND operations.cancel = v.column16
        """, 17));

    /// <summary>Inserts an operation that is about to be driven, or (with WaitsFor) that waits for another.</summary>
    public void Insert(Tx tx, OperationRow row) => NewRow.TryRun(tx, [NewValues(row)]);

    /// <summary>
    /// The same for a server that this unit itself inserts: nobody can ask for its operation before the commit, so that the
    /// rows of a batch are one statement.
    /// </summary>
    public void InsertWithServer(Tx tx, OperationRow row) => tx.Append(NewRow, NewValues(row));

    private static SqlValue[] NewValues(OperationRow row) =>
    [
        0, row.Id, row.ServerId, row.ProjectId, row.UserId, row.RequestId, row.Action, row.Kind, row.KindVersion, row.WrittenBy,
        Text(row.Status), row.Step, row.State, row.Caller, row.Steps, row.Owner, row.Epoch, false, 0, row.WaitsFor, row.StartedAt, row.StartedAt,
    ];

    /// <summary>Inserts a change that was done at once as a finished action: a lock, a change of metadata.</summary>
    public void InsertFinished(Tx tx, OperationRow row) => tx.Run(
        """
        INSERT INTO operations (cell, id, server_id, project_id, user_id, request_id, action, kind, kind_version, written_by,
            status, state, caller, steps, epoch, cancel, attempts, started_at, updated_at, finished_at)
        VALUES (0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '{}', $11, $12, $13, FALSE, 0, $14, $14, $14)
        """,
        row.Id, row.ServerId, row.ProjectId, row.UserId, row.RequestId, row.Action, row.Kind, row.KindVersion, row.WrittenBy,
        Text(OperationStatus.Done), row.Caller, row.Steps, row.Epoch, row.StartedAt);

    /// <summary>
    /// Saves where the operation stands, for its owner at its epoch alone; the answer is whether somebody asked it to turn
    /// round meanwhile, or null when it has another owner or epoch.
    /// </summary>
    public bool? Save(Tx tx, OperationRow row, long nextEpoch)
    {
        if (!tx.Assumes)
            return SaveAlone(tx, row, nextEpoch);

        tx.Join(
            Saved,
            [
                Text(row.Status), row.Step, row.State, row.Steps, nextEpoch, row.Attempts, row.NotBefore, row.FirstFailedAt,
                row.Fault, row.UpdatedAt, row.FinishedAt, row.WrittenBy, row.Id, row.Owner, row.Epoch, row.Cancel, 0,
            ]);
        return row.Cancel;
    }

    private static bool? SaveAlone(Tx tx, OperationRow row, long nextEpoch) => tx.One<bool?>(
        """
        UPDATE operations
        SET status = $1, step = $2, state = $3, steps = $4, epoch = $5, attempts = $6, not_before = $7, first_failed_at = $8,
            fault = $9, updated_at = $10, finished_at = $11, written_by = $12
        WHERE cell = 0 AND id = $13 AND owner = $14 AND epoch = $15 AND finished_at IS NULL
        RETURNING cancel
        """,
        cancel => cancel.Bool(0),
        Text(row.Status), row.Step, row.State, row.Steps, nextEpoch, row.Attempts, row.NotBefore, row.FirstFailedAt,
        row.Fault, row.UpdatedAt, row.FinishedAt, row.WrittenBy, row.Id, row.Owner, row.Epoch);

    /// <summary>The kind of the operation that works on a server, and whether it still goes forward; null when there is none.</summary>
    public (string Kind, bool IsRunning)? Unfinished(Tx tx, Guid serverId) => tx.One<(string, bool)?>(
        "SELECT kind, status FROM operations WHERE server_id = $1 AND finished_at IS NULL AND waits_for IS NULL",
        row => (row.Text(0), row.Text(1) == Text(OperationStatus.Running)), serverId);

    /// <summary>
    /// Asks the unfinished operation of a server to turn round; null when there is none. A stuck one, which nobody drives,
    /// is given to <paramref name="self"/> and unwinds.
    /// </summary>
    public (Guid Id, Guid? Owner)? RequestCancel(Tx tx, Guid serverId, Guid self) => tx.One<(Guid, Guid?)?>(
        """
        UPDATE operations
        SET cancel = TRUE, owner = CASE WHEN status = 'stuck' THEN $2 ELSE owner END, status = CASE WHEN status = 'stuck' THEN 'unwinding' ELSE status END
        WHERE server_id = $1 AND finished_at IS NULL AND waits_for IS NULL
        RETURNING id, owner
        """,
        row => (row.Uuid(0), row.UuidOrNull(1)),
        serverId, self);

    /// <summary>The same for an operation that is stuck; null when the server has none, or one that goes on by itself.</summary>
    public (Guid Id, Guid? Owner)? CancelStuck(Tx tx, Guid serverId, Guid self) => tx.One<(Guid, Guid?)?>(
        """
        UPDATE operations SET cancel = TRUE, owner = $2, status = 'unwinding'
        WHERE server_id = $1 AND finished_at IS NULL AND waits_for IS NULL AND status = 'stuck'
        RETURNING id, owner
        """,
        row => (row.Uuid(0), row.UuidOrNull(1)),
        serverId, self);

    /// <summary>True when an operation of this server waits for the end of another.</summary>
    public bool HasWaiting(Tx tx, Guid serverId) =>
        tx.One<long?>("SELECT 1 FROM operations WHERE server_id = $1 AND waits_for IS NOT NULL", row => row.Long(0), serverId) is not null;

    /// <summary>The operation that waited for this one may start now, at the given epoch; null when none waited.</summary>
    public OperationRow? ReleaseSuccessor(Tx tx, Guid finishedId, Guid owner, long epoch) => tx.Find<OperationRow>(
        $"""
        UPDATE operations SET waits_for = NULL, owner = @owner, epoch = @epoch
        WHERE waits_for = @finishedId
        RETURNING {Columns}
        """, new { finishedId, owner, epoch });

    /// <summary>
    /// Takes the unfinished operations of dead owners (and, on a restart, of this instance's former incarnation), raising
    /// each server's epoch so that whatever the former owner still sends is refused.
    /// </summary>
    public List<OperationRow> TakeOver(Tx tx, IReadOnlyList<Guid> deadOwners, Guid newOwner, int limit)
    {
        var taken = new List<OperationRow>();
        foreach (var dead in deadOwners)
        {
            var ids = tx.Many(
                $"SELECT id FROM operations WHERE owner = $1 AND finished_at IS NULL ORDER BY id LIMIT $2 {tx.Dialect.ForUpdate}",
                row => row.Uuid(0), dead, limit - taken.Count);
            foreach (var id in ids)
                if (TakeOne(tx, id, dead, newOwner) is { } row)
                    taken.Add(row);
        }

        return taken;
    }

    /// <summary>One operation, or null.</summary>
    public Task<OperationRow?> Find(Guid id, CancellationToken ct) => database.Read(
        rows => rows.Find<OperationRow>($"SELECT {Columns} FROM operations WHERE cell = 0 AND id = @id", new { id }), ct);

    /// <summary>The operation that works on a server, or null.</summary>
    public Task<OperationRow?> UnfinishedOf(Guid serverId, CancellationToken ct) => database.Read(
        rows => rows.Find<OperationRow>($"SELECT {Columns} FROM operations WHERE server_id = @serverId AND finished_at IS NULL AND waits_for IS NULL", new { serverId }), ct);

    /// <summary>Those of the operations that exist.</summary>
    public Task<IReadOnlyList<OperationRow>> FindMany(IReadOnlyList<Guid> ids, CancellationToken ct) => ids.Count == 0
        ? Task.FromResult<IReadOnlyList<OperationRow>>([])
        : database.Read(
            async rows =>
            {
                var found = new List<OperationRow>(ids.Count);
                foreach (var id in ids)
                    if (await rows.Find<OperationRow>($"SELECT {Columns} FROM operations WHERE cell = 0 AND id = @id", new { id }) is { } row)
                        found.Add(row);
                return (IReadOnlyList<OperationRow>)found;
            },
            ct);

    /// <summary>What a conductor should be driving, and whether it is asked to turn round.</summary>
    public Task<List<(Guid Id, bool Cancel)>> Owned(Guid owner, CancellationToken ct) => database.ReadOne(
        rows => rows.Many(
            """
            SELECT id, cancel FROM operations
            WHERE owner = $1 AND finished_at IS NULL AND waits_for IS NULL AND status <> 'stuck'
            ORDER BY id
            """,
            row => (row.Uuid(0), row.Bool(1)), owner), ct);

    /// <summary>Owners of unfinished operations that hold no lease: conductors that are gone, or chosen when they were just gone.</summary>
    public Task<List<Guid>> OwnersWithoutLease(CancellationToken ct) => database.ReadOne(
        rows => rows.Many(
            """
            SELECT DISTINCT owner FROM operations
            WHERE finished_at IS NULL AND owner IS NOT NULL AND owner NOT IN (SELECT incarnation FROM instances)
            """,
            row => row.Uuid(0)), ct);

    /// <summary>Operations that did not end, oldest first; all states or one.</summary>
    public Task<IReadOnlyList<OperationRow>> Unfinished(OperationStatus? status, Guid? after, int limit, CancellationToken ct) => database.Read(
        rows => rows.Query<OperationRow>(
            $"""
            SELECT {Columns} FROM operations
            WHERE finished_at IS NULL
              {(status is null ? "" : "AND status = @status")} {(after is null ? "" : "AND id > @after")}
            ORDER BY id LIMIT @limit
            """, new { status = status is { } s ? Text(s) : null, after, limit }),
        ct);

    /// <summary>
    /// A page for operators, oldest first: the unfinished ones, or with a filter all that fit it.
    /// </summary>
    public Task<IReadOnlyList<OperationRow>> List(string? status, Guid? serverId, Guid? after, int limit, CancellationToken ct) => database.Read(
        rows => rows.Query<OperationRow>(
            $"""
            SELECT {Columns} FROM operations
            WHERE {(status is null && serverId is null ? "finished_at IS NULL" : "cell = 0")}
              {(status is null ? "" : "AND status = @status")} {(serverId is null ? "" : "AND server_id = @serverId")}
              {(after is null ? "" : "AND id > @after")}
            ORDER BY id LIMIT @limit
            """, new { status, serverId, after, limit }),
        ct);

    /// <summary>A stuck operation gets another owner and goes on in this direction; null when it is not stuck any more.</summary>
    public OperationRow? Free(Tx tx, OperationRow stuck, OperationStatus status, string steps, Guid owner) => tx.Find<OperationRow>(
        $"""
        UPDATE operations
        SET status = @status, steps = @steps, owner = @owner, attempts = 0, not_before = NULL, first_failed_at = NULL
        WHERE cell = 0 AND id = @Id AND status = 'stuck' AND epoch = @Epoch
        RETURNING {Columns}
        """, new { stuck.Id, stuck.Epoch, status = Text(status), steps, owner });

    /// <summary>The actions of a server, newest first.</summary>
    public Task<IReadOnlyList<OperationRow>> OfServer(Guid serverId, CancellationToken ct) => database.Read(
        rows => rows.Query<OperationRow>(
            $"SELECT {Columns} FROM operations WHERE server_id = @serverId ORDER BY started_at DESC, id DESC LIMIT 1000", new { serverId }),
        ct);

    /// <summary>The word of a status in the row.</summary>
    public static string Text(OperationStatus status) => status switch
    {
        OperationStatus.Running => "running",
        OperationStatus.Unwinding => "unwinding",
        OperationStatus.Done => "done",
        OperationStatus.Failed => "failed",
        _ => "stuck",
    };

    private static OperationRow? TakeOne(Tx tx, Guid id, Guid dead, Guid newOwner)
    {
        var row = tx.Find<OperationRow>(
            $"""
            UPDATE operations SET owner = @newOwner, epoch = epoch + 1
            WHERE cell = 0 AND id = @id AND owner = @dead AND finished_at IS NULL
            RETURNING {Columns}
            """, new { id, dead, newOwner });

        // A waiting operation gets its epoch when it starts.
        if (row is { WaitsFor: null })
            tx.Execute("UPDATE servers SET epoch = @Epoch WHERE cell = 0 AND id = @ServerId AND epoch < @Epoch", row);
        return row;
    }
}
