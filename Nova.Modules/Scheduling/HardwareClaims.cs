using System.Text.Json;
using Nova.Modules.Hardware;
using Nova.Modules.Placement;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Scheduling;

/// <summary>Gives out hosts' hardware inside a unit of work, and tells the pictures.</summary>
public sealed class HardwareClaims(IEnumerable<IPictureFeed> feeds, PlacementOptions options)
{
    private readonly IPictureFeed[] _feeds = [.. feeds];

    /// <summary>What the guest gets of the host, with what of it Placement has to count; null when it does not fit.</summary>
    public ClaimedHardware? TryClaim(Tx tx, Guid hostId, Guid consumerId, HardwareDemand demand)
    {
        if (HardwareStore.TryClaim(tx, hostId, consumerId, demand) is not { } claim)
            return null;

        Tell(tx, claim.Change);
        return new(claim.Change.Given!, [.. claim.Devices.Select(d => new ProviderPart(NestedProviders.IdOf(hostId, d.ProviderAddress), "", [new(d.Class, 1)]))]);
    }

    /// <summary>Gives back what the consumer has; harmless when it has nothing.</summary>
    public void Release(Tx tx, Guid consumerId)
    {
        foreach (var change in HardwareStore.Release(tx, consumerId))
            Tell(tx, change);
    }

    /// <summary>Gives back one device; what of it Placement counted is the caller's to give back.</summary>
    public IReadOnlyList<ProviderPart> ReleaseDevice(Tx tx, Guid hostId, Guid consumerId, string address)
    {
        if (HardwareStore.ReleaseDevice(tx, hostId, consumerId, address) is not { } released)
            return [];

        Tell(tx, released.Change);
        return [.. released.Devices.Select(d => new ProviderPart(NestedProviders.IdOf(hostId, d.ProviderAddress), "", [new(d.Class, 1)]))];
    }

    private void Tell(Tx tx, HardwareChange change)
    {
        foreach (var feed in _feeds)
            tx.AfterCommit(() => feed.HardwareChanged(change));
        if (options.ShareUsage)
            tx.Emit(new("hardware.given", change.HostId.ToString(), null, JsonSerializer.Serialize(change)));
    }
}

/// <summary>What a guest was given.</summary>
/// <param name="Given">The pieces.</param>
/// <param name="Parts">What Placement has to count: an entry for each device that is a provider's.</param>
public sealed record ClaimedHardware(GivenHardware Given, IReadOnlyList<ProviderPart> Parts);
