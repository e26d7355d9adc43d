using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Allocations;

/// <summary>The rows of consumers and their allocations, for writing.</summary>
internal static class AllocationRows
{
    // All rows are of the first cell until there is a second database.
    private const long Cell = 0;

    private static readonly SizedStatement Consumers = new(count =>
        $"SELECT id, generation, project_id, user_id, type FROM consumers WHERE cell = $1 AND id IN {Bulk.List(2, count)} ORDER BY id");

    private static readonly SizedStatement ConsumersForUpdate = new(count => $"{Consumers[count]} FOR UPDATE");

    private static readonly SizedStatement Held = new(count =>
        $"SELECT consumer_id, provider_id, class, used FROM allocations WHERE cell = $1 AND consumer_id IN {Bulk.List(2, count)}");

    private static readonly SizedStatement AddConsumers = new(count =>
        $"""
        INSERT INTO consumers (cell, id, generation, project_id, user_id, type, updated_at) VALUES {Bulk.Rows(1, 7, count)}
        ON CONFLICT (cell, id) DO NOTHING
        """);

    private static readonly SizedStatement ChangeConsumers = new(count =>
        $"""
        UPDATE consumers SET generation = v.column2, project_id = v.column3, user_id = v.column4, type = v.column5, updated_at = $2
        FROM (VALUES {Bulk.Rows(3, 5, count)}) AS v
        WHERE consumers.cell = $1 AND consumers.id = v.column1
        """);

    private static readonly SizedStatement DeleteConsumers = new(count => $"DELETE FROM consumers WHERE cell = $1 AND id IN {Bulk.List(2, count)}");

    private static readonly SizedStatement Delete = new(count => $"DELETE FROM allocations WHERE cell = $1 AND consumer_id IN {Bulk.List(2, count)}");

    private static readonly SizedStatement Insert = new(count =>
        $"INSERT INTO allocations (cell, consumer_id, provider_id, class, used) VALUES {Bulk.Rows(1, 5, count)}");

    /// <summary>Those of the consumers that exist, kept from other writers.</summary>
    public static Dictionary<Guid, Consumer> Lock(Tx tx, IReadOnlyList<SqlValue> ids) => Bulk.Many(
        tx,
        tx.Dialect.ForUpdate.Length > 0 ? ConsumersForUpdate : Consumers,
        ids,
        row => new Consumer(row.Uuid(0), row.Long(1), row.Text(2), row.Text(3), row.TextOrNull(4)),
        Cell).ToDictionary(c => c.Id);

    /// <summary>All that the consumers hold.</summary>
    public static List<Allocation> HeldBy(Tx tx, IReadOnlyList<SqlValue> consumerIds) =>
        Bulk.Many(tx, Held, consumerIds, row => new Allocation(row.Uuid(0), row.Uuid(1), row.Text(2), row.Long(3)), Cell);

    /// <summary>Consumers that are new; false when another writer has made one of them.</summary>
    public static bool TryAdd(Tx tx, IReadOnlyCollection<Consumer> consumers, long now) => Bulk.RunRows(
        tx, AddConsumers, [.. consumers.Select(c => new SqlValue[] { Cell, c.Id, c.Generation, c.ProjectId, c.UserId, c.Type, now })]) == consumers.Count;

    /// <summary>Consumers as they are now.</summary>
    public static void Change(Tx tx, IEnumerable<Consumer> consumers, long now) => Bulk.RunRows(
        tx, ChangeConsumers, [.. consumers.Select(c => new SqlValue[] { c.Id, c.Generation, c.ProjectId, c.UserId, c.Type })], Cell, now);

    /// <summary>Consumers that hold nothing any more.</summary>
    public static void Remove(Tx tx, IReadOnlyList<SqlValue> consumerIds) => Bulk.Run(tx, DeleteConsumers, consumerIds, Cell);

    /// <summary>The consumers hold nothing.</summary>
    public static void Clear(Tx tx, IReadOnlyList<SqlValue> consumerIds) => Bulk.Run(tx, Delete, consumerIds, Cell);

    /// <summary>Writes allocations.</summary>
    public static void Add(Tx tx, IEnumerable<Allocation> allocations) => Bulk.RunRows(
        tx, Insert, [.. allocations.Select(a => new SqlValue[] { Cell, a.ConsumerId, a.ProviderId, a.Class, a.Used })]);
}
