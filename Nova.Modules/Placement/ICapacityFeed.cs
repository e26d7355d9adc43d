using System.Text.Json.Serialization;

namespace Nova.Modules.Placement;

/// <summary>
/// What pictures of capacity in memory are told, after the commit. In the committing process by a direct call; in others
/// through the outbox, with the same records as JSON. Values are absolute and carry the provider's generation, so that a
/// repeated or late message does no harm.
/// </summary>
public interface ICapacityFeed
{
    /// <summary>A provider was made, or its inventories, traits or aggregates changed.</summary>
    void ProviderChanged(ProviderState provider);

    /// <summary>A consumer took something, or gave it back.</summary>
    void UsageChanged(ProviderUsage usage);
}

/// <summary>A provider with everything that it has.</summary>
/// <param name="Id">The provider; for a host's root provider also the host.</param>
/// <param name="Generation">The generation that this state has.</param>
/// <param name="Inventories">All its inventories.</param>
/// <param name="Traits">All its traits.</param>
public sealed record ProviderState(Guid Id, long Generation, IReadOnlyList<Inventory> Inventories, IReadOnlyList<string> Traits)
{
    /// <summary>The generation of a provider that was deleted: what was known of it is forgotten, so that one of the same id may begin anew.</summary>
    public const long Gone = -1;

    /// <summary>A provider that was deleted.</summary>
    public static ProviderState GoneOf(Guid id) => new(id, Gone, [], []);

    /// <summary>All its aggregates.</summary>
    public IReadOnlyList<Guid> Aggregates { get; init; } = [];

    /// <summary>The root of its tree; null when it is one itself.</summary>
    public Guid? RootId { get; init; }
}

/// <summary>How much of some classes of a provider is used, after a change by one consumer.</summary>
/// <param name="ProviderId">The provider.</param>
/// <param name="Generation">The provider's generation after the change.</param>
/// <param name="ConsumerId">Whose allocations changed.</param>
/// <param name="Used">The new sums, only of the classes that changed.</param>
public sealed record ProviderUsage(Guid ProviderId, long Generation, Guid ConsumerId, IReadOnlyList<ResourceAmount> Used)
{
    /// <summary>True when the consumer is a server that came to the host by this, false when it left; null when neither is known.</summary>
    public bool? Holds { get; init; }

    /// <summary>The properties of the image of a server that came; null for none.</summary>
    public IReadOnlyDictionary<string, string>? ImageProperties { get; init; }
}

/// <summary>One resource class of a provider.</summary>
public sealed record Inventory
{
    /// <summary>The resource class, such as VCPU.</summary>
    public required string Class { get; init; }

    /// <summary>What there is, at least 1.</summary>
    public required long Total { get; init; }

    /// <summary>What is kept from consumers; 0 to <see cref="Total"/>.</summary>
    public long Reserved { get; init; }

    /// <summary>The smallest amount that one consumer may take.</summary>
    public long MinUnit { get; init; } = 1;

    /// <summary>The largest amount that one consumer may take.</summary>
    public required long MaxUnit { get; init; }

    /// <summary>Amounts are multiples of this.</summary>
    public long StepSize { get; init; } = 1;

    /// <summary>How many times the unreserved total may be given out.</summary>
    public double AllocationRatio { get; init; } = 1;

    /// <summary>The sum of the allocations.</summary>
    public long Used { get; init; }

    /// <summary>What may be given out in all, as the original rounds it.</summary>
    [JsonIgnore]
    public long Capacity => (long)((Total - Reserved) * AllocationRatio);
}

/// <summary>Serialises the feed's records into the outbox.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProviderState))]
[JsonSerializable(typeof(ProviderUsage))]
public sealed partial class FeedJson : JsonSerializerContext;
