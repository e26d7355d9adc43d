using Nova.Modules.Shared.Database;

namespace Nova.Modules.Quotas;

/// <summary>Counts the servers of one user of a project: limits of users are rare, so that they have no counters.</summary>
public interface IServerCount
{
    /// <summary>Inside the unit of work that takes quota, after the project's counters are locked.</summary>
    ServerUsage Of(Tx tx, string projectId, string userId);

    /// <summary>As it is now.</summary>
    Task<ServerUsage> Of(Rows rows, string projectId, string userId);
}
