using System.Text.Json;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Aggregates;

/// <summary>The tables <c>aggregates</c> and <c>aggregate_hosts</c>.</summary>
public sealed class AggregateStore(Database database)
{
    private const string Select = "SELECT id, number, name, zone, metadata, revision, created_at, updated_at FROM aggregates";

    private const string SelectHosts = "SELECT m.aggregate_id, h.name FROM aggregate_hosts m JOIN hosts h ON h.id = m.host_id";

    /// <summary>All, in the order of their numbers.</summary>
    public Task<IReadOnlyList<Aggregate>> List(CancellationToken ct) => database.Read<IReadOnlyList<Aggregate>>(
        async rows =>
        {
            var all = await rows.Query<Row>($"{Select} ORDER BY number");
            var hosts = (await rows.Query<HostRow>($"{SelectHosts} ORDER BY m.added_at, h.number")).ToLookup(h => h.AggregateId, h => h.Name);
            return [.. all.Select(row => row.ToAggregate([.. hosts[row.Id]]))];
        },
        ct);

    /// <summary>The aggregate of a number, or null.</summary>
    public Task<Aggregate?> Find(long number, CancellationToken ct) => database.Read(
        async rows => await rows.Find<Row>($"{Select} WHERE number = @number", new { number }) is { } row
            ? row.ToAggregate([.. (await rows.Query<HostRow>(OfOne, new { row.Id })).Select(h => h.Name)])
            : null,
        ct);

    /// <summary>The same inside a unit of work, locked until it ends.</summary>
    public Aggregate? FindLocked(Tx tx, long number) =>
        tx.Find<Row>($"{Select} WHERE number = @number {tx.Dialect.ForUpdate}", new { number }) is { } row
            ? row.ToAggregate([.. tx.Query<HostRow>(OfOne, new { row.Id }).Select(h => h.Name)])
            : null;

    /// <summary>False when the name is taken.</summary>
    public bool TryInsert(Tx tx, Aggregate aggregate) => tx.Execute(
        """
        INSERT INTO aggregates (id, number, name, zone, metadata, revision, created_at)
        VALUES (@Id, @Number, @Name, @Zone, @Metadata, @Revision, @CreatedAt)
        ON CONFLICT (name) DO NOTHING
        """, RowOf(aggregate)) == 1;

    /// <summary>Whether another aggregate has the name.</summary>
    public bool IsTaken(Tx tx, string name, Guid except) =>
        tx.Find<long>("SELECT COUNT(*) FROM aggregates WHERE name = @name AND id <> @except", new { name, except }) > 0;

    /// <summary>Writes name, zone, metadata, revision and time.</summary>
    public void Update(Tx tx, Aggregate aggregate) => tx.Execute(
        "UPDATE aggregates SET name = @Name, zone = @Zone, metadata = @Metadata, revision = @Revision, updated_at = @UpdatedAt WHERE id = @Id",
        RowOf(aggregate));

    /// <summary>Removes an aggregate without hosts.</summary>
    public void Delete(Tx tx, Guid id) => tx.Execute("DELETE FROM aggregates WHERE id = @id", new { id });

    /// <summary>False when the host is in it already.</summary>
    public bool TryAdd(Tx tx, Guid id, Guid hostId, long now) => tx.Execute(
        """
        INSERT INTO aggregate_hosts (aggregate_id, host_id, added_at) VALUES (@id, @hostId, @now)
        ON CONFLICT (aggregate_id, host_id) DO NOTHING
        """, new { id, hostId, now }) == 1;

    /// <summary>False when the host is not in it.</summary>
    public bool TryRemove(Tx tx, Guid id, Guid hostId) =>
        tx.Execute("DELETE FROM aggregate_hosts WHERE aggregate_id = @id AND host_id = @hostId", new { id, hostId }) == 1;

    /// <summary>The aggregates that a host is in.</summary>
    public IReadOnlyList<Guid> OfHost(Tx tx, Guid hostId) =>
        tx.Query<Guid>("SELECT aggregate_id FROM aggregate_hosts WHERE host_id = @hostId", new { hostId });

    /// <summary>The hosts of an aggregate.</summary>
    public IReadOnlyList<Guid> HostsOf(Tx tx, Guid id) => tx.Query<Guid>("SELECT host_id FROM aggregate_hosts WHERE aggregate_id = @id", new { id });

    /// <summary>
    /// The host of a name, or null; its row is locked until the unit ends, so that two units cannot put it into two zones.
    /// </summary>
    public Guid? LockHost(Tx tx, string name) => tx.Find<Guid?>($"SELECT id FROM hosts WHERE name = @name {tx.Dialect.ForUpdate}", new { name });

    /// <summary>Locks the hosts of an aggregate, in the order of their ids.</summary>
    public void LockHosts(Tx tx, Guid id) => tx.Query<Guid>(
        $"SELECT id FROM hosts WHERE id IN (SELECT host_id FROM aggregate_hosts WHERE aggregate_id = @id) ORDER BY id {tx.Dialect.ForUpdate}", new { id });

    /// <summary>The zones that other aggregates give to a host.</summary>
    public IReadOnlyList<string> OtherZonesOfHost(Tx tx, Guid id, Guid hostId) => tx.Query<string>(
        """
        SELECT a.zone FROM aggregates a JOIN aggregate_hosts m ON m.aggregate_id = a.id
        WHERE m.host_id = @hostId AND a.id <> @id AND a.zone IS NOT NULL
        ORDER BY a.number
        """, new { id, hostId });

    /// <summary>The zones that other aggregates give to hosts of this one, each aggregate once.</summary>
    public IReadOnlyList<string> OtherZonesOfHosts(Tx tx, Guid id) => tx.Query<string>(
        """
        SELECT a.zone FROM aggregates a
        WHERE a.id <> @id AND a.zone IS NOT NULL AND EXISTS (
            SELECT 1 FROM aggregate_hosts m JOIN aggregate_hosts mine ON mine.host_id = m.host_id
            WHERE m.aggregate_id = a.id AND mine.aggregate_id = @id)
        ORDER BY a.number
        """, new { id });

    private const string OfOne = $"{SelectHosts} WHERE m.aggregate_id = @Id ORDER BY m.added_at, h.number";

    private static Row RowOf(Aggregate aggregate) => new()
    {
        Id = aggregate.Id,
        Number = aggregate.Number,
        Name = aggregate.Name,
        Zone = aggregate.Zone,
        Metadata = JsonSerializer.Serialize(aggregate.Metadata.Where(m => m.Key != AggregateStates.ZoneKey).ToDictionary()),
        Revision = aggregate.Revision,
        CreatedAt = aggregate.CreatedAt,
        UpdatedAt = aggregate.UpdatedAt,
    };

    private sealed class HostRow
    {
        public Guid AggregateId { get; init; }
        public string Name { get; init; } = "";
    }

    private sealed class Row
    {
        public Guid Id { get; init; }
        public long Number { get; init; }
        public string Name { get; init; } = "";
        public string? Zone { get; init; }
        public string Metadata { get; init; } = "{}";
        public long Revision { get; init; }
        public long CreatedAt { get; init; }
        public long? UpdatedAt { get; init; }

        public Aggregate ToAggregate(IReadOnlyList<string> hosts) => new()
        {
            Id = Id,
            Number = Number,
            Name = Name,
            Zone = Zone,
            Metadata = AggregateStates.MetadataOf(Metadata, Zone),
            Revision = Revision,
            Hosts = hosts,
            CreatedAt = CreatedAt,
            UpdatedAt = UpdatedAt,
        };
    }
}
