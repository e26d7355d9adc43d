using System.Text;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>A network's part of the tables.</summary>
/// <param name="Bridge">Its bridge.</param>
/// <param name="Gateway">The bridge's port towards the namespace.</param>
/// <param name="Zone">The conntrack zone of its connections, from 1: equal addresses of two networks are never one connection.</param>
/// <param name="Nics">Ports whose rules are to be there from the start.</param>
internal sealed record NetworkRules(string Bridge, string Gateway, int Zone, IReadOnlyList<NicSpec> Nics);

/// <summary>
/// This installation's nft tables in the host's namespace: one in family bridge, one in family inet. Every change is one
/// transaction; the frame stays, ports come and go.
/// </summary>
internal sealed class HostFirewall(HostTools tools, HostNaming names, Tracking tracking, GroupBook book) : IDisposable
{
    private readonly PortRules ports = new(names.Table, tracking);
    private readonly GroupTables groups = new($"{(tracking == Tracking.Marks ? "inet" : "bridge")} {names.Table}", book);
    private readonly Dictionary<Guid, PortState> applied = [];
    private string outside = "";
    private bool exists;
    private readonly SemaphoreSlim gate = new(1, 1);
    private uint last;

    /// <summary>True when the kernel can track connections in the bridge family and nothing else already hands bridged packets to inet.</summary>
    public static async Task<Tracking> Probe(HostTools tools, HostNaming names, CancellationToken ct)
    {
        // With the machine-wide switch on, a connection would be tracked twice: marks work in that case too.
        if (await HostTools.ReadSetting(tools.HostNamespace, "net/bridge/bridge-nf-call-iptables") == "1")
            return Tracking.Marks;

        var table = $"bridge {names.Table}_probe";
        try
        {
            await tools.HostRules(
                $"add table {table}\nadd chain {table} c {{ type filter hook forward priority 0; }}\nadd rule {table} c ct state established accept\ndelete table {table}\n", ct);
            return Tracking.Bridge;
        }
        catch (Nova.Modules.Shared.Fault)
        {
            // The transaction was refused as a whole, so nothing of it is left.
            return Tracking.Marks;
        }
    }

    /// <summary>The tables exist anew, with these networks and ports: one transaction, so that running guests are never without.</summary>
    public async Task Create(IReadOnlyList<NetworkRules> networks, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            applied.Clear();
            outside = "";
            groups.Clear();
            var (text, elements) = (new StringBuilder(), new StringBuilder());
            foreach (var network in networks)
            {
                elements.Append(Put(network));
                foreach (var nic in network.Nics)
                    applied[nic.PortId] = Next(nic, network.Zone, text);
            }

            var update = groups.Plan(applied.Values.SelectMany(state => state.Groups));
            await tools.HostRules($"{Frame()}{elements}{update.Before}{text}", ct);
            update.Done();
            exists = true;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The tables are gone.</summary>
    public Task Delete(CancellationToken ct) => Transaction(() =>
    {
        applied.Clear();
        outside = "";
        groups.Clear();
        exists = false;
        return NoTables();
    }, ct);

    /// <summary>The groups of all ports are as the book says.</summary>
    public async Task PutGroups(CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            if (exists)
                await Write("", applied.Values, ct);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The bridge port of a namespace belongs to us, and connections of the network have their zone.</summary>
    public Task PutNetwork(NetworkRules network, CancellationToken ct) => Transaction(() => Put(network), ct);

    /// <summary>Writes the sets of what passes between networks, unless they are so already.</summary>
    public async Task PutOutside(string sets, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            if (!exists || sets == outside)
                return;

            await tools.HostRules(sets, ct);
            outside = sets;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Undoes <see cref="PutNetwork"/>.</summary>
    public Task RemoveNetwork(NetworkRules network, CancellationToken ct) => Transaction(() =>
    {
        var (zones, key) = ZoneKey(network);
        return $"{Put(network)}delete element bridge {names.Table} members {{ \"{network.Gateway}\" }}\ndelete element {zones} {{ \"{key}\" }}\n";
    }, ct);

    /// <summary>These ports have these rules. Ports that already have them cost nothing.</summary>
    /// <param name="nics">Ports of one network.</param>
    /// <param name="zone">The network's conntrack zone.</param>
    /// <param name="ct">Cancels before the transaction starts, not in its middle.</param>
    public async Task Put(IReadOnlyList<NicSpec> nics, int zone, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            var text = new StringBuilder();
            var changes = nics.Select(nic => (nic.PortId, State: Next(nic, zone, text))).ToList();
            var rest = applied.Where(entry => nics.All(nic => nic.PortId != entry.Key)).Select(entry => entry.Value);
            await Write(text.ToString(), rest.Concat(changes.Select(change => change.State)), ct);
            foreach (var (port, state) in changes)
                applied[port] = state;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Nothing of these ports is left.</summary>
    public async Task Remove(IReadOnlyList<Guid> gone, int zone, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            var text = new StringBuilder();
            foreach (var port in gone)
                if (applied.TryGetValue(port, out var state))
                    text.Append(ports.Remove(port, state.Number)).Append(ZoneOf(port, zone, add: false));
            await Write(text.ToString(), applied.Where(entry => !gone.Contains(entry.Key)).Select(entry => entry.Value), ct);
            foreach (var port in gone)
                applied.Remove(port);
        }
        finally
        {
            gate.Release();
        }
    }

    private string Put(NetworkRules network)
    {
        var (zones, key) = ZoneKey(network);
        return $"add element bridge {names.Table} members {{ \"{network.Gateway}\" }}\nadd element {zones} {{ \"{key}\" : {network.Zone} }}\n";
    }

    private (string Map, string Key) ZoneKey(NetworkRules network) =>
        tracking == Tracking.Marks ? ($"inet {names.Table} zones", network.Bridge) : ($"bridge {names.Table} zones", network.Gateway);

    /// <summary>One transaction: ports, and the groups that these ports use then.</summary>
    private async Task Write(string text, IEnumerable<PortState> then, CancellationToken ct)
    {
        var update = groups.Plan(then.SelectMany(state => state.Groups));
        await tools.HostRules($"{update.Before}{text}{update.After}", ct);
        update.Done();
    }

    private PortState Next(NicSpec nic, int zone, StringBuilder text)
    {
        var known = applied.TryGetValue(nic.PortId, out var state);
        var number = known ? state!.Number : ++last;
        var wanted = ports.Put(nic, number) + ZoneOf(nic.PortId, zone, add: true);
        if (known && state!.Secure != nic.PortSecurity)
            text.Append(ports.Remove(nic.PortId, number));
        if (!known || state!.Text != wanted)
            text.Append(wanted);
        return new(number, nic.PortSecurity, wanted, nic.PortSecurity ? [.. GroupKey.Of([nic])] : []);
    }

    private string ZoneOf(Guid port, int zone, bool add)
    {
        if (tracking == Tracking.Marks)
            return "";

        var (map, tap) = ($"bridge {names.Table} zones", HostNames.Tap(port));
        return $"add element {map} {{ \"{tap}\" : {zone} }}\n" + (add ? "" : $"delete element {map} {{ \"{tap}\" }}\n");
    }

    private async Task Transaction(Func<string> text, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            await tools.HostRules(text(), ct);
        }
        finally
        {
            gate.Release();
        }
    }

    private string NoTables() => string.Concat(
        new[] { "bridge", "inet" }.Select(family => $"add table {family} {names.Table}\ndelete table {family} {names.Table}\n"));

    private string Frame() => NoTables() + (tracking == Tracking.Marks ? BridgeTable("", MarkChain) + InetTable(MarkGroups) : BridgeTable(BridgeMaps, BridgeGroups) + InetTable(""));

    /// <summary>Guests never speak to the host through the bridge itself, only through their network's namespace: hence the input chain.</summary>
    private string BridgeTable(string maps, string chains) =>
        $$"""
        table bridge {{names.Table}} {
          map from_port { type ifname : verdict; }
          set members { type ifname; }
          map number { type ifname : mark; }
          {{maps}}
          chain spoofing { type filter hook prerouting priority -200; policy accept;
            iifname vmap @from_port
          }
          chain to_host { type filter hook input priority filter; policy accept;
            iifname @members drop
          }
          {{chains}}
        }

        """;

    private const string MarkChain =
        """
        chain marks { type filter hook forward priority -1; policy accept;
            iifname @members meta mark set 0
            meta mark set oifname map @number
          }
        """;

    private const string Accepted =
        """
            ct state established,related accept
            ct state invalid drop
            icmpv6 type { 130, 131, 132, 133, 134, 135, 136, 143 } accept
        """;

    private string MarkGroups =>
        $$"""
        map egress { type mark : verdict; }
          map ingress { type mark : verdict; }
          map zones { typeof iifname : ct zone; }
          chain zone { type filter hook prerouting priority raw; policy accept;
            ct zone set iifname map @zones
          }
          chain from_guests { type filter hook prerouting priority filter; policy accept;
            iifname != "{{names.BridgePrefix}}*" accept
        {{Accepted}}
            meta mark vmap @egress
          }
          chain to_guests { type filter hook forward priority filter; policy accept;
            iifname != "{{names.BridgePrefix}}*" accept
        {{Accepted}}
            meta mark vmap @ingress
          }
        """;

    private const string BridgeMaps =
        """
        map egress { type ifname : verdict; }
          map ingress { type ifname : verdict; }
          map zones { typeof iifname : ct zone; }
        """;

    private const string BridgeGroups =
        $$"""
        chain zone { type filter hook prerouting priority -300; policy accept;
            ct zone set iifname map @zones
          }
          chain from_guests { type filter hook forward priority -201; policy accept;
            iifname != @members accept
            ether type != { ip, ip6 } accept
        {{Accepted}}
            iifname vmap @egress
          }
          chain to_guests { type filter hook forward priority filter; policy accept;
            iifname != @members accept
            ether type != { ip, ip6 } accept
        {{Accepted}}
            oifname vmap @ingress
          }
        """;

    /// <summary>
    /// Networks meet through the host only as <see cref="OutsideTraffic"/> says; they leave it with the host's own address.
    /// </summary>
    private string InetTable(string groups) =>
        $$"""
        table inet {{names.Table}} {
          {{groups}}
          set floating { type ipv4_addr; }
          set leaving { type ipv4_addr; }
          set open { type ifname; }
          map routers { type ipv4_addr : ipv4_addr; }
          chain between { type filter hook forward priority filter; policy accept;
            iifname "{{names.UplinkPrefix}}*" oifname "{{names.UplinkPrefix}}*" ip daddr @floating accept
            iifname "{{names.UplinkPrefix}}*" oifname @open ip saddr @leaving accept
            iifname "{{names.UplinkPrefix}}*" oifname @open ip saddr @floating accept
            iifname "{{names.UplinkPrefix}}*" oifname "{{names.UplinkPrefix}}*" ct state established,related accept
            iifname "{{names.UplinkPrefix}}*" oifname "{{names.UplinkPrefix}}*" drop
          }
          chain leave { type nat hook postrouting priority srcnat; policy accept;
            oifname "{{names.UplinkPrefix}}*" snat ip to ip saddr map @routers
            oifname "{{names.UplinkPrefix}}*" accept
            oifname "{{names.BridgePrefix}}*" accept
            ip saddr @floating masquerade
            ip saddr {{names.TransferRange}} masquerade
            ip6 saddr {{HostNaming.TransferRangeV6}} masquerade
          }
        }

        """;

    /// <inheritdoc />
    public void Dispose() => gate.Dispose();

    private sealed record PortState(uint Number, bool Secure, string Text, IReadOnlyList<GroupKey> Groups);
}
