namespace Nova.Modules.Scheduling;

/// <summary>What a scheduler knows of a host aggregate beside its hosts, which say themselves where they belong.</summary>
/// <param name="Id">The aggregate; Placement knows it by the same id.</param>
/// <param name="Revision">Rises with each change; what is heard late is ignored.</param>
/// <param name="Name">Its name.</param>
/// <param name="Metadata">Its keys and values, <c>availability_zone</c> among them when it has one.</param>
public sealed record AggregateState(Guid Id, long Revision, string Name, IReadOnlyDictionary<string, string> Metadata);
