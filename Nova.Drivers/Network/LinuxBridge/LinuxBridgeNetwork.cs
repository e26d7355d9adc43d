using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Metadata;
using Nova.Modules.Shared;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// Networks made of what Linux brings: a bridge and a namespace per network, a tap per port, nftables for security,
/// dnsmasq for DHCP. See docs/host-network.md for the picture. A host without guests has none of it, and its settings
/// are as they were.
/// </summary>
public sealed partial class LinuxBridgeNetwork : IGroupNetwork
{
    private static readonly TimeSpan RetryGroups = TimeSpan.FromSeconds(2);

    private readonly LinuxBridgeOptions options;
    private readonly HostNaming names;
    private readonly HostTools tools;
    private readonly HostSettings settings;
    private readonly TapList taps;
    private readonly MetadataListener? metadata;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly SemaphoreSlim hostGate = new(1, 1);
    private readonly HashSet<Guid> active = [];
    private readonly ConcurrentDictionary<Guid, NetworkOnHost> networks = new();
    private readonly ConcurrentDictionary<Guid, IReadOnlyDictionary<Guid, Guid>> plugged = new();
    private readonly GroupBook book = new();
    private readonly GroupWishes wishes = new();
    private HostParts? parts;

    /// <summary>Nothing on the host changes before the first call.</summary>
    /// <param name="options">Settings; checked here.</param>
    /// <param name="documents">Answers guests' metadata requests; null leaves the metadata address unserved.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Where events are logged.</param>
    /// <param name="runner">Runs ip, nft and dnsmasq; null for the ordinary way.</param>
    public LinuxBridgeNetwork(LinuxBridgeOptions options, MetadataService? documents, TimeProvider time, ILoggerFactory logs, CommandRunner? runner = null)
    {
        options.Validate();
        this.options = options;
        this.time = time;
        logger = logs.CreateLogger<LinuxBridgeNetwork>();
        names = new(options.Installation, options.TransferNetwork);
        tools = new(runner ?? new CommandRunner(options.CommandTimeout, time), options.HostNamespace);
        settings = new(options, names, time);
        taps = new(Path.Combine(options.Directory, "taps"));
        metadata = documents is null ? null : new(documents, time, logs);
    }

    /// <inheritdoc />
    public IReadOnlyCollection<GroupKey> WantedGroups => wishes.All;

    /// <inheritdoc />
    public event Action? WantedGroupsChanged
    {
        add => wishes.Changed += value;
        remove => wishes.Changed -= value;
    }

    /// <inheritdoc />
    public async Task Apply(HostPicture picture, CancellationToken ct)
    {
        if (!book.Take(picture) || parts is not { } host)
            return;

        try
        {
            await host.Firewall.PutGroups(ct);
        }
        catch (Fault fault)
        {
            // The next picture or port writes what this one could not.
            LogNotApplied(fault.Message, fault.Details);
            _ = ApplyLater(host, ct);
        }
    }

    /// <inheritdoc />
    public async Task Plug(Guid serverId, IReadOnlyList<NicSpec> nics, CancellationToken ct)
    {
        var before = plugged.GetValueOrDefault(serverId) ?? new Dictionary<Guid, Guid>();
        var wanted = nics.ToDictionary(nic => nic.PortId, nic => nic.Network.Id);
        wishes.Set(serverId, nics);
        // Written before the work, so that an Unplug after a failure finds everything that may have been made.
        plugged[serverId] = before.Concat(wanted).GroupBy(entry => entry.Key).ToDictionary(group => group.Key, group => group.Last().Value);

        await UnplugPorts(before.Where(entry => wanted.GetValueOrDefault(entry.Key) != entry.Value), ct);
        foreach (var group in nics.GroupBy(nic => nic.Network.Id))
            await InNetwork(group.Key, network => network.Plug(group.Last().Network, [.. group], ct), ct);
        plugged[serverId] = wanted;
    }

    /// <inheritdoc />
    public async Task Unplug(Guid serverId, CancellationToken ct)
    {
        if (plugged.TryGetValue(serverId, out var ports))
            await UnplugPorts(ports, ct);
        plugged.TryRemove(serverId, out _);
        wishes.Set(serverId, []);
    }

    /// <inheritdoc />
    public async Task Restore(IReadOnlyDictionary<Guid, IReadOnlyList<NicSpec>> guests, CancellationToken ct)
    {
        var nics = guests.Values.SelectMany(list => list).ToList();
        if (nics.Count == 0 && !HasTraces())
            return;

        await Parts(ct);
        await RemoveLeftovers(nics, ct);
        if (nics.Count > 0)
            await EnterHost([.. nics.Select(nic => nic.Network.Id)], await RulesOf(nics, ct), ct);
        foreach (var (server, list) in guests)
            await Plug(server, list, ct);
        if (nics.Count == 0)
            await UndoHostChanges(ct);
        LogRestored(guests.Count, networks.Count);
    }

    /// <summary>What this installation changed on the machine as a whole, with what was there before.</summary>
    public IReadOnlyList<HostChange> HostChanges()
    {
        var tables = active.Count == 0 ? [] : new[] { "bridge", "inet" }.Select(family => new HostChange($"nft table {family} {names.Table}", null, "present"));
        return [.. settings.Changes(), .. tables];
    }

    /// <summary>The machine's settings are as they were and our tables are gone. Guests that still run lose their network's protection: remove them first.</summary>
    public async Task UndoHostChanges(CancellationToken ct)
    {
        await hostGate.WaitAsync(ct);
        try
        {
            await LeaveHost(ct);
        }
        finally
        {
            hostGate.Release();
        }
    }

    /// <summary>Stops answering metadata requests. Bridges, DHCP and rules stay, as guests go on running.</summary>
    public async ValueTask DisposeAsync()
    {
        if (metadata is not null)
            await metadata.DisposeAsync();
        parts?.Firewall.Dispose();
        hostGate.Dispose();
    }

    private async Task ApplyLater(HostParts host, CancellationToken ct)
    {
        try
        {
            await Task.Delay(RetryGroups, time, ct);
            await host.Firewall.PutGroups(ct);
        }
        catch (Exception e) when (e is Fault or OperationCanceledException or ObjectDisposedException)
        {
            if (e is Fault fault)
                LogNotApplied(fault.Message, fault.Details);
        }
    }

    private async Task UnplugPorts(IEnumerable<KeyValuePair<Guid, Guid>> ports, CancellationToken ct)
    {
        foreach (var group in ports.GroupBy(entry => entry.Value, entry => entry.Key).ToList())
            await InNetwork(group.Key, network => network.Unplug([.. group], ct), ct);
    }

    /// <summary>Runs one piece of work under the network's lock, in a network that is not just being removed.</summary>
    private async Task InNetwork(Guid id, Func<NetworkOnHost, Task> work, CancellationToken ct)
    {
        while (true)
        {
            var host = await Parts(ct);
            var network = networks.GetOrAdd(id, key => new(key, options, names, host, time));
            await network.Gate.WaitAsync(ct);
            try
            {
                if (network.Removed)
                    continue;

                RefuseSameTag(id);
                await EnterHost([id], [], ct);
                await work(network);
                return;
            }
            finally
            {
                // In this order: whoever finds no entry makes a new one, and enters the host after we left it.
                if (network.Removed && networks.GetValueOrDefault(id) == network)
                {
                    await LeaveHost(id);
                    networks.TryRemove(id, out _);
                }

                network.Gate.Release();
            }
        }
    }

    private void RefuseSameTag(Guid id)
    {
        if (networks.Keys.FirstOrDefault(other => other != id && HostNaming.Tag(other) == HostNaming.Tag(id)) is var other && other != Guid.Empty)
            throw Fault.Conflict($"Networks {id} and {other} would get the same name on this host: give one of them another id.");
    }

    private async Task<HostParts> Parts(CancellationToken ct)
    {
        await hostGate.WaitAsync(ct);
        try
        {
            return parts ??= await Prepare(ct);
        }
        finally
        {
            hostGate.Release();
        }
    }

    /// <summary>The first networks bring the host's tables and settings.</summary>
    /// <param name="entering">Networks that are about to be used.</param>
    /// <param name="first">What the tables hold from their first moment on: after a restart guests run already.</param>
    /// <param name="ct">Cancels.</param>
    private async Task EnterHost(IReadOnlyCollection<Guid> entering, IReadOnlyList<NetworkRules> first, CancellationToken ct)
    {
        await hostGate.WaitAsync(ct);
        try
        {
            if (active.Count == 0)
            {
                await settings.Apply(ct);
                await parts!.Firewall.Create(first, ct);
            }

            active.UnionWith(entering);
        }
        finally
        {
            hostGate.Release();
        }
    }

    private async Task LeaveHost(Guid network)
    {
        await hostGate.WaitAsync(CancellationToken.None);
        try
        {
            if (active.Remove(network) && active.Count == 0)
                await LeaveHost(CancellationToken.None);
        }
        finally
        {
            hostGate.Release();
        }
    }

    private async Task LeaveHost(CancellationToken ct)
    {
        parts ??= await Prepare(ct);
        await parts.Firewall.Delete(ct);
        await settings.Undo(ct);
        active.Clear();
    }

    private async Task<HostParts> Prepare(CancellationToken ct)
    {
        RefuseWithoutPrivilege();
        var tracking = await HostFirewall.Probe(tools, names, ct);
        if (tracking == Tracking.Marks)
            await RequireBridgeFilter(ct);
        if (metadata is not null)
            await metadata.Start(ct);
        LogPrepared(tracking);
        var firewall = new HostFirewall(tools, names, tracking, book);
        return new(tools, firewall, settings, taps, new(tools, settings, names), new(tools, names, firewall), metadata, tracking);
    }

    private async Task RequireBridgeFilter(CancellationToken ct)
    {
        const string Switch = "net/bridge/bridge-nf-call-iptables";
        if (await HostTools.ReadSetting(options.HostNamespace, Switch) is not null)
            return;

        await tools.RunIn(null, new("modprobe", ["br_netfilter"]), ct);
        if (await HostTools.ReadSetting(options.HostNamespace, Switch) is null)
            throw Fault.Unavailable($"This kernel can track bridged connections neither by NF_CONNTRACK_BRIDGE nor by br_netfilter, so security groups cannot work: use a kernel with one of them.");
    }

    private static void RefuseWithoutPrivilege()
    {
        // Bits 12 and 21 of the effective capabilities: CAP_NET_ADMIN and CAP_SYS_ADMIN (capabilities(7)).
        const ulong Needed = 1UL << 12 | 1UL << 21;
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("CapEff:", StringComparison.Ordinal));
        if ((Convert.ToUInt64(line["CapEff:".Length..].Trim(), 16) & Needed) != Needed)
            throw Fault.Unavailable($"The network on this host needs CAP_NET_ADMIN and CAP_SYS_ADMIN: start nova-host as root, or give its service these capabilities (AmbientCapabilities in systemd).");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Host network prepared; connections are tracked by {Tracking}")]
    private partial void LogPrepared(Tracking tracking);

    [LoggerMessage(Level = LogLevel.Information, Message = "Host network restored for {Guests} guests on {Networks} networks")]
    private partial void LogRestored(int guests, int networks);

    [LoggerMessage(Level = LogLevel.Error, Message = "Security groups of running guests could not be changed; the old ones apply: {Reason} {Details}")]
    private partial void LogNotApplied(string reason, string? details);

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {What}, a leftover of this installation")]
    private partial void LogLeftover(string what);
}
