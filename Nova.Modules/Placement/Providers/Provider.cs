namespace Nova.Modules.Placement.Providers;

/// <summary>Something that has resources: a host, a part of one, or a thing that hosts share.</summary>
/// <param name="Id">Its id; for a host's root provider also the host's.</param>
/// <param name="Name">Unique.</param>
/// <param name="Generation">Rises with every change that the API says so of; a client sends back the one that it saw.</param>
/// <param name="ParentId">The provider that it is a part of, or null for the root of a tree.</param>
/// <param name="RootId">The root of its tree; itself when it is one.</param>
/// <param name="UpdatedAt">When it was changed; milliseconds since 1970 UTC.</param>
public sealed record Provider(Guid Id, string Name, long Generation, Guid? ParentId, Guid RootId, long UpdatedAt);
