using Nova.Drivers.Network.Embedded;
using Nova.Modules.Compute.Live;
using Nova.Modules.Identity;
using Nova.Modules.Networks;
using Nova.Modules.Placement;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Nova.Tests.Support;

namespace Nova.Tests.Network;

/// <summary>The embedded network service on a database of its own, with what a test asks of it again and again.</summary>
internal sealed class NetworkLab : IAsyncDisposable
{
    private readonly TestDatabase _home;

    private NetworkLab(TestDatabase home)
    {
        _home = home;
        Ids = new(TimeProvider.System);
        Pictures = new(Database, TimeProvider.System);
        Members = new(Database, Pictures, Changes);
        Groups = new(Database, Pictures, TimeProvider.System, Ids);
        var auto = new AutoNetworks(Database, Pictures, new(), TimeProvider.System, Ids);
        Network = new(
            Pictures, Changes, new(Database, Pictures, Groups, auto, new RolePolicy(), Ids), new(Database, Pictures, Groups, new RolePolicy(), Ids),
            new(Database, new()), new(new(Database), Changes, new PlacementStore(new(), TimeProvider.System, []), TimeProvider.System), TimeProvider.System);
    }

    public Database Database => _home.Database;

    public Ids Ids { get; }

    public PictureCache Pictures { get; }

    public LiveChanges Changes { get; } = new(isShared: false);

    public GroupMembers Members { get; }

    public DefaultGroups Groups { get; }

    public EmbeddedNetwork Network { get; }

    public static Caller Member(string project = "demo") => new() { UserId = "u", ProjectId = project, Roles = ["member", "reader"] };

    public static async Task<NetworkLab> Start(string kind) => new(await TestDatabases.Create(kind));

    public Task<Guid> AddNetwork(string name, string project, params string[] cidrs) => AddNetwork(new NetworkRow { Name = name, ProjectId = project }, cidrs);

    public async Task<Guid> AddNetwork(NetworkRow row, params string[] cidrs)
    {
        row = row with { Id = Ids.Next() };
        await Database.Write(
            tx =>
            {
                NetworkStore.Insert(tx, row);
                foreach (var cidr in cidrs)
                    NetworkStore.Insert(tx, Subnet(row, cidr));
                Pictures.Changed(tx);
            },
            default);
        return row.Id;
    }

    /// <summary>Plans one server for a network and makes its ports.</summary>
    public async Task<(ServerPorts Server, IReadOnlyList<PortBinding> Ports)> Boot(NetworkRequest request, string project = "demo")
    {
        var nics = (await Network.Plan(Member(project), request, 1, default))[0];
        var server = Server(project);
        return (server, await Database.Write(tx => Network.Ensure(tx, server, nics), default));
    }

    public ServerPorts Server(string project = "demo") => new(Ids.Next(), project, "nova", Ids.Next(), "host1", "vm");

    public static NetworkRequest On(Guid network, string? fixedIp = null) => new() { Nics = [new(network.ToString(), fixedIp, null, null)] };

    public Task<long> Count(string sql) => Database.Read(rows => rows.Value<long>(sql), default);

    /// <summary>
    /// Free and used addresses of each subnet together are its pool, and no free range touches another. On PostgreSQL writers
    /// that return neighbours at the same moment may leave two ranges that touch, which is allowed.
    /// </summary>
    public async Task AssertAddressesAddUp()
    {
        var picture = await Pictures.Get(CancellationToken.None);
        foreach (var subnet in picture.Subnets.Values)
        {
            var id = subnet.Row.Id;
            var ranges = await Database.Read(rows => rows.Query<RangeRow>("SELECT low, high FROM address_ranges WHERE subnet_id = @id ORDER BY low", new { id }), default);
            var used = await Database.Read(rows => rows.Query<string>("SELECT address FROM port_addresses WHERE subnet_id = @id", new { id }), default);
            var offsets = used.Select(a => IpNumber.TryParse(a, out var n) ? subnet.Cidr.OffsetOf(n) : null).OfType<long>().Where(subnet.IsPooled);
            var free = ranges.Select(r => new OffsetRange(r.Low, r.High));
            Assert.Equal(AddressRanges.Free(subnet.Pools, offsets), Database.Dialect.Name == "sqlite" ? free : Merged(free));
        }
    }

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    private static List<OffsetRange> Merged(IEnumerable<OffsetRange> sorted)
    {
        var merged = new List<OffsetRange>();
        foreach (var range in sorted)
            if (merged.Count > 0 && merged[^1].High + 1 == range.Low)
                merged[^1] = merged[^1] with { High = range.High };
            else
                merged.Add(range);
        return merged;
    }

    private SubnetRow Subnet(NetworkRow network, string text)
    {
        var fromMac = text.EndsWith(" slaac", StringComparison.Ordinal);
        Assert.True(Cidr.TryParse(text.Split(' ')[0], out var cidr));
        return new()
        {
            Id = Ids.Next(),
            NetworkId = network.Id,
            ProjectId = network.ProjectId,
            IpVersion = cidr.V6 ? 6 : 4,
            Cidr = cidr.ToString(),
            Gateway = cidr.At(1).ToString(),
            Pools = SubnetJson.Write([new AddressPool(cidr.At(2).ToString(), cidr.At(cidr.LastOffset - (cidr.V6 ? 0u : 1u)).ToString())]),
            Ipv6AddressMode = fromMac ? "slaac" : null,
        };
    }

    private sealed class RangeRow
    {
        public long Low { get; init; }

        public long High { get; init; }
    }

    private sealed class RolePolicy : IPolicy
    {
        public bool Allows(Caller caller, string rule, PolicyTarget target) => caller.HasRole("admin");

        public bool Knows(string rule) => true;
    }
}
