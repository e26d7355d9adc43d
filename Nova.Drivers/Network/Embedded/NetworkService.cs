using Nova.Drivers.Embedded;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>Networks, as the network API changes them.</summary>
public sealed class NetworkService(Db database, PictureCache pictures, ServerPortRows servers, NetworkQuotas quotas, NetworkSettings settings, TimeProvider time, Ids ids)
{
    private static readonly string[] AdminMembers =
        ["shared", "router:external", "is_default", "provider:network_type", "provider:physical_network", "provider:segmentation_id"];

    /// <summary>The networks that the caller may see.</summary>
    public async Task<IEnumerable<PictureNetwork>> List(Caller caller, CancellationToken ct) =>
        (await pictures.Get(ct)).Networks.Values.Where(n => NetworkAccess.MaySee(caller, n.Row));

    /// <summary>A network that the caller may see.</summary>
    public async Task<PictureNetwork> Get(Caller caller, string id, CancellationToken ct) =>
        (await pictures.Get(ct)).Networks.TryGetValue(NetworkAccess.Id(id, NetworkFaults.NetworkNotFound), out var network) && NetworkAccess.MaySee(caller, network.Row)
            ? network
            : throw NetworkFaults.NetworkNotFound(id);

    /// <summary>A new network.</summary>
    public async Task<PictureNetwork> Create(Caller caller, JsonBody body, CancellationToken ct)
    {
        NetworkAccess.RefuseUnlessAdmin(caller, body, "create_network", AdminMembers);
        var project = NetworkAccess.ProjectOf(caller, body);
        NetworkAccess.RequireWriter(caller, project, "create_network");
        var now = Now();
        var row = Merge(new NetworkRow { Id = ids.Next(), ProjectId = project, Mtu = settings.Mtu, Revision = 1, CreatedAt = now, UpdatedAt = now }, body);
        await database.Write(
            tx =>
            {
                quotas.Check(tx, project, "network");
                NetworkStore.Insert(tx, row);
                pictures.Changed(tx);
            },
            ct);
        return new(row, []);
    }

    /// <summary>Changes what the body names.</summary>
    public async Task<PictureNetwork> Update(Caller caller, string id, JsonBody body, CancellationToken ct)
    {
        var old = await Get(caller, id, ct);
        NetworkAccess.RequireWriter(caller, old.Row.ProjectId, "update_network");
        NetworkAccess.RefuseUnlessAdmin(caller, body, "update_network", AdminMembers);
        var row = Merge(old.Row, body) with { Revision = old.Row.Revision + 1, UpdatedAt = Now() };
        await database.Write(
            tx =>
            {
                if (old.Row.External && !row.External)
                    RefuseWhenLedTo(tx, row.Id);
                NetworkStore.Update(tx, row);
                pictures.Changed(tx);
                servers.NetworkChanged(tx, row.Id);
            },
            ct);
        return new(row, old.Subnets);
    }

    /// <summary>The network with its subnets is gone; refused while a port is on it.</summary>
    public async Task Delete(Caller caller, string id, CancellationToken ct)
    {
        var network = await Get(caller, id, ct);
        NetworkAccess.RequireWriter(caller, network.Row.ProjectId, "delete_network");
        await database.Write(
            tx =>
            {
                if (tx.Find<long>("SELECT count(*) FROM ports WHERE network_id = @Id", new { network.Row.Id }) > 0)
                    throw NetworkFaults.NetworkInUse(network.Row.Id);
                NetworkStore.Delete(tx, network.Row.Id);
                pictures.Changed(tx);
            },
            ct);
    }

    private static void RefuseWhenLedTo(Tx tx, Guid id)
    {
        if (tx.Find<long>("SELECT (SELECT count(*) FROM routers WHERE external_network_id = @id) + (SELECT count(*) FROM floating_ips WHERE network_id = @id)", new { id }) > 0)
            throw NetworkFaults.ExternalInUse(id);
    }

    private static NetworkRow Merge(NetworkRow row, JsonBody body) => row with
    {
        Name = body.Text("name") ?? row.Name,
        Description = body.Text("description") ?? row.Description,
        AdminStateUp = body.Bool("admin_state_up") ?? row.AdminStateUp,
        Mtu = body.Int("mtu") is { } mtu ? mtu is >= 68 and <= 65_535 ? mtu : throw NetworkFaults.Invalid($"'{mtu}' is not in range 68 through 65535") : row.Mtu,
        Shared = body.Bool("shared") ?? row.Shared,
        External = body.Bool("router:external") ?? row.External,
        IsDefault = body.Bool("is_default") ?? row.IsDefault,
        PortSecurity = body.Bool("port_security_enabled") ?? row.PortSecurity,
        NetworkType = body.Text("provider:network_type") is { } type ? type is "local" or "flat" ? type : throw NetworkFaults.Invalid($"network_type value '{type}' not supported") : row.NetworkType,
        PhysicalNetwork = body.Text("provider:physical_network") ?? row.PhysicalNetwork,
        SegmentationId = body.Long("provider:segmentation_id") ?? row.SegmentationId,
        DnsDomain = body.Text("dns_domain") ?? row.DnsDomain,
    };

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
