using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Aggregates.Images;

/// <summary>A host was asked to cache an image.</summary>
public sealed record ImageOrder
{
    /// <summary>Names the command to the host: whoever repeats it joins what is under way.</summary>
    public Guid Id { get; init; }

    /// <summary>Which host.</summary>
    public Guid HostId { get; init; }

    /// <summary>Which image.</summary>
    public string ImageId { get; init; } = "";

    /// <summary>The request that asked for it.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>How often it failed.</summary>
    public int Attempts { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }
}

/// <summary>The table <c>image_orders</c>.</summary>
public sealed class ImageOrderStore(Database database, Ids ids, TimeProvider time)
{
    private const int MostAtOnce = 1000;

    /// <summary>Raised after the commit of new orders.</summary>
    public event Action? Ordered;

    /// <summary>Every host of an aggregate is to have the image; one that was asked already is asked anew.</summary>
    public void Insert(Tx tx, IReadOnlyList<Guid> hosts, string imageId, string requestId)
    {
        var now = Now;
        foreach (var host in hosts)
            tx.Run(
                """
                INSERT INTO image_orders (host_id, image_id, id, request_id, attempts, not_before, created_at) VALUES ($1, $2, $3, $4, 0, $5, $5)
                ON CONFLICT (host_id, image_id) DO UPDATE SET
                    id = excluded.id, request_id = excluded.request_id, attempts = 0, not_before = excluded.not_before, created_at = excluded.created_at
                """,
                host, imageId, ids.Next(), requestId, now);
        tx.AfterCommit(() => Ordered?.Invoke());
    }

    /// <summary>What may be tried now, oldest first.</summary>
    public Task<IReadOnlyList<ImageOrder>> Due(CancellationToken ct) => database.ReadOne(
        rows => rows.Query<ImageOrder>(
            """
            SELECT id, host_id, image_id, request_id, attempts, created_at FROM image_orders
            WHERE not_before <= @now ORDER BY created_at, id LIMIT @limit
            """, new { now = Now, limit = MostAtOnce }),
        ct);

    /// <summary>The order is done, or given up; one that was asked anew meanwhile stays.</summary>
    public Task Delete(ImageOrder order, CancellationToken ct) =>
        database.Write(tx => tx.Execute("DELETE FROM image_orders WHERE host_id = @HostId AND image_id = @ImageId AND id = @Id", order), ct);

    /// <summary>It failed, and is tried again later.</summary>
    public Task Postpone(ImageOrder order, TimeSpan wait, CancellationToken ct) => database.Write(
        tx => tx.Execute(
            "UPDATE image_orders SET attempts = attempts + 1, not_before = @at WHERE host_id = @HostId AND image_id = @ImageId AND id = @Id",
            new { at = Now + (long)wait.TotalMilliseconds, order.HostId, order.ImageId, order.Id }), ct);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();
}
