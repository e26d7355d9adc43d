using Nova.Modules.Quotas;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.ServerGroups;

/// <summary>The table <c>server_groups</c>, and who is in a group, which the rows of servers say.</summary>
public sealed class ServerGroupStore(Database database) : IGroupCount
{
    private const string CountOfUser = "SELECT COUNT(*) FROM server_groups WHERE project_id = @projectId AND user_id = @userId";

    private const string Select = "SELECT id, project_id, user_id, name, policy, max_server_per_host, created_at FROM server_groups";

    /// <summary>Raised after the commit that removed a group.</summary>
    public event Action? Changed;

    /// <summary>A page of a project's groups (null: of all projects), oldest first, with their members.</summary>
    public Task<IReadOnlyList<ServerGroup>> List(string? projectId, int limit, long offset, CancellationToken ct) => database.Read<IReadOnlyList<ServerGroup>>(
        async rows =>
        {
            var page = $"{(projectId is null ? "" : "WHERE project_id = @projectId")} ORDER BY created_at, id LIMIT @limit OFFSET @offset";
            var args = new { projectId, limit, offset };
            var groups = await rows.Query<ServerGroup>($"{Select} {page}", args);
            var members = (await rows.Query<Member>(
                $"""
                SELECT group_id, id FROM servers
                WHERE group_id IN (SELECT id FROM (SELECT id FROM server_groups {page}) AS page) AND deleted_at IS NULL
                ORDER BY created_at, id
                """, args)).ToLookup(m => m.GroupId, m => m.Id);
            return [.. groups.Select(g => g with { Members = [.. members[g.Id]] })];
        },
        ct);

    /// <summary>A group of a project (null: of any) with its members, or null.</summary>
    public Task<ServerGroup?> Find(Guid id, string? projectId, CancellationToken ct) => database.Read(
        async rows => await rows.Find<ServerGroup>($"{Select} WHERE id = @id {(projectId is null ? "" : "AND project_id = @projectId")}", new { id, projectId }) is { } group
            ? group with { Members = await rows.Query<Guid>("SELECT id FROM servers WHERE group_id = @id AND deleted_at IS NULL ORDER BY created_at, id", new { id }) }
            : null,
        ct);

    /// <summary>Inserts a new group.</summary>
    public void Insert(Tx tx, ServerGroup group) => tx.Execute(
        """
        INSERT INTO server_groups (id, project_id, user_id, name, policy, max_server_per_host, created_at)
        VALUES (@Id, @ProjectId, @UserId, @Name, @Policy, @MaxServerPerHost, @CreatedAt)
        """, group);

    /// <summary>Removes a group; the answer is its project, or null when there was none.</summary>
    public string? Delete(Tx tx, Guid id)
    {
        tx.AfterCommit(() => Changed?.Invoke());
        return tx.One("DELETE FROM server_groups WHERE id = $1 RETURNING project_id", row => row.Text(0), id);
    }

    /// <summary>
    /// Locks a group until the unit ends, before any provider is locked, and reads where its members are; null when it is
    /// gone. The member that is to be placed does not count.
    /// </summary>
    /// <param name="tx">The unit.</param>
    /// <param name="id">The group.</param>
    /// <param name="except">The server that is being placed; <see cref="Guid.Empty"/> for new ones.</param>
    public LockedGroup? Lock(Tx tx, Guid id, Guid except = default)
    {
        // Two statements: what is read after the lock was waited for has to be what its last holder committed.
        var group = tx.One(
            $"SELECT policy, max_server_per_host FROM server_groups WHERE id = $1 {tx.Dialect.ForUpdate}",
            row => new ServerGroup { Id = id, Policy = row.Text(0), MaxServerPerHost = row.LongOrNull(1) }, id);
        return group is null ? null : new(group.Request, tx.Many(
            "SELECT host_id, COUNT(*) FROM servers WHERE group_id = $1 AND deleted_at IS NULL AND id <> $2 GROUP BY host_id",
            row => (row.UuidOrNull(0), row.Long(1)), id, except));
    }

    /// <summary>How many members of a group one user made: the original counts the quota of members so.</summary>
    public long MembersOf(Tx tx, Guid id, string userId) =>
        tx.One("SELECT COUNT(*) FROM servers WHERE group_id = $1 AND user_id = $2 AND deleted_at IS NULL", row => row.Long(0), id, userId);

    /// <summary>The same, as it is now.</summary>
    public Task<long> MembersOf(Guid id, string userId, CancellationToken ct) => database.Read(
        rows => rows.Value<long>("SELECT COUNT(*) FROM servers WHERE group_id = @id AND user_id = @userId AND deleted_at IS NULL", new { id, userId }), ct);

    long IGroupCount.Of(Tx tx, string projectId, string userId) => tx.Find<long>(CountOfUser, new { projectId, userId });

    Task<long> IGroupCount.Of(Rows rows, string projectId, string userId) => rows.Value<long>(CountOfUser, new { projectId, userId });

    private sealed class Member
    {
        public Guid GroupId { get; init; }
        public Guid Id { get; init; }
    }
}
