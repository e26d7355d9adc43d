using System.Text.Json;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Scheduling;

/// <summary>Reads what schedulers know of host aggregates, and tells their pictures when one changed.</summary>
public sealed class AggregateStates(IEnumerable<IPictureFeed> feeds)
{
    /// <summary>The key of the metadata that makes an aggregate an availability zone; a column of its own.</summary>
    public const string ZoneKey = "availability_zone";

    private readonly IPictureFeed[] _feeds = [.. feeds];

    /// <summary>All aggregates.</summary>
    public static async Task<IReadOnlyList<AggregateState>> Read(Rows rows) =>
    [
        .. (await rows.Query<AggregateRow>("SELECT id, revision, name, zone, metadata FROM aggregates"))
            .Select(row => new AggregateState(row.Id, row.Revision, row.Name, MetadataOf(row.Metadata, row.Zone))),
    ];

    /// <summary>The keys and values of a row: its JSON, and its zone.</summary>
    public static IReadOnlyDictionary<string, string> MetadataOf(string json, string? zone)
    {
        var metadata = JsonSerializer.Deserialize<Dictionary<string, string>>(json)!;
        if (zone is not null)
            metadata[ZoneKey] = zone;
        return metadata;
    }

    /// <summary>The unit made or changed an aggregate.</summary>
    public void Changed(Tx tx, AggregateState aggregate)
    {
        foreach (var feed in _feeds)
            tx.AfterCommit(() => feed.AggregateChanged(aggregate));
        tx.Emit(new("aggregate.changed", aggregate.Id.ToString(), null, JsonSerializer.Serialize(aggregate)));
    }

    /// <summary>The unit removed an aggregate, which has no hosts.</summary>
    public void Removed(Tx tx, Guid aggregateId)
    {
        foreach (var feed in _feeds)
            tx.AfterCommit(() => feed.AggregateRemoved(aggregateId));
        tx.Emit(new("aggregate.deleted", aggregateId.ToString(), null, "{}"));
    }

    private sealed class AggregateRow
    {
        public Guid Id { get; init; }
        public long Revision { get; init; }
        public string Name { get; init; } = "";
        public string? Zone { get; init; }
        public string Metadata { get; init; } = "{}";
    }
}
