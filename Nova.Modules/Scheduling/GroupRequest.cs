namespace Nova.Modules.Scheduling;

/// <summary>The policies of server groups, as the API spells them.</summary>
public static class GroupPolicies
{
    /// <summary>All members on one host.</summary>
    public const string Affinity = "affinity";

    /// <summary>At most so many members on a host, 1 unless the group's rule says otherwise.</summary>
    public const string AntiAffinity = "anti-affinity";

    /// <summary>Together where possible.</summary>
    public const string SoftAffinity = "soft-affinity";

    /// <summary>Apart where possible.</summary>
    public const string SoftAntiAffinity = "soft-anti-affinity";
}

/// <summary>The server group that the servers of a request are in; its members' hosts are in the picture.</summary>
public sealed record GroupRequest
{
    /// <summary>The group.</summary>
    public required Guid Id { get; init; }

    /// <summary>One of <see cref="GroupPolicies"/>.</summary>
    public required string Policy { get; init; }

    /// <summary>How many members a host may have with anti-affinity; at least 1.</summary>
    public long MaxPerHost { get; init; } = 1;

    /// <summary>
    /// Where members were when a claim was refused because of them. Counts beside the picture, which had not heard of them.
    /// </summary>
    public IReadOnlyList<HostMembers> Seen { get; init; } = [];
}

/// <summary>How many members of a server group a host has.</summary>
public readonly record struct HostMembers(Guid HostId, long Members);

/// <summary>Where a member of a server group is now.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="ServerId">The member.</param>
/// <param name="HostId">Its host, or null when it has none any more.</param>
public sealed record GroupMember(Guid GroupId, Guid ServerId, Guid? HostId);
