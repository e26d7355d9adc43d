using System.Text.Json.Serialization;
using Nova.Modules.Placement.Providers;
using Nova.Modules.Shared;

namespace Nova.Modules.Placement.Allocations;

/// <summary>What a consumer holds. Whose it is is only said when it holds something.</summary>
internal sealed record ConsumerAllocationsResponse
{
    public required IReadOnlyDictionary<string, HeldOfProvider> Allocations { get; init; }

    [Since(12), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProjectId { get; init; }

    [Since(12), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UserId { get; init; }

    [Since(28), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ConsumerGeneration { get; init; }

    [Since(38), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ConsumerType { get; init; }

    public static ConsumerAllocationsResponse Of(IReadOnlyList<HeldAllocation> held)
    {
        var consumer = held.Count > 0 ? held[0].Consumer : null;
        return new()
        {
            Allocations = held.GroupBy(h => h.Allocation.ProviderId).ToDictionary(g => g.Key.ToString(), g => new HeldOfProvider(g.First().ProviderGeneration, Amounts(g))),
            ProjectId = consumer?.ProjectId,
            UserId = consumer?.UserId,
            ConsumerGeneration = consumer?.Generation,
            ConsumerType = consumer is null ? null : consumer.Type ?? Consumer.NoType,
        };
    }

    internal static Dictionary<string, long> Amounts(IEnumerable<HeldAllocation> held) => held.ToDictionary(h => h.Allocation.Class, h => h.Allocation.Used);
}

/// <summary>What a consumer holds of one provider.</summary>
internal sealed record HeldOfProvider(long Generation, IReadOnlyDictionary<string, long> Resources);

/// <summary>What is held of a provider, by consumer.</summary>
internal sealed record ProviderAllocationsResponse(IReadOnlyDictionary<string, HeldByConsumer> Allocations, long ResourceProviderGeneration)
{
    public static ProviderAllocationsResponse Of(Provider provider, IReadOnlyList<HeldAllocation> held) => new(
        held.GroupBy(h => h.Consumer.Id).ToDictionary(
            g => g.Key.ToString(), g => new HeldByConsumer { Resources = ConsumerAllocationsResponse.Amounts(g), ConsumerGeneration = g.First().Consumer.Generation }),
        provider.Generation);
}

/// <summary>What one consumer holds of a provider.</summary>
internal sealed record HeldByConsumer
{
    public required IReadOnlyDictionary<string, long> Resources { get; init; }

    [Since(28)]
    public long ConsumerGeneration { get; init; }
}
