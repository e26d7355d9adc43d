using System.Net;
using System.Text;
using System.Text.Json;
using Nova.Modules.Compute;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>Who a network's guests are outside.</summary>
/// <param name="Router">The address of their router on its external network, or null.</param>
/// <param name="Namespace">The address of their namespace towards the host.</param>
/// <param name="Floating">The floating addresses of some of them.</param>
internal sealed record OutsideRules(string? Router, string Namespace, IReadOnlyList<string> Floating)
{
    /// <summary>True when they are only known as the host.</summary>
    public bool IsEmpty => Router is null && Floating.Count == 0;
}

/// <summary>
/// What passes between networks of this host: calls of floating addresses, and calls of guests behind routers to networks that
/// the host itself reaches. On those, addresses of routers and guests elsewhere are answered for by the network's namespace.
/// </summary>
internal sealed class OutsideTraffic(HostTools tools, HostNaming names, HostFirewall firewall)
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly Dictionary<Guid, OutsideRules> rules = [];
    private readonly Dictionary<Guid, OpenNetwork> open = [];

    /// <summary>A network's guests are known outside by these addresses.</summary>
    public Task Put(Guid network, OutsideRules wanted, CancellationToken ct) => Change(
        () =>
        {
            if (wanted.IsEmpty && !rules.ContainsKey(network))
                return false;

            rules[network] = wanted;
            if (wanted.IsEmpty)
                rules.Remove(network);
            return true;
        },
        ct);

    /// <summary>The network is there, with its namespace; whoever leads out may call its guests when the host may.</summary>
    /// <param name="network">As it is now.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="isNew">True when its namespace was made in this life of the program.</param>
    /// <param name="ct">Cancels.</param>
    public Task Open(NetworkSpec network, int slot, bool isNew, CancellationToken ct) => Change(
        () =>
        {
            if (!network.HostReachable)
                return open.Remove(network.Id);

            var ranges = network.Subnets.Where(subnet => !NamespaceConfig.IsV6(subnet)).Select(NamespaceConfig.Range).ToList();
            open[network.Id] = open.TryGetValue(network.Id, out var known) ? known with { Ranges = ranges } : new(network.Id, slot, ranges) { Answered = isNew ? [] : null };
            return true;
        },
        ct);

    /// <summary>Nothing of the network is outside any more; its namespace may go.</summary>
    public Task Close(Guid network, CancellationToken ct) => Change(() => rules.Remove(network) | open.Remove(network), ct);

    private async Task Change(Func<bool> change, CancellationToken ct)
    {
        await gate.WaitAsync(ct);
        try
        {
            if (!change())
                return;

            await firewall.PutOutside(Sets(), ct);
            foreach (var network in open.Values.ToList())
                await Answer(network, ct);
        }
        finally
        {
            gate.Release();
        }
    }

    private string Sets()
    {
        var text = new StringBuilder();
        Set(text, "floating", rules.Values.SelectMany(entry => entry.Floating));
        Set(text, "leaving", rules.Values.Where(entry => entry.Router is not null).Select(entry => entry.Namespace));
        Set(text, "routers", rules.Values.Where(entry => entry.Router is not null).Select(entry => $"{entry.Namespace} : {entry.Router}"));
        Set(text, "open", open.Keys.Select(id => $"\"{names.UplinkPrefix}{HostNaming.Tag(id)}\""));
        return text.ToString();
    }

    private void Set(StringBuilder text, string set, IEnumerable<string> elements)
    {
        text.Append($"flush {(set == "routers" ? "map" : "set")} inet {names.Table} {set}\n");
        if (string.Join(", ", elements.Distinct().Order(StringComparer.Ordinal)) is { Length: > 0 } all)
            text.Append($"add element inet {names.Table} {set} {{ {all} }}\n");
    }

    /// <summary>The namespace answers for addresses of its range that are behind other namespaces, and knows the way there.</summary>
    private async Task Answer(OpenNetwork network, CancellationToken ct)
    {
        var space = names.NamespacePrefix + HostNaming.Tag(network.Id);
        var wanted = rules.Values.SelectMany(entry => entry.Router is { } router ? entry.Floating.Append(router) : entry.Floating)
            .Where(address => network.Ranges.Any(range => range.Contains(IPAddress.Parse(address)))).ToHashSet();
        var present = network.Answered ?? await Present(space, ct);
        var batch = new StringBuilder();
        foreach (var gone in present.Except(wanted))
            batch.Append($"neigh del proxy {gone} dev {HostNaming.Inside}\nroute del {gone} dev {HostNaming.Up}\n");
        foreach (var added in wanted.Except(present))
            batch.Append($"route replace {added} via {names.HostSide(network.Slot)} dev {HostNaming.Up}\nneigh replace proxy {added} dev {HostNaming.Inside}\n");
        await tools.Links(space, batch.ToString(), ct);
        open[network.Id] = network with { Answered = wanted };
    }

    private async Task<HashSet<string>> Present(string space, CancellationToken ct)
    {
        using var answer = JsonDocument.Parse(await tools.Ask(space, ["neigh", "show", "proxy", "dev", HostNaming.Inside], ct) is { Length: > 0 } text ? text : "[]");
        return [.. answer.RootElement.EnumerateArray().Select(entry => entry.GetProperty("dst").GetString()!)];
    }

    // Null: not known, because an earlier life of the program left it.
    private sealed record OpenNetwork(Guid Id, int Slot, IReadOnlyList<IPNetwork> Ranges)
    {
        public HashSet<string>? Answered { get; init; }
    }
}
