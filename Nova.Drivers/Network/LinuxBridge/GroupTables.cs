using System.Collections.Immutable;
using System.Text;
using Nova.Modules.Compute.Live;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// The security groups in our tables: two chains for each group that a port has, and a set per family for each group that a
/// rule names. A change of a rule writes two chains anew and one of a member an element, whatever the number of ports.
/// </summary>
/// <param name="where">Family and name of the table.</param>
/// <param name="book">What is known of groups.</param>
internal sealed class GroupTables(string where, GroupBook book)
{
    private readonly Dictionary<GroupKey, string> chains = [];
    private readonly Dictionary<GroupKey, ImmutableHashSet<string>> sets = [];

    /// <summary>The chain to which a port jumps.</summary>
    public static string Chain(GroupKey key, bool ingress) => $"{(ingress ? "gi" : "ge")}_{Name(key)}";

    /// <summary>The tables are gone, or made anew.</summary>
    public void Clear()
    {
        chains.Clear();
        sets.Clear();
    }

    /// <summary>What has to be written so that ports with these groups find them as the book says.</summary>
    public GroupUpdate Plan(IEnumerable<GroupKey> used)
    {
        var wanted = used.Distinct().ToDictionary(key => key, Text);
        var named = wanted.Keys.SelectMany(Named).Distinct().ToDictionary(key => key, book.Members);
        var (before, after) = (new StringBuilder(), new StringBuilder());
        foreach (var (key, members) in named)
            Fill(before, key, members);
        foreach (var (key, text) in wanted)
            if (chains.GetValueOrDefault(key) != text)
                before.Append(text);

        GroupKey[] idle = [.. chains.Keys.Where(key => !wanted.ContainsKey(key))], unnamed = [.. sets.Keys.Where(key => !named.ContainsKey(key))];
        foreach (var key in idle)
            after.Append($"delete chain {where} {Chain(key, true)}\ndelete chain {where} {Chain(key, false)}\n");
        foreach (var key in unnamed)
            after.Append($"delete set {where} {Set(key, v6: false)}\ndelete set {where} {Set(key, v6: true)}\n");
        return new(before.ToString(), after.ToString(), () => Keep(wanted, named, idle, unnamed));
    }

    private void Keep(Dictionary<GroupKey, string> wanted, Dictionary<GroupKey, ImmutableHashSet<string>> named, GroupKey[] idle, GroupKey[] unnamed)
    {
        foreach (var (key, text) in wanted)
            chains[key] = text;
        foreach (var (key, members) in named)
            sets[key] = members;
        Array.ForEach(idle, key => chains.Remove(key));
        Array.ForEach(unnamed, key => sets.Remove(key));
    }

    private IEnumerable<GroupKey> Named(GroupKey key) =>
        book.Rules(key).Where(rule => rule.RemoteGroup is not null).Select(rule => key with { GroupId = rule.RemoteGroup!.Value });

    private void Fill(StringBuilder text, GroupKey key, ImmutableHashSet<string> members)
    {
        if (sets.TryGetValue(key, out var had) && ReferenceEquals(had, members))
            return;

        foreach (var v6 in (IEnumerable<bool>)[false, true])
        {
            if (had is null)
                text.Append($"add set {where} {Set(key, v6)} {{ type {(v6 ? "ipv6_addr" : "ipv4_addr")}; }}\n");
            Elements(text, "delete", key, v6, (had ?? []).Except(members));
            Elements(text, "add", key, v6, members.Except(had ?? []));
        }
    }

    private void Elements(StringBuilder text, string verb, GroupKey key, bool v6, IEnumerable<string> addresses)
    {
        var list = string.Join(", ", addresses.Where(address => address.Contains(':', StringComparison.Ordinal) == v6).Select(address => GroupRules.Element(address, v6)));
        if (list.Length > 0)
            text.Append($"{verb} element {where} {Set(key, v6)} {{ {list} }}\n");
    }

    private string Text(GroupKey key)
    {
        var text = new StringBuilder();
        foreach (var ingress in (IEnumerable<bool>)[true, false])
        {
            text.Append($"add chain {where} {Chain(key, ingress)}\nflush chain {where} {Chain(key, ingress)}\n");
            foreach (var condition in Conditions(key, ingress).Distinct())
                text.Append($"add rule {where} {Chain(key, ingress)} {condition} accept\n");
        }

        return text.ToString();
    }

    private IEnumerable<string> Conditions(GroupKey key, bool ingress) =>
        from rule in book.Rules(key)
        where rule.Ingress == ingress
        select GroupRules.Condition(rule, rule.RemoteGroup is { } remote ? Set(key with { GroupId = remote }, rule.V6) : null);

    private static string Set(GroupKey key, bool v6) => $"{(v6 ? "m6" : "m4")}_{Name(key)}";

    private static string Name(GroupKey key) => $"{HostNaming.Tag(key.NetworkId)}_{key.GroupId:N}";
}

/// <summary>A part of one transaction.</summary>
/// <param name="Before">Goes before the ports that use the groups.</param>
/// <param name="After">Goes after the ports that do not use them any more.</param>
/// <param name="Done">To be called when the transaction was taken.</param>
internal sealed record GroupUpdate(string Before, string After, Action Done);
