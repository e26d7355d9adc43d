using Nova.Drivers.Network.Embedded.Routers;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>
/// The picture in memory. A change in this process drops it as soon as it is durable; changes by other processes are
/// noticed by the generation in the database, which is looked at once a second at most.
/// </summary>
public sealed class PictureCache(Db database, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _reading = new(1);

    private long _changes;
    private Loaded? _loaded;

    /// <summary>The picture; from memory in the steady state. Of many who find it stale one reads, the others wait for it.</summary>
    public async ValueTask<NetworkPicture> Get(CancellationToken ct)
    {
        if (Fresh() is { } fresh)
            return fresh;

        await _reading.WaitAsync(ct);
        try
        {
            return Fresh() ?? await Refresh(ct);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>The picture inside a transaction: from memory when there is one, else read through the transaction.</summary>
    public NetworkPicture Get(Tx tx) =>
        Volatile.Read(ref _loaded) is { } loaded && loaded.Changes == Interlocked.Read(ref _changes) ? loaded.Picture : Load(tx);

    /// <summary>To be called in every transaction that changes networks, subnets, routers, groups or rules.</summary>
    public void Changed(Tx tx)
    {
        tx.Run("UPDATE network_generation SET generation = generation + 1 WHERE id = 1");
        tx.AfterCommit(Forget);
    }

    /// <summary>Another process said that something changed: the next question reads it.</summary>
    public void Forget() => Interlocked.Increment(ref _changes);

    /// <summary>Reads the rows as the transaction sees them; not kept, because others of the batch may still fail.</summary>
    public static NetworkPicture Load(Tx tx) => new(
        generation: 0,
        tx.Query<NetworkRow>(Networks),
        tx.Query<SubnetRow>(Subnets),
        tx.Query<SecurityGroupRow>(Groups),
        tx.Query<SecurityGroupRuleRow>(Rules),
        tx.Query<RouterRow>(Routers),
        tx.Query<RouterLegRow>(RouterLegs));

    internal static async Task<NetworkPicture> Load(Rows rows) => new(
        await rows.Value<long>("SELECT generation FROM network_generation WHERE id = 1"),
        await rows.Query<NetworkRow>(Networks),
        await rows.Query<SubnetRow>(Subnets),
        await rows.Query<SecurityGroupRow>(Groups),
        await rows.Query<SecurityGroupRuleRow>(Rules),
        await rows.Query<RouterRow>(Routers),
        await rows.Query<RouterLegRow>(RouterLegs));

    private NetworkPicture? Fresh() =>
        Volatile.Read(ref _loaded) is { } loaded && loaded.Changes == Interlocked.Read(ref _changes) && time.GetElapsedTime(loaded.LookedAt) < LookEvery
            ? loaded.Picture
            : null;

    private async Task<NetworkPicture> Refresh(CancellationToken ct)
    {
        // The number of changes is read before the rows: a change that comes during the read makes the next call read again.
        var (changes, at) = (Interlocked.Read(ref _changes), time.GetTimestamp());
        var known = Volatile.Read(ref _loaded);
        var isUnchanged = known is not null && known.Changes == changes && await Generation(ct) == known.Picture.Generation;
        var picture = isUnchanged ? known!.Picture : await database.Read(Load, ct);
        Volatile.Write(ref _loaded, new(picture, changes, at));
        return picture;
    }

    private Task<long> Generation(CancellationToken ct) =>
        database.Read(rows => rows.Value<long>("SELECT generation FROM network_generation WHERE id = 1"), ct);

    private const string Networks =
        """
        SELECT id, project_id, name, description, mtu, admin_state_up, shared, external, is_default, port_security, network_type,
            physical_network, segmentation_id, dns_domain, tags, revision, created_at, updated_at
        FROM networks
        """;

    private const string Subnets =
        """
        SELECT id, network_id, project_id, name, description, ip_version, cidr, gateway, dhcp, pools, dns_servers, routes,
            ipv6_address_mode, ipv6_ra_mode, tags, revision, created_at, updated_at
        FROM subnets
        """;

    private const string Groups =
        """
        SELECT id, project_id, name, description, is_default, stateful, tags, revision, created_at, updated_at
        FROM security_groups
        """;

    private const string Rules =
        """
        SELECT id, group_id, project_id, ingress, v6, protocol, port_min, port_max, remote_group_id, remote_prefix, description, created_at
        FROM security_group_rules
        """;

    private const string Routers = $"SELECT {RouterRow.Columns} FROM routers";

    private const string RouterLegs = $"SELECT {RouterLegRow.Columns} FROM router_legs";

    private sealed record Loaded(NetworkPicture Picture, long Changes, long LookedAt);
}
