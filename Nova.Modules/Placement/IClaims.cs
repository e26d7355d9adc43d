using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

/// <summary>An amount of a resource class such as VCPU.</summary>
public readonly record struct ResourceAmount(string Class, long Amount);

/// <summary>What a consumer takes from one provider.</summary>
/// <param name="ProviderId">The resource provider.</param>
/// <param name="ConsumerId">The server.</param>
/// <param name="ProjectId">Who pays.</param>
/// <param name="UserId">Who asked.</param>
/// <param name="Resources">Classes and amounts, each at least 1.</param>
public sealed record Claim(Guid ProviderId, Guid ConsumerId, string ProjectId, string UserId, IReadOnlyList<ResourceAmount> Resources)
{
    /// <summary>The properties of the consumer's image, for pictures; null for none.</summary>
    public IReadOnlyDictionary<string, string>? ImageProperties { get; init; }

    /// <summary>True when the consumer is new and takes nothing else: then many claims are made together.</summary>
    public bool IsWhole { get; init; }
}

/// <summary>What is taken of one of the providers of a host.</summary>
/// <param name="ProviderId">The provider.</param>
/// <param name="Group">The group of the request; empty for what is in none.</param>
/// <param name="Resources">Classes and amounts, each at least 1.</param>
public sealed record ProviderPart(Guid ProviderId, string Group, IReadOnlyList<ResourceAmount> Resources);

/// <summary>Capacity, taken and given back inside a unit of work.</summary>
public interface IClaims
{
    /// <summary>
    /// Takes the resources if they still fit (total − reserved, times ratio, min, max and step kept) and writes consumer and
    /// allocations; false when they do not fit, and then nothing was changed. Repeating a claim that is held is true.
    /// </summary>
    bool TryClaim(Tx tx, Claim claim);

    /// <summary>
    /// Takes more for a consumer that holds something already; false when it does not fit, and then nothing was changed. Repeating it
    /// takes more again.
    /// </summary>
    bool TryAdd(Tx tx, Claim claim);

    /// <summary>For each group the first provider of a host that has the traits and room; null when one has none, and then nothing was changed.</summary>
    /// <param name="tx">The unit.</param>
    /// <param name="hostId">The host.</param>
    /// <param name="claim">Who takes; provider and resources are chosen here.</param>
    /// <param name="groups">What is taken of one provider each.</param>
    IReadOnlyList<ProviderPart>? TryAdd(Tx tx, Guid hostId, Claim claim, IReadOnlyList<(string Group, IReadOnlyList<string> Traits, IReadOnlyList<ResourceAmount> Resources)> groups);

    /// <summary>Gives back a part of what the consumer holds; what it does not hold any more is passed over.</summary>
    void GiveBack(Tx tx, Guid consumerId, IReadOnlyList<ProviderPart> parts);

    /// <summary>Gives back all that the consumer holds; harmless when it holds nothing.</summary>
    void Release(Tx tx, Guid consumerId);
}
