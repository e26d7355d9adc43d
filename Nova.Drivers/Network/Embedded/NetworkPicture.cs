using System.Collections.Frozen;
using System.Text.Json;
using Nova.Modules.Compute;

namespace Nova.Drivers.Network.Embedded;

/// <summary>All networks, subnets, groups and rules at one moment; never changed, only replaced.</summary>
public sealed class NetworkPicture
{
    private readonly FrozenDictionary<string, Guid> _defaultGroups;
    private readonly ILookup<string, PictureNetwork> _networksByProject;
    private readonly ILookup<(string Project, string Name), Guid> _groupsByName;

    /// <summary>Builds the lookups.</summary>
    public NetworkPicture(
        long generation,
        IEnumerable<NetworkRow> networks,
        IEnumerable<SubnetRow> subnets,
        IEnumerable<SecurityGroupRow> groups,
        IEnumerable<SecurityGroupRuleRow> rules)
    {
        Generation = generation;
        var subnetsByNetwork = subnets.Select(s => new PictureSubnet(s)).ToLookup(s => s.Row.NetworkId);
        Networks = networks.ToFrozenDictionary(n => n.Id, n => new PictureNetwork(n, [.. subnetsByNetwork[n.Id]]));
        Subnets = Networks.Values.SelectMany(n => n.Subnets).ToFrozenDictionary(s => s.Row.Id);
        var rulesByGroup = rules.ToLookup(r => r.GroupId);
        Groups = groups.ToFrozenDictionary(g => g.Id, g => new PictureGroup(g, [.. rulesByGroup[g.Id].OrderBy(r => r.Id)]));
        _networksByProject = Networks.Values.ToLookup(n => n.Row.ProjectId);
        SharedNetworks = [.. Networks.Values.Where(n => n.Row.Shared)];
        _defaultGroups = Groups.Values.Where(g => g.Row.IsDefault).ToFrozenDictionary(g => g.Row.ProjectId, g => g.Row.Id);
        _groupsByName = Groups.Values.ToLookup(g => (g.Row.ProjectId, g.Row.Name), g => g.Row.Id);
    }

    /// <summary>The generation of the database that was read.</summary>
    public long Generation { get; }

    /// <summary>By id.</summary>
    public FrozenDictionary<Guid, PictureNetwork> Networks { get; }

    /// <summary>By id.</summary>
    public FrozenDictionary<Guid, PictureSubnet> Subnets { get; }

    /// <summary>By id.</summary>
    public FrozenDictionary<Guid, PictureGroup> Groups { get; }

    /// <summary>The networks that every project may use.</summary>
    public IReadOnlyList<PictureNetwork> SharedNetworks { get; }

    /// <summary>The networks that a project owns.</summary>
    public IEnumerable<PictureNetwork> NetworksOf(string projectId) => _networksByProject[projectId];

    /// <summary>The default group of a project, or null before its first use.</summary>
    public Guid? DefaultGroup(string projectId) => _defaultGroups.TryGetValue(projectId, out var id) ? id : null;

    /// <summary>The groups of a project with this name.</summary>
    public IReadOnlyList<Guid> GroupsNamed(string projectId, string name) => [.. _groupsByName[(projectId, name)]];
}

/// <summary>A network with its subnets, and as a host is told of it.</summary>
public sealed class PictureNetwork(NetworkRow row, IReadOnlyList<PictureSubnet> subnets)
{
    /// <summary>The row.</summary>
    public NetworkRow Row => row;

    /// <summary>In the order in which they were made.</summary>
    public IReadOnlyList<PictureSubnet> Subnets { get; } = [.. subnets.OrderBy(s => s.Row.Id)];

    /// <summary>For the host. A flat network is the one that the host itself reaches.</summary>
    public NetworkSpec Spec { get; } = new()
    {
        Id = row.Id,
        Mtu = row.Mtu,
        HostReachable = row.NetworkType == "flat",
        Subnets = [.. subnets.OrderBy(s => s.Row.Id).Select(s => s.Spec)],
    };
}

/// <summary>A subnet with its numbers worked out.</summary>
public sealed class PictureSubnet(SubnetRow row)
{
    /// <summary>The row.</summary>
    public SubnetRow Row => row;

    /// <summary>The prefix.</summary>
    public Cidr Cidr { get; } = Cidr.TryParse(row.Cidr, out var cidr) ? cidr : throw new InvalidDataException($"Subnet {row.Id} has the prefix '{row.Cidr}'.");

    /// <summary>The pools as ranges of offsets.</summary>
    public IReadOnlyList<OffsetRange> Pools { get; } = SubnetJson.PoolRanges(row);

    /// <summary>For the host.</summary>
    public SubnetSpec Spec { get; } = new()
    {
        Id = row.Id,
        Cidr = row.Cidr,
        Gateway = row.Gateway,
        Dhcp = row.Dhcp,
        DnsServers = JsonSerializer.Deserialize<List<string>>(row.DnsServers) ?? [],
        Routes = [.. SubnetJson.Routes(row.Routes).Select(r => new RouteSpec(r.Destination, r.Nexthop))],
    };

    /// <summary>True when the address may be taken and given back through the free ranges.</summary>
    public bool IsPooled(long offset) => Pools.Any(p => p.Low <= offset && offset <= p.High);
}

/// <summary>A group with its rules.</summary>
public sealed class PictureGroup
{
    /// <summary>Works the rules out once.</summary>
    public PictureGroup(SecurityGroupRow row, IReadOnlyList<SecurityGroupRuleRow> rules)
    {
        (Row, Rules) = (row, rules);
        Specs = [.. rules.Select(Spec)];
    }

    /// <summary>The row.</summary>
    public SecurityGroupRow Row { get; }

    /// <summary>In the order in which they were made.</summary>
    public IReadOnlyList<SecurityGroupRuleRow> Rules { get; }

    /// <summary>The rules as hosts apply them.</summary>
    public IReadOnlyList<RuleSpec> Specs { get; }

    private static RuleSpec Spec(SecurityGroupRuleRow rule) => new()
    {
        Ingress = rule.Ingress,
        V6 = rule.V6,
        Protocol = Protocols.ForHost(rule.Protocol),
        PortMin = rule.PortMin,
        PortMax = rule.PortMax,
        RemotePrefix = rule.NormalPrefix,
        RemoteGroup = rule.RemoteGroupId,
    };
}
