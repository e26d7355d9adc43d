using System.Collections.Concurrent;
using System.Net;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;

namespace Nova.Tests.Drivers.Network;

/// <summary>Networks, ports and rules as short as a test wants to say them.</summary>
public static class Guests
{
    public static readonly RuleSpec EgressV4 = new() { Ingress = false, V6 = false };
    public static readonly RuleSpec EgressV6 = new() { Ingress = false, V6 = true };

    public static NetworkSpec NetworkOf(params string[] cidrs) => new()
    {
        Id = Guid.NewGuid(),
        Mtu = 1450,
        Subnets = [.. cidrs.Select(Subnet)],
    };

    public static SubnetSpec Subnet(string cidr) => new()
    {
        Id = Guid.NewGuid(),
        Cidr = cidr,
        Gateway = At(cidr, 1),
        DnsServers = [At(cidr, 2)],
    };

    /// <summary>A port with the host's number in every subnet, that may send everything and receives what the rules say.</summary>
    public static NicSpec Nic(NetworkSpec network, int host, params RuleSpec[] ingress) => new()
    {
        PortId = Guid.NewGuid(),
        Mac = $"52:54:00:00:00:{host:x2}",
        Network = network,
        Addresses = [.. network.Subnets.Select(subnet => new AddressSpec(subnet.Id, At(subnet.Cidr, host)))],
        SecurityGroups = [Group([EgressV4, EgressV6, .. ingress])],
    };

    /// <summary>A new group with these rules; a scratch host is told of it when a port has it.</summary>
    public static Guid Group(params RuleSpec[] rules)
    {
        var id = Guid.NewGuid();
        Rules[id] = rules;
        return id;
    }

    /// <summary>What is known of the groups that ports have, and of the members that their rules name.</summary>
    public static HostPicture PictureOf(IEnumerable<NicSpec> nics) =>
        new() { Groups = [.. GroupKey.Of(nics).Where(key => Rules.ContainsKey(key.GroupId)).Select(key => new GroupPicture { Key = key, Rules = Rules[key.GroupId] })] };

    private static readonly ConcurrentDictionary<Guid, RuleSpec[]> Rules = new();

    public static RuleSpec Tcp(int port, string? from = null) => new()
    {
        Ingress = true,
        V6 = from?.Contains(':', StringComparison.Ordinal) ?? false,
        Protocol = "tcp",
        PortMin = port,
        PortMax = port,
        RemotePrefix = from,
    };

    public static RuleSpec Ping(bool v6 = false) => new() { Ingress = true, V6 = v6, Protocol = "icmp", PortMin = v6 ? 128 : 8 };

    public static GuestSpec Spec(IReadOnlyList<NicSpec> nics) => new()
    {
        ServerId = Guid.NewGuid(),
        Epoch = 1,
        InstanceName = "instance-0000002a",
        DisplayName = "web \"1\" ]]>",
        Hostname = "web-1",
        ProjectId = "p1",
        UserId = "u1",
        Flavor = new() { Name = "m1.tiny", Vcpus = 1, MemoryMb = 64, RootGb = 1 },
        Nics = nics,
        Metadata = new()
        {
            KeyName = "mykey",
            PublicKey = "ssh-ed25519 AAAA me",
            UserData = Convert.ToBase64String("#!/bin/sh\n"u8),
            Meta = new Dictionary<string, string> { ["role"] = "käse" },
            RandomSeed = Convert.ToBase64String(new byte[512]),
            AdminPass = new("s3cret"),
            SecurityGroups = ["default", "web"],
        },
    };

    private static string At(string cidr, int host)
    {
        var bytes = IPNetwork.Parse(cidr).BaseAddress.GetAddressBytes();
        bytes[^1] = (byte)host;
        return new IPAddress(bytes).ToString();
    }
}
