using System.Text.Json.Serialization;
using Nova.Modules.Hardware;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute;

/// <summary>
/// Everything a host needs to make one guest and to make it again after a reboot: sent with the spawn command, kept in
/// the host's journal, never looked up elsewhere (a compute has no database credentials).
/// </summary>
public sealed record GuestSpec
{
    /// <summary>The server's id; also the domain's UUID.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>The fencing token: a host refuses commands with a lower one than it has seen for this server.</summary>
    public required long Epoch { get; init; }

    /// <summary>The hypervisor's name of the guest, such as <c>instance-0000002a</c>.</summary>
    public required string InstanceName { get; init; }

    /// <summary>The server's display name; any characters.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The host name that the guest is told.</summary>
    public required string Hostname { get; init; }

    /// <summary>The owner.</summary>
    public required string ProjectId { get; init; }

    /// <summary>Who created it.</summary>
    public required string UserId { get; init; }

    /// <summary>The flavor as it was at creation.</summary>
    public required GuestFlavor Flavor { get; init; }

    /// <summary>The image that the root disk starts from; null for a guest without (the fake driver allows it).</summary>
    public GuestImage? Image { get; init; }

    /// <summary>Network interfaces in the order in which the guest sees them.</summary>
    public IReadOnlyList<NicSpec> Nics { get; init; } = [];

    /// <summary>What the metadata service and the config drive tell.</summary>
    public required GuestMetadata Metadata { get; init; }

    /// <summary>The cells, processors, pages and devices that the claim gave it; null for none in particular.</summary>
    public GivenHardware? Hardware { get; init; }

    /// <summary>True when a config drive is attached.</summary>
    public bool ConfigDrive { get; init; }

    /// <summary>While the guest is rescued: what it starts from instead of its own disk, which it sees as its second.</summary>
    public RescueSpec? Rescue { get; init; }

    /// <summary>The rebuild that made it, so that a repeated command does not make it once more.</summary>
    public Guid? RebuiltBy { get; init; }
}

/// <summary>What a guest is rescued with.</summary>
/// <param name="Image">Its own image, or another.</param>
/// <param name="AdminPass">The password meanwhile.</param>
public sealed record RescueSpec(GuestImage Image, Secret? AdminPass);

/// <summary>Sizes of a guest.</summary>
public sealed record GuestFlavor
{
    /// <summary>The flavor's name, for the domain's metadata.</summary>
    public required string Name { get; init; }

    /// <summary>Virtual CPUs, at least 1.</summary>
    public required int Vcpus { get; init; }

    /// <summary>Memory in MiB, at least 1.</summary>
    public required int MemoryMb { get; init; }

    /// <summary>Root disk in GiB; 0 takes the image's own size.</summary>
    public required int RootGb { get; init; }

    /// <summary>Ephemeral disk in GiB; 0 for none.</summary>
    public int EphemeralGb { get; init; }

    /// <summary>Swap disk in MiB; 0 for none.</summary>
    public int SwapMb { get; init; }

    /// <summary>Extra specs, such as <c>hw:cpu_policy</c>.</summary>
    public IReadOnlyDictionary<string, string> ExtraSpecs { get; init; } = new Dictionary<string, string>();
}

/// <summary>The image of a root disk.</summary>
public sealed record GuestImage
{
    /// <summary>The image's id, opaque.</summary>
    public required string Id { get; init; }

    /// <summary>The declared format: raw, qcow2, iso … Never guessed from the bytes, and refused when the bytes disagree.</summary>
    public required string DiskFormat { get; init; }

    /// <summary>bare, or what the image service says.</summary>
    public string ContainerFormat { get; init; } = "bare";

    /// <summary>Bytes to download.</summary>
    public required long Size { get; init; }

    /// <summary>The hash algorithm of <see cref="Hash"/>, such as sha512; null when the service gives none.</summary>
    public string? HashAlgorithm { get; init; }

    /// <summary>The hash of the bytes, hex; checked after every download.</summary>
    public string? Hash { get; init; }

    /// <summary>GiB that the disk must have at least.</summary>
    public int MinDiskGb { get; init; }

    /// <summary>Where to fetch the bytes: a file path on this machine, or a URL with a ticket.</summary>
    public required string Source { get; init; }

    /// <summary>Image properties such as <c>hw_disk_bus</c>.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
}

/// <summary>One network interface with all that the host must set up for it.</summary>
public sealed record NicSpec
{
    /// <summary>The port's id; the tap's name is derived from it.</summary>
    public required Guid PortId { get; init; }

    /// <summary>Lower-case, colon separated.</summary>
    public required string Mac { get; init; }

    /// <summary>The network it is on.</summary>
    public required NetworkSpec Network { get; init; }

    /// <summary>Its fixed addresses, each in a subnet of the network.</summary>
    public IReadOnlyList<AddressSpec> Addresses { get; init; } = [];

    /// <summary>False leaves the port without anti-spoofing and security groups.</summary>
    public bool PortSecurity { get; init; } = true;

    /// <summary>Its security groups; what they allow is told apart (<see cref="Live.GroupPicture"/>). Nothing matches: dropped.</summary>
    public IReadOnlyList<Guid> SecurityGroups { get; init; } = [];

    /// <summary>The device tag of the request, or null.</summary>
    public string? Tag { get; init; }

    /// <summary>Addresses of external networks at which it is reached through a router; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FloatingSpec>? Floating { get; init; }
}

/// <summary>One network as a host sees it.</summary>
public sealed record NetworkSpec
{
    /// <summary>The network's id; names of bridge and namespace are derived from it and the installation's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Largest frame payload in bytes.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>
    /// True for the network whose bridge has an address in the host's own namespace, so that the host itself reaches
    /// the guests (ping and ssh from the host).
    /// </summary>
    public bool HostReachable { get; init; }

    /// <summary>Its subnets.</summary>
    public IReadOnlyList<SubnetSpec> Subnets { get; init; } = [];

    /// <summary>The routers with a leg in it; null for none, then its guests leave it as the host does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RouterSpec>? Routers { get; init; }
}

/// <summary>A router as a host sees it.</summary>
public sealed record RouterSpec
{
    /// <summary>The router's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>True when guests without a floating address may leave through it.</summary>
    public bool LeadsOut { get; init; }

    /// <summary>Its IPv4 address on the external network: who its guests are there, unless they have floating addresses. Null without a gateway.</summary>
    public string? Outside { get; init; }

    /// <summary>Its address in each of its subnets, of all networks.</summary>
    public IReadOnlyList<RouterLegSpec> Legs { get; init; } = [];

    /// <summary>Ways to ranges behind its neighbours.</summary>
    public IReadOnlyList<RouteSpec> Routes { get; init; } = [];
}

/// <summary>A router's address in a subnet of a network.</summary>
public sealed record RouterLegSpec(Guid NetworkId, string Cidr, string Address);

/// <summary>A fixed address, and the address of an external network at which it is reached.</summary>
public sealed record FloatingSpec(string Fixed, string Address);

/// <summary>One subnet as a host sees it.</summary>
public sealed record SubnetSpec
{
    /// <summary>The subnet's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Such as 10.0.0.0/24 or fd00::/64.</summary>
    public required string Cidr { get; init; }

    /// <summary>The gateway's address, carried by the network's namespace; null for none.</summary>
    public string? Gateway { get; init; }

    /// <summary>False when guests configure their addresses by other means.</summary>
    public bool Dhcp { get; init; } = true;

    /// <summary>Name servers that DHCP announces.</summary>
    public IReadOnlyList<string> DnsServers { get; init; } = [];

    /// <summary>Further routes that DHCP announces.</summary>
    public IReadOnlyList<RouteSpec> Routes { get; init; } = [];
}

/// <summary>A route: destination CIDR and next hop.</summary>
public sealed record RouteSpec(string Destination, string NextHop);

/// <summary>A fixed address of a port.</summary>
public sealed record AddressSpec(Guid SubnetId, string Address);

/// <summary>One allow rule of a security group, as the host applies it.</summary>
public sealed record RuleSpec
{
    /// <summary>True for traffic to the guest.</summary>
    public required bool Ingress { get; init; }

    /// <summary>True for IPv6.</summary>
    public required bool V6 { get; init; }

    /// <summary>tcp, udp, icmp, a protocol number, or null for any.</summary>
    public string? Protocol { get; init; }

    /// <summary>First port, or ICMP type; null for any.</summary>
    public int? PortMin { get; init; }

    /// <summary>Last port, or ICMP code; null for any.</summary>
    public int? PortMax { get; init; }

    /// <summary>Peers are in this prefix; null with <see cref="RemoteGroup"/> null means anybody.</summary>
    public string? RemotePrefix { get; init; }

    /// <summary>Peers are the members of this group on the same network.</summary>
    public Guid? RemoteGroup { get; init; }
}

/// <summary>What a guest may ask about itself.</summary>
public sealed record GuestMetadata
{
    /// <summary>The availability zone.</summary>
    public string AvailabilityZone { get; init; } = "nova";

    /// <summary>Position in a multi-create, from 0.</summary>
    public int LaunchIndex { get; init; }

    /// <summary>The server's metadata.</summary>
    public IReadOnlyDictionary<string, string> Meta { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of the server's security groups, for the EC2 tree.</summary>
    public IReadOnlyList<string> SecurityGroups { get; init; } = [];

    /// <summary>The reservation that the server was made with, or null: one is derived from the server's id.</summary>
    public string? ReservationId { get; init; }

    /// <summary>The key pair's name, or null.</summary>
    public string? KeyName { get; init; }

    /// <summary>The public key, or null.</summary>
    public string? PublicKey { get; init; }

    /// <summary>User data as the client sent it, base64; or null.</summary>
    public string? UserData { get; init; }

    /// <summary>The administrator's password for the guest, or null.</summary>
    public Secret? AdminPass { get; init; }

    /// <summary>Files that the create brought (until 2.56): a config drive has them, the metadata service does not.</summary>
    public IReadOnlyList<GuestFile> Files { get; init; } = [];

    /// <summary>512 random bytes in base64, made once per server, for <c>random_seed</c>.</summary>
    public string? RandomSeed { get; init; }
}

/// <summary>A file for a guest.</summary>
/// <param name="Path">Where the guest is to put it.</param>
/// <param name="Contents">base64; often a key or a password.</param>
public sealed record GuestFile(string Path, Secret Contents);
