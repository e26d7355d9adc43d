using System.Globalization;
using Nova.Modules.Scheduling;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Create;

/// <summary>The fault of a server that no host can take, with the reasons.</summary>
public static class NoValidHost
{
    /// <summary>Nothing was left after the filters.</summary>
    /// <param name="selection">How many hosts each filter refused.</param>
    /// <param name="failures">What happened on the hosts that were tried before.</param>
    public static Fault Because(Selection selection, IReadOnlyList<string> failures)
    {
        var reasons = string.Join("; ", selection.Refusals.Where(r => r.Hosts > 0).Select(Sentence));
        var text = reasons.Length == 0
            ? Message.Of($"No valid host was found. There are not enough hosts available.")
            : Message.Of($"No valid host was found. There are not enough hosts available. {reasons}");
        var counts = string.Join(" ", selection.Refusals.Where(r => r.Hosts > 0).Select(Count));
        var details = string.Create(CultureInfo.InvariantCulture, $"{selection.HostsSeen} hosts were looked at. {counts}");
        return new(FaultKind.Internal, text, string.Join("\n", [details, .. failures]));
    }

    /// <summary>Every chosen host was taken by somebody else before the claim, or by now has members of the server's group.</summary>
    /// <param name="claim">How many hosts were refused.</param>
    /// <param name="policy">The policy of the server's group, or null.</param>
    public static Fault Refused(ClaimResult claim, string? policy) => new(
        FaultKind.Internal,
        Message.Of($"No valid host was found. There are not enough hosts available."),
        string.Create(CultureInfo.InvariantCulture, $"The claim was refused on {claim.Full + claim.Unfit} hosts: {claim.Full} had no room any more")
            + (policy is null ? "." : string.Create(CultureInfo.InvariantCulture, $", {claim.Unfit} were ruled out by the {policy} of the server group.")));

    private static string Sentence(Refusal refusal) => refusal.NearestMiss is { } miss ? Decision.Short(miss.ToString()) : Count(refusal);

    private static string Count(Refusal refusal) => string.Create(
        CultureInfo.InvariantCulture, $"{refusal.Filter} refused {refusal.Hosts}{(refusal.NearestMiss is { } miss ? $": {miss}." : ".")}");
}
