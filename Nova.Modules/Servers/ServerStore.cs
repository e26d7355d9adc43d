using Dapper;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers;

/// <summary>The table <c>servers</c>: what operations change. Lists are in <see cref="ServerQueries"/>.</summary>
public sealed class ServerStore(Database database)
{
    internal const string Columns =
        """
        id, epoch, project_id, user_id, name, hostname, description, vm_state, task_state, power_state, progress, host_id, host,
        node, zone, requested_zone, image_id, flavor AS flavor_json, key_name, public_key, user_data, config_drive,
        metadata AS metadata_json, tags AS tags_json, networks AS networks_json, access_ipv4, access_ipv6, locked_by,
        locked_reason, group_id, reservation_id, launch_index, fault, details AS details_json, created_at, updated_at, launched_at,
        terminated_at, deleted_at
        """;

    private static readonly SharedInsert NewServers = new(
        """
        servers (cell, id, epoch, project_id, user_id, name, hostname, description, vm_state, task_state, power_state,
            progress, host_id, host, node, zone, requested_zone, image_id, flavor, key_name, public_key, user_data, config_drive,
            metadata, tags, networks, access_ipv4, access_ipv6, reservation_id, launch_index, details, group_id, created_at, updated_at)
        """, 34);

    private static readonly SharedChange NowLaunched = new("servers", new(
        """
        UPDATE servers
        SET vm_state = v.column1, task_state = CASE WHEN task_state = 'deleting' THEN task_state END, power_state = v.column2, progress = 0,
            launched_at = v.column3, updated_at = v.column3
        FROM {rows}
        WHERE servers.cell = v.column4 AND servers.id = v.column5 AND servers.epoch = v.column6
        """, 6));

    private static readonly SharedChange NowDeleted = new("servers", new(
        """
        UPDATE servers
        SET vm_state = v.column1, task_state = NULL, power_state = 0, terminated_at = v.column2, deleted_at = v.column2, updated_at = v.column2
        FROM {rows}
        WHERE servers.cell = v.column3 AND servers.id = v.column4 AND servers.epoch = v.column5 AND servers.deleted_at IS NULL
        """, 5));

    /// <summary>A server that was not deleted, or null.</summary>
    public Task<Server?> Find(Guid id, CancellationToken ct) => database.Read(
        rows => rows.Find<Server>($"SELECT {Columns} FROM servers WHERE cell = 0 AND id = @id AND deleted_at IS NULL", new { id }), ct);

    /// <summary>Those of these servers that were not deleted; at most a few hundred are asked for.</summary>
    public Task<IReadOnlyList<Server>> Find(IReadOnlyList<Guid> ids, CancellationToken ct)
    {
        var values = new DynamicParameters();
        foreach (var (id, i) in ids.Select((id, i) => (id, i)))
            values.Add($"id{i}", id);
        return database.Read(
            rows => rows.Query<Server>($"SELECT {Columns} FROM servers WHERE cell = 0 AND id IN ({string.Join(", ", ids.Select((_, i) => $"@id{i}"))}) AND deleted_at IS NULL", values), ct);
    }

    /// <summary>A server, deleted or not, or null.</summary>
    public Task<Server?> FindAny(Guid id, CancellationToken ct) => database.Read(
        rows => rows.Find<Server>($"SELECT {Columns} FROM servers WHERE cell = 0 AND id = @id", new { id }), ct);

    /// <summary>The same inside a unit of work.</summary>
    public Server? Find(Tx tx, Guid id) =>
        tx.Find<Server>($"SELECT {Columns} FROM servers WHERE cell = 0 AND id = @id AND deleted_at IS NULL", new { id });

    /// <summary>The same, locked until the unit ends, for who changes what others may change too.</summary>
    public Server? FindLocked(Tx tx, Guid id) =>
        tx.Find<Server>($"SELECT {Columns} FROM servers WHERE cell = 0 AND id = @id AND deleted_at IS NULL {tx.Dialect.ForUpdate}", new { id });

    /// <summary>Inserts a new server.</summary>
    public void Insert(Tx tx, Server server) => tx.Join(
        NewServers,
        [
            0, server.Id, server.Epoch, server.ProjectId, server.UserId, server.Name, server.Hostname, server.Description, server.VmState,
            server.TaskState, server.PowerState, 0, server.HostId, server.Host, server.Node, server.Zone, server.RequestedZone,
            server.ImageId, server.FlavorJson, server.KeyName, server.PublicKey, server.UserData, server.ConfigDrive,
            server.MetadataJson, server.TagsJson, server.NetworksJson, server.AccessIpv4, server.AccessIpv6, server.ReservationId,
            server.LaunchIndex, server.DetailsJson, server.GroupId, server.CreatedAt, server.CreatedAt,
        ]);

    /// <summary>What a user changes without an operation.</summary>
    public void Update(Tx tx, Server server) => tx.Execute(
        """
        UPDATE servers
        SET name = @Name, hostname = @Hostname, description = @Description, access_ipv4 = @AccessIpv4, access_ipv6 = @AccessIpv6,
            requested_zone = @RequestedZone, metadata = @MetadataJson, tags = @TagsJson, details = @DetailsJson, updated_at = @UpdatedAt
        WHERE cell = 0 AND id = @Id
        """,
        server);

    /// <summary>What a rebuild changes beside <see cref="Update"/>.</summary>
    public void UpdateOrigin(Tx tx, Server server) => tx.Run(
        "UPDATE servers SET image_id = $1, key_name = $2, public_key = $3, user_data = $4 WHERE cell = 0 AND id = $5",
        server.ImageId, server.KeyName, server.PublicKey, server.UserData, server.Id);

    /// <summary>The interfaces of a server, after one of its ports was changed or removed.</summary>
    public void UpdateNetworks(Tx tx, Server server) => tx.Run(
        "UPDATE servers SET networks = $1, updated_at = $2 WHERE cell = 0 AND id = $3", server.NetworksJson, server.UpdatedAt, server.Id);

    /// <summary>
    /// Gives the server to an operation: sets its task and raises its epoch, if its states are as the action allows and nobody
    /// else works on it. The answer is the new epoch, or null when the states have changed meanwhile.
    /// </summary>
    public long? Begin(Tx tx, Server seen, string? taskState, long now) => tx.One<long?>(
        """
        UPDATE servers SET task_state = $1, epoch = epoch + 1, updated_at = $2
        WHERE cell = 0 AND id = $3 AND epoch = $4 AND deleted_at IS NULL
        RETURNING epoch
        """,
        row => row.Long(0),
        taskState, now, seen.Id, seen.Epoch);

    /// <summary>
    /// The server is being deleted; its epoch stays while another operation still has to turn round, which leaves the task
    /// as it is from now on. The answer is the epoch, or null when the server is gone.
    /// </summary>
    public long? BeginDelete(Tx tx, Guid id, string taskState, bool raiseEpoch, long now) => tx.One<long?>(
        """
        UPDATE servers SET task_state = $1, epoch = epoch + $2, updated_at = $3
        WHERE cell = 0 AND id = $4 AND deleted_at IS NULL
        RETURNING epoch
        """,
        row => row.Long(0),
        taskState, raiseEpoch ? 1 : 0, now, id);

    /// <summary>The server has a host: T2 of a create.</summary>
    public bool Place(Tx tx, Server server, long fromEpoch, long now) => tx.Changes(
        1,
        """
        UPDATE servers
        SET host_id = $1, host = $2, node = $3, zone = $4, networks = $5,
            task_state = CASE WHEN task_state = 'deleting' THEN task_state ELSE $6 END, epoch = $7, updated_at = $8
        WHERE cell = 0 AND id = $9 AND epoch = $10
        """,
        server.HostId, server.Host, server.Node, server.Zone, server.NetworksJson, server.TaskState, server.Epoch, now,
        server.Id, fromEpoch);

    /// <summary>The server has no host any more, and looks for one.</summary>
    public bool Unplace(Tx tx, Guid id, long epoch, long now) => tx.Changes(
        1,
        """
        UPDATE servers
        SET host_id = NULL, host = NULL, node = NULL, zone = NULL, networks = '[]',
            task_state = CASE WHEN task_state = 'deleting' THEN task_state ELSE $1 END, updated_at = $2
        WHERE cell = 0 AND id = $3 AND epoch = $4
        """,
        TaskStates.Scheduling, now, id, epoch);

    /// <summary>The first boot is done: T3 of a create.</summary>
    public bool Launched(Tx tx, Guid id, long epoch, int powerState, long now) =>
        tx.Join(NowLaunched, [VmStates.Active, powerState, now, 0, id, epoch]);

    /// <summary>A task ended well and left these states (null: those that it had).</summary>
    public bool Settle(Tx tx, Guid id, long epoch, string? vmState, int? powerState, long now) => tx.Changes(
        1,
        """
        UPDATE servers
        SET vm_state = COALESCE($1, vm_state), task_state = CASE WHEN task_state = 'deleting' THEN task_state END,
            power_state = COALESCE($2, power_state), updated_at = $3
        WHERE cell = 0 AND id = $4 AND epoch = $5
        """,
        vmState, powerState, now, id, epoch);

    /// <summary>A task failed: its fault is kept, and the server has this state (null: the one it had).</summary>
    public bool Fail(Tx tx, Guid id, long epoch, string? vmState, string faultJson, long now) => tx.Changes(
        1,
        """
        UPDATE servers
        SET vm_state = COALESCE($1, vm_state), task_state = CASE WHEN task_state = 'deleting' THEN task_state END, fault = $2, updated_at = $3
        WHERE cell = 0 AND id = $4 AND epoch = $5
        """,
        vmState, faultJson, now, id, epoch);

    /// <summary>The delete itself failed: the server is in ERROR and may be deleted again.</summary>
    public bool FailDelete(Tx tx, Guid id, long epoch, string faultJson, long now) => tx.Changes(
        1,
        "UPDATE servers SET vm_state = $1, task_state = NULL, fault = $2, updated_at = $3 WHERE cell = 0 AND id = $4 AND epoch = $5",
        VmStates.Error, faultJson, now, id, epoch);

    /// <summary>The server is gone; its row stays until it is purged.</summary>
    public bool Delete(Tx tx, Guid id, long epoch, long now) => tx.Join(NowDeleted, [VmStates.Deleted, now, 0, id, epoch]);

    /// <summary>The operation of this epoch shows another task.</summary>
    public bool SetTask(Tx tx, Guid id, long epoch, string taskState, long now) => tx.Changes(
        1,
        """
        UPDATE servers SET task_state = CASE WHEN task_state = 'deleting' THEN task_state ELSE $1 END, updated_at = $2
        WHERE cell = 0 AND id = $3 AND epoch = $4 AND deleted_at IS NULL
        """,
        taskState, now, id, epoch);

    /// <summary>Locks or (null) unlocks.</summary>
    public bool SetLock(Tx tx, Guid id, string? lockedBy, string? reason, long now) => tx.Run(
        "UPDATE servers SET locked_by = $1, locked_reason = $2, updated_at = $3 WHERE cell = 0 AND id = $4 AND deleted_at IS NULL", lockedBy, reason, now, id) == 1;

    /// <summary>An administrator says how the server is.</summary>
    public void ResetState(Tx tx, Guid id, string vmState, long now) => tx.Run(
        "UPDATE servers SET vm_state = $1, task_state = NULL, updated_at = $2 WHERE cell = 0 AND id = $3 AND deleted_at IS NULL", vmState, now, id);

    /// <summary>Servers that were deleted, and not touched since, before this time.</summary>
    public Task<IReadOnlyList<Server>> SoftDeletedBefore(long before, int limit, CancellationToken ct) => database.Read(
        rows => rows.Query<Server>(
            $"""
            SELECT {Columns} FROM servers
            WHERE vm_state = 'soft-delete' AND task_state IS NULL AND updated_at < @before AND deleted_at IS NULL
            ORDER BY updated_at, id LIMIT @limit
            """,
            new { before, limit }), ct);

    /// <summary>What a host reports of a guest that nobody works on: it stopped or started by itself.</summary>
    public bool Observe(Tx tx, Server seen, Guid hostId, string toVmState, int powerState, long now) => tx.Changes(
        1,
        """
        UPDATE servers SET vm_state = $1, power_state = $2, updated_at = $3
        WHERE cell = 0 AND id = $4 AND epoch = $5 AND host_id = $6 AND vm_state = $7 AND task_state IS NULL AND deleted_at IS NULL
        """,
        toVmState, powerState, now, seen.Id, seen.Epoch, hostId, seen.VmState);

    /// <summary>The members of a group that was removed are in none.</summary>
    public void LeaveGroup(Tx tx, Guid groupId) => tx.Execute("UPDATE servers SET group_id = NULL WHERE group_id = @groupId AND deleted_at IS NULL", new { groupId });

    /// <summary>How many servers a host has.</summary>
    public long CountOnHost(Tx tx, Guid hostId) => tx.Find<long>("SELECT COUNT(*) FROM servers WHERE host_id = @hostId AND deleted_at IS NULL", new { hostId });

    /// <summary>How many servers the hosts of an aggregate have.</summary>
    public long CountInAggregate(Tx tx, Guid aggregateId) => tx.Find<long>(
        "SELECT COUNT(*) FROM servers WHERE host_id IN (SELECT host_id FROM aggregate_hosts WHERE aggregate_id = @aggregateId) AND deleted_at IS NULL", new { aggregateId });

    /// <summary>The servers of a host with what a reconnecting host is compared with.</summary>
    public Task<IReadOnlyList<Server>> OfHost(Guid hostId, CancellationToken ct) => database.Read(
        rows => rows.Query<Server>($"SELECT {Columns} FROM servers WHERE host_id = @hostId AND deleted_at IS NULL ORDER BY id", new { hostId }), ct);
}
