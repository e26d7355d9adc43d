using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// The DHCP server of one network: a dnsmasq in the network's namespace that outlives this process. It is found by its
/// command line, which names a file of this installation, so a lost or reused process id does no harm.
/// </summary>
internal sealed partial class Dnsmasq(LinuxBridgeOptions options, HostTools tools, string space, string folder, TimeProvider time)
{
    private const int Hangup = 1, Kill = 9, Terminate = 15;
    private static readonly TimeSpan ExitPause = TimeSpan.FromMilliseconds(5);
    private const int ExitTries = 400;

    private readonly string config = Path.Combine(folder, "dnsmasq.conf");
    private readonly string hosts = Path.Combine(folder, "hosts");
    private readonly string leases = Path.Combine(folder, "leases");
    private int? pid;

    /// <summary>Runs with the configuration of this network, or not at all when no subnet wants DHCP.</summary>
    public async Task Ensure(NetworkSpec network, CancellationToken ct)
    {
        Directory.CreateDirectory(hosts);
        var wanted = Config(network);
        var current = File.Exists(config) ? await File.ReadAllTextAsync(config, ct) : "";
        if (wanted == current && (wanted.Length == 0 || IsRunning()))
            return;

        await Stop(ct);
        Replace(config, wanted);
        if (wanted.Length > 0)
            await Start(ct);
    }

    /// <summary>These ports get their addresses.</summary>
    public async Task Put(IReadOnlyList<NicSpec> nics, CancellationToken ct)
    {
        var changed = false;
        var added = new List<NicSpec>();
        foreach (var nic in nics)
        {
            var (path, line) = (HostFile(nic.PortId), HostLine(nic));
            var before = File.Exists(path) ? await File.ReadAllTextAsync(path, ct) : null;
            if (line == before)
                continue;

            Replace(path, line);
            changed |= before is not null;
            added.Add(nic);
        }

        if (HasForeignLease(added))
            await Restart(added, ct);
        else if (changed)
            Reload();
    }

    /// <summary>These ports get no address any more.</summary>
    public void Remove(IEnumerable<Guid> ports)
    {
        var files = ports.Select(HostFile).Where(File.Exists).ToList();
        files.ForEach(File.Delete);
        if (files.Count > 0)
            Reload();
    }

    /// <summary>Ends it. Its files stay.</summary>
    public async Task Stop(CancellationToken ct)
    {
        foreach (var process in Find())
        {
            _ = SendSignal(process, Terminate);
            for (var i = 0; IsOurs(process); i++)
            {
                if (i == ExitTries)
                    _ = SendSignal(process, Kill);
                await Task.Delay(ExitPause, time, ct);
            }
        }

        pid = null;
    }

    /// <summary>The configuration file; empty when no subnet wants DHCP. All that varies are addresses, numbers and our own paths.</summary>
    public string Config(NetworkSpec network)
    {
        var subnets = network.Subnets.Select((subnet, index) => (Subnet: subnet, Tag: $"s{index}")).Where(entry => entry.Subnet.Dhcp).ToList();
        if (subnets.Count == 0)
            return "";

        var text = new StringBuilder(
            $"""
            port=0
            no-hosts
            no-resolv
            bind-interfaces
            interface={HostNaming.Inside}
            except-interface=lo
            dhcp-authoritative
            dhcp-lease-max=100000
            quiet-dhcp
            quiet-dhcp6
            quiet-ra
            user={options.DnsmasqUser}
            pid-file={folder}/pid
            log-facility={folder}/log
            dhcp-leasefile={leases}
            dhcp-hostsdir={hosts}

            """);
        foreach (var (subnet, tag) in subnets)
            text.AppendJoin('\n', NamespaceConfig.IsV6(subnet) ? RangeV6(network, subnet, tag) : RangeV4(network, subnet, tag)).Append('\n');
        return text.ToString();
    }

    private static IEnumerable<string> RangeV4(NetworkSpec network, SubnetSpec subnet, string tag)
    {
        var range = NamespaceConfig.Range(subnet);
        var gateway = subnet.Gateway is null ? null : NamespaceConfig.Address(subnet.Gateway);
        var routes = subnet.Routes.SelectMany(route => new[] { IPNetwork.Parse(route.Destination).ToString(), NamespaceConfig.Address(route.NextHop) });

        yield return $"dhcp-range=set:{tag},{range.BaseAddress},static,{Mask(range.PrefixLength)},infinite";
        // Without a gateway no address of ours is in the range, so dnsmasq must be told where the range belongs.
        if (gateway is null)
            yield return $"shared-network={HostNaming.Inside},{range.BaseAddress}";
        yield return $"dhcp-option=tag:{tag},option:mtu,{network.Mtu}";
        // Clients that take option 121 ignore option 3, so it names the default route too.
        yield return $"dhcp-option=tag:{tag},option:router{(gateway is null ? "" : "," + gateway)}";
        string[] all = [HostNaming.MetadataV4 + "/32", gateway ?? "0.0.0.0", .. routes, .. gateway is null ? Array.Empty<string>() : ["0.0.0.0/0", gateway]];
        yield return $"dhcp-option=tag:{tag},option:classless-static-route,{string.Join(',', all)}";
        yield return $"dhcp-option=tag:{tag},option:dns-server{string.Concat(subnet.DnsServers.Select(server => "," + NamespaceConfig.Address(server)))}";
    }

    private static IEnumerable<string> RangeV6(NetworkSpec network, SubnetSpec subnet, string tag)
    {
        var range = NamespaceConfig.Range(subnet);
        yield return "enable-ra";
        yield return $"dhcp-range=set:{tag},{range.BaseAddress},static,{range.PrefixLength},infinite";
        // The last number is how long guests may use us as default router, in seconds.
        yield return $"ra-param={HostNaming.Inside},mtu:{network.Mtu},60,{(subnet.Gateway is null ? 0 : 1800)}";
        if (subnet.DnsServers.Count > 0)
            yield return $"dhcp-option=tag:{tag},option6:dns-server,{string.Join(',', subnet.DnsServers.Select(server => $"[{NamespaceConfig.Address(server)}]"))}";
    }

    private static string HostLine(NicSpec nic)
    {
        var addresses = nic.Addresses.Select(entry => NamespaceConfig.Address(entry.Address)).ToList();
        var v4 = addresses.Find(address => !address.Contains(':', StringComparison.Ordinal));
        string[] fields = [nic.Mac, .. v4 is null ? Array.Empty<string>() : [v4], .. addresses.Where(address => address.Contains(':', StringComparison.Ordinal)).Select(address => $"[{address}]")];
        return addresses.Count == 0
            ? $"{nic.Mac},ignore\n"
            : $"{string.Join(',', fields)},host-{addresses[0].Replace('.', '-').Replace(':', '-')},infinite\n";
    }

    private static IPAddress Mask(int prefix) => new(BitConverter.GetBytes(IPAddress.HostToNetworkOrder((int)(0xffffffffL << (32 - prefix)))));

    /// <summary>An address that another port had before is still leased to it, for ever: dnsmasq would refuse it to the new one.</summary>
    private bool HasForeignLease(IReadOnlyList<NicSpec> added) =>
        added.Count > 0 && File.Exists(leases) && File.ReadLines(leases).Any(line => IsForeign(line, added));

    private static bool IsForeign(string line, IReadOnlyList<NicSpec> added) =>
        line.Split(' ') is [_, var owner, var address, ..] && added.Any(nic => nic.Mac != owner && nic.Addresses.Any(entry => NamespaceConfig.Address(entry.Address) == address));

    private async Task Restart(IReadOnlyList<NicSpec> added, CancellationToken ct)
    {
        await Stop(ct);
        Replace(leases, string.Concat(File.ReadLines(leases).Where(line => !IsForeign(line, added)).Select(line => line + "\n")));
        await Start(ct);
    }

    private async Task Start(CancellationToken ct)
    {
        await tools.RunIn(space, new(options.DnsmasqPath, [Argument]), ct);
        pid = null;
    }

    private string Argument => $"--conf-file={config}";

    private string HostFile(Guid port) => Path.Combine(hosts, port.ToString("N"));

    /// <summary>A new file is noticed by itself; a changed or removed one only with this signal.</summary>
    private void Reload()
    {
        if (IsRunning())
            _ = SendSignal(pid!.Value, Hangup);
    }

    private bool IsRunning()
    {
        if (pid is { } known && IsOurs(known))
            return true;

        pid = Find().Cast<int?>().FirstOrDefault();
        return pid is not null;
    }

    private List<int> Find() =>
        [.. Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out var id) ? id : 0).Where(id => id != 0 && IsOurs(id))];

    private bool IsOurs(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0').Contains(Argument) && !IsNsenter(process);
        }
        catch (IOException)
        {
            // It ended between the two looks.
            return false;
        }
    }

    private static bool IsNsenter(int process) => File.ReadAllText($"/proc/{process}/cmdline").StartsWith("nsenter", StringComparison.Ordinal);

    private static void Replace(string path, string text)
    {
        // Written beside the watched folder and moved into it, so that dnsmasq never reads half a file.
        var part = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(path))!, Path.GetFileName(Path.GetDirectoryName(path)) + "-" + Path.GetFileName(path) + ".part");
        File.WriteAllText(part, text);
        File.Move(part, path, overwrite: true);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
