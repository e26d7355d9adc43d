using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

/// <summary>What consumers hold of which providers.</summary>
public static class HeldParts
{
    /// <summary>All that one consumer holds; empty when it holds nothing.</summary>
    public static async Task<IReadOnlyList<ProviderPart>> Of(Rows rows, Guid consumerId) =>
    [
        .. (await rows.Query<Row>("SELECT provider_id, class, used FROM allocations WHERE cell = 0 AND consumer_id = @consumerId", new { consumerId }))
            .GroupBy(r => r.ProviderId)
            .Select(g => new ProviderPart(g.Key, "", [.. g.Select(r => new ResourceAmount(r.Class, r.Used))])),
    ];

    private sealed class Row
    {
        public Guid ProviderId { get; init; }
        public string Class { get; init; } = "";
        public long Used { get; init; }
    }
}
