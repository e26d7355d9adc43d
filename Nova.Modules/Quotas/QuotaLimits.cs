using System.Collections.Frozen;

namespace Nova.Modules.Quotas;

/// <summary>The limits of a project and of those of its users who have limits of their own; -1 is unlimited.</summary>
/// <param name="Project">By resource, all of them.</param>
/// <param name="OfUsers">What was set for users of the project.</param>
/// <param name="Basis">The settings of that moment.</param>
public sealed record QuotaLimits(
    FrozenDictionary<string, long> Project, FrozenDictionary<string, FrozenDictionary<string, long>> OfUsers, QuotaOptions Basis)
{
    /// <summary>Where the limits come from when that is the identity service, which knows no limits of users; else null.</summary>
    public UnifiedLimits? Unified { get; init; }

    /// <summary>What the API shows of a user, or of the project.</summary>
    public IReadOnlyDictionary<string, long> Shown(string? userId) => Unified?.Shown ?? Of(userId).ByName;

    private static readonly string[] OfServers = ["instances", "cores", "ram", "server_group_members"];

    /// <summary>What holds for a user: the user's own limits over the project's.</summary>
    public HeldLimits Of(string? userId)
    {
        if (userId is null || !OfUsers.TryGetValue(userId, out var own))
            return new(Project) { Unified = Unified };

        var limits = new Dictionary<string, long>(Project);
        foreach (var (resource, limit) in own)
            limits[resource] = limit;
        return new(limits);
    }

    /// <summary>True when the user has a limit of server groups of their own.</summary>
    public bool BindsGroupsOf(string userId) => OfUsers.TryGetValue(userId, out var own) && own.ContainsKey("server_groups");

    /// <summary>True when the user has a limit of servers of their own.</summary>
    public bool BindsServersOf(string userId) => OfUsers.TryGetValue(userId, out var own) && OfServers.Any(own.ContainsKey);

    /// <summary>The sum of what was set for users of the project.</summary>
    public long SumOfUsers(string resource) => OfUsers.Values.Sum(own => own.GetValueOrDefault(resource));
}

/// <summary>Limits that servers are taken from: of the project, or of one user of it.</summary>
/// <param name="ProjectId">The project.</param>
/// <param name="UserId">Null for the project as a whole.</param>
/// <param name="Limits">What it may have.</param>
public sealed record QuotaScope(string ProjectId, string? UserId, HeldLimits Limits);
