using Nova.Modules.Shared.Database;

namespace Nova.Modules.Quotas;

/// <summary>Counts the server groups of one user of a project: limits of users are rare, so that they have no counters.</summary>
public interface IGroupCount
{
    /// <summary>Inside the unit of work that takes quota, after the project's counter is locked.</summary>
    long Of(Tx tx, string projectId, string userId);

    /// <summary>As it is now.</summary>
    Task<long> Of(Rows rows, string projectId, string userId);
}

/// <summary>Sums what the servers of a project hold of resource classes: only for those that have a limit, which is rare.</summary>
public interface IClassCount
{
    /// <summary>Inside the unit of work that takes quota, after the project's counters are locked.</summary>
    IReadOnlyDictionary<string, long> Of(Tx tx, string projectId);

    /// <summary>As it is now.</summary>
    Task<IReadOnlyDictionary<string, long>> Of(Rows rows, string projectId);
}
