using System.Text;
using System.Text.Json;
using Nova.Modules.Compute;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>Finding and removing what an earlier life of this installation left on the host.</summary>
public sealed partial class LinuxBridgeNetwork
{
    /// <summary>True when something on the machine or in our directory says that we were here; costs no process.</summary>
    private bool HasTraces() =>
        taps.All.Count > 0 || NetworkNamespace.List(names.NamespacePrefix).Count > 0 || Folders().Any() || settings.Changes().Count > 0;

    private IEnumerable<string> Folders()
    {
        var root = Path.Combine(options.Directory, "networks");
        return Directory.Exists(root) ? Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path)) : [];
    }

    private async Task RemoveLeftovers(IReadOnlyList<NicSpec> wanted, CancellationToken ct)
    {
        var tags = wanted.Select(nic => HostNaming.Tag(nic.Network.Id)).ToHashSet();
        var keep = wanted.Select(nic => HostNames.Tap(nic.PortId)).ToHashSet();
        var gone = taps.All.Except(keep).ToList();
        var links = await Links(ct);

        await DeleteLinks(links.Intersect(gone), ct);
        gone.ForEach(taps.Forget);
        foreach (var tag in Folders().Except(tags).ToList())
            await new Dnsmasq(options, tools, names.NamespacePrefix + tag, NetworkOnHost.FolderOf(options, tag), time).Stop(ct);
        await DeleteLinks(links.Where(link => Prefixes.Any(prefix => link.StartsWith(prefix, StringComparison.Ordinal) && !tags.Contains(link[prefix.Length..]))), ct);
        await RemoveNamespaces(tags, ct);
        await RemoveFiles(tags, ct);
    }

    private async Task<IReadOnlyList<NetworkRules>> RulesOf(IEnumerable<NicSpec> nics, CancellationToken ct)
    {
        var rules = new List<NetworkRules>();
        foreach (var group in nics.GroupBy(nic => nic.Network.Id))
        {
            var tag = HostNaming.Tag(group.Key);
            rules.Add(new(names.BridgePrefix + tag, names.GatewayPrefix + tag, await settings.Slot(tag, ct), [.. group]));
        }

        return rules;
    }

    private string[] Prefixes => [names.UplinkPrefix, names.GatewayPrefix, names.BridgePrefix];

    private async Task<IReadOnlyList<string>> Links(CancellationToken ct)
    {
        using var answer = JsonDocument.Parse(await tools.AskHost(["link", "show"], ct));
        return [.. answer.RootElement.EnumerateArray().Select(link => link.GetProperty("ifname").GetString()!)];
    }

    private async Task DeleteLinks(IEnumerable<string> links, CancellationToken ct)
    {
        var batch = new StringBuilder();
        foreach (var link in links)
        {
            batch.Append($"link del dev {link}\n");
            LogLeftover(link);
        }

        await tools.HostLinks(batch.ToString(), ct);
    }

    private async Task RemoveNamespaces(HashSet<string> keep, CancellationToken ct)
    {
        foreach (var space in NetworkNamespace.List(names.NamespacePrefix).Where(space => !keep.Contains(space[names.NamespacePrefix.Length..])))
        {
            await NetworkOnHost.RemoveNamespace(tools, space, ct);
            LogLeftover(space);
        }
    }

    private async Task RemoveFiles(HashSet<string> keep, CancellationToken ct)
    {
        foreach (var tag in Folders().Except(keep).ToList())
            Directory.Delete(NetworkOnHost.FolderOf(options, tag), recursive: true);
        await settings.KeepSlots(keep, ct);
    }
}
