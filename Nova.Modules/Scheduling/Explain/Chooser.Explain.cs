using Nova.Modules.Placement;
using Nova.Modules.Scheduling.Explain;

namespace Nova.Modules.Scheduling;

// Questions to a picture beside the choice itself.
internal sealed partial class Chooser
{
    private const int MostFilled = 100_000;

    /// <summary>Takes in a whole picture; what was heard before stays, because it is newer.</summary>
    public void Load(PictureSnapshot snapshot)
    {
        foreach (var aggregate in snapshot.Aggregates)
            AggregateChanged(aggregate);
        foreach (var host in snapshot.Hosts)
            HostChanged(host);
        foreach (var provider in snapshot.Providers)
            ProviderChanged(provider);
        foreach (var server in snapshot.Servers)
            ServerLoaded(server);
        foreach (var change in snapshot.Hardware)
            HardwareChanged(change);
        foreach (var failed in snapshot.FailedBuilds)
            Picture.SetFailedBuilds(failed);
        Picture.EndLoading();
        foreach (var member in snapshot.Members)
            MemberChanged(member);
    }

    /// <summary>What the choice would be now, with all reasons. What is chosen is given back at once.</summary>
    /// <param name="request">The request; its servers are in no picture.</param>
    /// <param name="mostFitted">How many hosts are looked at one by one.</param>
    public Verdict Try(PlacementRequest request, int mostFitted)
    {
        var selection = Choose(request);
        Forget(request);
        _scanned = null;
        var reasons = Explanation.Of(_filters, Picture, request, Math.Min(mostFitted, _options.MaxMisfits));
        var refused = reasons.Sum(r => r.Hosts + r.NotExamined);
        return new()
        {
            Fits = selection.IsComplete,
            HostsSeen = selection.HostsSeen,
            HostsFit = Math.Max(selection.HostsSeen - refused, selection.IsComplete ? 1 : 0),
            Refusals = selection.IsComplete ? reasons : selection.Refusals,
            Best = selection.IsComplete ? Scored(request, selection.Ranked[0]) : [],
        };
    }

    /// <summary>True when room can only be counted by filling hosts up, which is done on a copy.</summary>
    public bool HasToFill(PlacementRequest request) => TreeFit.Concerns(Picture, request) || FittingOf(request).Count > 0;

    /// <summary>How many more servers alike fit. Fills the picture up where <see cref="HasToFill"/>.</summary>
    public Capacity Room(PlacementRequest one, CancellationToken ct)
    {
        _scanned = null;
        var (alive, fitting) = (AliveFor(one), FittingOf(one));
        var (servers, hosts, left) = (0L, 0, MostFilled);
        var shortages = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var slot = alive.Next(0); slot >= 0 && left > 0; slot = alive.Next(slot + 1))
        {
            ct.ThrowIfCancellationRequested();
            var (fits, scarce) = HasToFill(one) ? Fill(one, fitting, slot, ref left) : Divide(one, slot);
            if (fits == 0)
                continue;

            (servers, hosts) = (servers + fits, hosts + 1);
            if (scarce.Length > 0)
                shortages[scarce] = shortages.GetValueOrDefault(scarce) + 1;
        }

        _scanned = null;
        return new()
        {
            Servers = servers,
            IsAtLeast = left == 0,
            HostsSeen = Picture.Present.Count(),
            HostsFit = hosts,
            RunsOut = [.. shortages.Select(s => new Shortage(s.Key, s.Value)).OrderByDescending(s => s.Hosts).ThenBy(s => s.What, StringComparer.Ordinal)],
            Refusals = Explanation.Of(_filters, Picture, one, Math.Min(1, _options.MaxMisfits)),
        };
    }

    private IReadOnlyList<ScoredHost> Scored(PlacementRequest request, IReadOnlyList<HostChoice> ranked)
    {
        _scan.Run(Picture, request);
        return [.. ranked.Select(h => new ScoredHost(h.Host, h.Node, h.Zone, h.Score ?? 0, _scan.SharesOf(Picture.SlotOf(h.HostId))))];
    }

    private BitSet AliveFor(PlacementRequest request)
    {
        var alive = new BitSet();
        alive.CopyFrom(Picture.Present, Picture.Slots / 64);
        foreach (var filter in _filters.Where(f => !request.SkipFilters || f.IsAlwaysAsked))
            filter.Narrow(Picture, request, alive);
        return alive;
    }

    private List<IFittingFilter> FittingOf(PlacementRequest request) =>
        [.. _filters.OfType<IFittingFilter>().Where(f => (!request.SkipFilters || f.IsAlwaysAsked) && f.Concerns(Picture, request))];

    // The class of which there is least, relative to what a server takes.
    private (long Fits, string Scarce) Divide(PlacementRequest one, int slot)
    {
        var (fits, least, scarce) = (long.MaxValue, double.PositiveInfinity, "");
        foreach (var (name, amount) in one.Resources)
        {
            if (amount <= 0)
                continue;

            var free = Picture.Resource(name)!.Free[slot];
            fits = Math.Min(fits, free / amount);
            if ((double)free / amount < least)
                (least, scarce) = ((double)free / amount, name);
        }

        return fits == long.MaxValue ? (1, "") : (fits, scarce);
    }

    private (long Fits, string Scarce) Fill(PlacementRequest one, List<IFittingFilter> fitting, int slot, ref int left)
    {
        var fits = 0;
        while (left > 0)
        {
            if (one.Resources.FirstOrDefault(r => r.Amount > 0 && !HasRoom(r, slot)) is { Class: not null } scarce)
                return (fits, scarce.Class);
            if (fitting.Find(f => !f.Fits(Picture, one, slot)) is { } misfit)
                return (fits, misfit.Name);

            // Ids that no server has, in the order of counting.
            var server = new Guid(MostFilled - left + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
            var choice = Picture.Choice(slot);
            if (TreeFit.Concerns(Picture, one))
                choice = choice with { Parts = TreeFit.Find(Picture, one, slot) };
            _assumptions.Add(server, slot, one with { Servers = [server], Group = null }, choice, long.MaxValue);
            (fits, left) = (fits + 1, left - 1);
        }

        return (fits, "");
    }

    private bool HasRoom(ResourceAmount wanted, int slot) =>
        Picture.FitsOwn(slot, wanted) || (Picture.NestedRoom(wanted.Class) is { } below && below[slot] >= wanted.Amount);
}
