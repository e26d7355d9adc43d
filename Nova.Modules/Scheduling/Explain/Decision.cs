using System.Text.Json;

namespace Nova.Modules.Scheduling.Explain;

/// <summary>
/// What is kept of a choice of hosts, with the operation that asked for it and as long as that: how many hosts each filter and
/// the claim refused, and where the server could have gone. A few hundred bytes, whatever the number of hosts.
/// </summary>
public sealed record Decision
{
    private const int MostRefusals = 64;
    private const int MostText = 300;

    /// <summary>When hosts were chosen the last time, in milliseconds since 1970 UTC.</summary>
    public required long At { get; init; }

    /// <summary>How many hosts there were.</summary>
    public required int HostsSeen { get; init; }

    /// <summary>How many each prefilter and filter refused, in the order in which they were asked; at most 64.</summary>
    public required IReadOnlyList<KeptRefusal> Refusals { get; init; }

    /// <summary>The chosen host, then the alternates; empty when there was none.</summary>
    public IReadOnlyList<KeptHost> Ranked { get; init; } = [];

    /// <summary>How many chosen hosts had no room any more when they were claimed; all attempts together.</summary>
    public int ClaimsWithoutRoom { get; init; }

    /// <summary>How many chosen hosts the policy of the server's group ruled out by then.</summary>
    public int ClaimsAgainstGroup { get; init; }

    /// <summary>How often hosts were chosen for the server; at least 1.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>How many hosts were left after the filters; those that nobody looked at one by one count as refused.</summary>
    public int HostsFit() => Math.Max(0, HostsSeen - Refusals.Sum(r => r.Hosts + r.NotExamined));

    /// <summary>Of what a scheduler answered for one of the servers of a request.</summary>
    /// <param name="selection">The answer.</param>
    /// <param name="server">The server's place in the request.</param>
    /// <param name="now">Milliseconds since 1970 UTC.</param>
    /// <param name="before">What was decided for the server before, or null.</param>
    public static Decision Of(Selection selection, int server, long now, Decision? before = null) => new()
    {
        At = now,
        HostsSeen = selection.HostsSeen,
        Refusals = [.. selection.Refusals.Take(MostRefusals).Select(KeptRefusal.Of)],
        Ranked = server < selection.Ranked.Count ? [.. selection.Ranked[server].Select(KeptHost.Of)] : [],
        Attempts = (before?.Attempts ?? 0) + 1,
    };

    /// <summary>The same with what claims refused so far.</summary>
    public Decision WithClaims(int withoutRoom, int againstGroup) =>
        this with { ClaimsWithoutRoom = withoutRoom, ClaimsAgainstGroup = againstGroup };

    /// <summary>What an operation kept: the decision, in this process or read from its row; null when it is none.</summary>
    public static Decision? From(object? kept) => kept switch
    {
        Decision decision => decision,
        JsonElement { ValueKind: JsonValueKind.Object } json when json.TryGetProperty(nameof(HostsSeen), out _) => json.Deserialize<Decision>(),
        _ => null,
    };

    /// <summary>A text of at most 300 characters.</summary>
    public static string Short(string text) => text.Length <= MostText ? text : text[..(MostText - 1)] + "…";
}

/// <summary>How many hosts a filter refused, as it is kept.</summary>
/// <param name="Filter">The filter's name.</param>
/// <param name="Hosts">How many hosts it refused.</param>
/// <param name="NearestMiss">What the nearest of them lacked, in at most 300 characters; null when a host was found.</param>
/// <param name="NotExamined">For a filter that looks at hosts one by one: how many it did not come to.</param>
public sealed record KeptRefusal(string Filter, int Hosts, string? NearestMiss, int NotExamined)
{
    /// <summary>Of what a scheduler answered.</summary>
    public static KeptRefusal Of(Refusal refusal) =>
        new(refusal.Filter, refusal.Hosts, refusal.NearestMiss is { } miss ? Decision.Short(miss.ToString()) : null, refusal.NotExamined);
}

/// <summary>A host that could take the server.</summary>
/// <param name="Host">The service's host name.</param>
/// <param name="Node">The hypervisor's host name.</param>
/// <param name="Zone">Its zone.</param>
/// <param name="Score">The sum of what the weighers gave it, relative to the other hosts of the same choice; larger is better.</param>
public sealed record KeptHost(string Host, string Node, string Zone, float? Score)
{
    /// <summary>Of a choice.</summary>
    public static KeptHost Of(HostChoice choice) => new(choice.Host, choice.Node, choice.Zone, choice.Score);
}
