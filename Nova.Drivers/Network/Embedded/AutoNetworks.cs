using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Settings;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded;

/// <summary>Settings of the embedded network service.</summary>
[SettingsSection("network")]
public sealed record NetworkSettings
{
    /// <summary>Prefix of automatic networks.</summary>
    [Description("IPv4 prefix of the network that is made for a project which asks for an automatic one and has none; may be the same for all, empty refuses.")]
    public string AutoAllocateCidr { get; set; } = "10.0.0.0/24";

    /// <summary>Frame size of new networks.</summary>
    [Description("MTU of new networks, in bytes.")]
    [Range(68, 65535)]
    public int Mtu { get; set; } = 1500;

    /// <summary>Networks per project.</summary>
    [Description("Networks that a project may have; -1 is unlimited.")]
    [Range(-1, int.MaxValue)]
    public int QuotaNetworks { get; set; } = 100;

    /// <summary>Subnets per project.</summary>
    [Description("Subnets that a project may have; -1 is unlimited.")]
    [Range(-1, int.MaxValue)]
    public int QuotaSubnets { get; set; } = 100;

    /// <summary>Ports per project.</summary>
    [Description("Ports that a project may make through the network API; -1 is unlimited. Ports of servers are bounded by the quota of servers.")]
    [Range(-1, int.MaxValue)]
    public int QuotaPorts { get; set; } = 500;

    /// <summary>Groups per project.</summary>
    [Description("Security groups that a project may have, the default group included; -1 is unlimited.")]
    [Range(-1, int.MaxValue)]
    public int QuotaSecurityGroups { get; set; } = 10;

    /// <summary>Rules per project.</summary>
    [Description("Rules of security groups that a project may have; -1 is unlimited.")]
    [Range(-1, int.MaxValue)]
    public int QuotaSecurityGroupRules { get; set; } = 100;

    /// <summary>Routers per project.</summary>
    [Description("Routers that a project may have; -1 is unlimited.")]
    [Range(-1, int.MaxValue)]
    public int QuotaRouters { get; set; } = 10;

    /// <summary>Floating addresses per project.</summary>
    [Description("Floating addresses that a project may have; -1 is unlimited.")]
    [Range(-1, int.MaxValue)]
    public int QuotaFloatingIps { get; set; } = 50;
}

/// <summary>Makes the network of a project that asks for an automatic one and has none.</summary>
public sealed class AutoNetworks(Db database, PictureCache pictures, NetworkSettings settings, TimeProvider time, Ids ids)
{
    private const string Name = "auto_allocated_network";

    /// <summary>The network, made when it is missing; repeating it finds the same.</summary>
    /// <exception cref="Fault">400 when the installation does not allow it.</exception>
    public async Task<PictureNetwork> Make(string projectId, CancellationToken ct)
    {
        if (!Cidr.TryParse(settings.AutoAllocateCidr, out var cidr) || cidr.V6 || cidr.Prefix > 29)
            throw Fault.BadRequest($"Unable to automatically allocate a network for project {projectId}");

        var id = await database.Write(tx => Find(tx, projectId) ?? Insert(tx, projectId, cidr), ct);
        return (await pictures.Get(ct)).Networks[id];
    }

    private static Guid? Find(Tx tx, string projectId) =>
        tx.Find<Guid?>("SELECT id FROM networks WHERE project_id = @projectId AND name = @Name ORDER BY id LIMIT 1", new { projectId, Name });

    private Guid Insert(Tx tx, string projectId, Cidr cidr)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var network = new NetworkRow { Id = ids.Next(), ProjectId = projectId, Name = Name, Mtu = settings.Mtu, Revision = 1, CreatedAt = now, UpdatedAt = now };
        NetworkStore.Insert(tx, network);
        var last = (UInt128)cidr.LastOffset;
        NetworkStore.Insert(tx, new SubnetRow
        {
            Id = ids.Next(),
            NetworkId = network.Id,
            ProjectId = projectId,
            Name = "auto_allocated_subnet_v4",
            IpVersion = 4,
            Cidr = cidr.ToString(),
            Gateway = cidr.At(1).ToString(),
            Pools = SubnetJson.Write([new AddressPool(cidr.At(2).ToString(), cidr.At(last - 1).ToString())]),
            Revision = 1,
            CreatedAt = now,
            UpdatedAt = now,
        });
        pictures.Changed(tx);
        return network.Id;
    }
}
