namespace Nova.Modules.Placement.Allocations;

/// <summary>Someone who holds allocations.</summary>
/// <param name="Id">A server, a migration, or whatever a client wants to be.</param>
/// <param name="Generation">Rises with every change of its allocations.</param>
/// <param name="ProjectId">Who pays.</param>
/// <param name="UserId">Who asked.</param>
/// <param name="Type">Such as INSTANCE; null for clients before 1.38.</param>
internal sealed record Consumer(Guid Id, long Generation, string ProjectId, string UserId, string? Type)
{
    /// <summary>What a client that named no project or user stands for.</summary>
    public const string Incomplete = "00000000-0000-0000-0000-000000000000";

    /// <summary>How a consumer without a type is shown.</summary>
    public const string NoType = "unknown";
}

/// <summary>One allocation: so much of a class of one provider.</summary>
internal sealed record Allocation(Guid ConsumerId, Guid ProviderId, string Class, long Used);

/// <summary>What a request wants a consumer to hold from now on, instead of all that it holds.</summary>
/// <param name="Id">The consumer.</param>
/// <param name="ProjectId">Who pays.</param>
/// <param name="UserId">Who asked.</param>
/// <param name="Generation">What the client believes; null for a consumer that is new.</param>
/// <param name="ChecksGeneration">False for clients before 1.28.</param>
/// <param name="Type">Null for clients before 1.38.</param>
/// <param name="Allocations">Empty to give everything back.</param>
internal sealed record ConsumerChange(
    Guid Id, string ProjectId, string UserId, long? Generation, bool ChecksGeneration, string? Type, IReadOnlyList<Allocation> Allocations);
