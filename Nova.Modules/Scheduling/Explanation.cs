namespace Nova.Modules.Scheduling;

/// <summary>Why a request found no host: how many each filter refused, and what the nearest of them lacked.</summary>
internal static class Explanation
{
    /// <summary>Runs the filters again, and looks at the hosts that are left for as long as the scan does.</summary>
    public static IReadOnlyList<Refusal> Of(IReadOnlyList<IHostFilter> filters, Picture picture, PlacementRequest request, int maxMisfits)
    {
        var (alive, refused, reasons) = (new BitSet(), new BitSet(), new List<Refusal>());
        alive.CopyFrom(picture.Present, picture.Slots / 64);
        foreach (var filter in filters.Where(f => !request.SkipFilters || f.IsAlwaysAsked))
        {
            refused.CopyFrom(alive);
            filter.Narrow(picture, request, alive);
            refused.AndNot(alive);
            if (refused.Count() is var count and > 0)
                reasons.Add(new(filter.Name, count, filter.NearestMiss(picture, request, refused)));
        }

        var fitting = filters.OfType<IFittingFilter>().Where(f => f.Concerns(picture, request) && (!request.SkipFilters || f.IsAlwaysAsked)).ToList();
        return fitting.Count == 0 || alive.IsEmpty ? reasons : WithMisfits(reasons, fitting, picture, request, alive, maxMisfits);
    }

    private static IReadOnlyList<Refusal> WithMisfits(
        List<Refusal> reasons, List<IFittingFilter> filters, Picture picture, PlacementRequest request, BitSet alive, int most)
    {
        var refused = filters.ConvertAll(_ => new BitSet());
        var (examined, left) = (0, alive.Count());
        for (var slot = alive.Next(0); slot >= 0 && examined < most; slot = alive.Next(slot + 1))
        {
            examined++;
            left--;
            if (filters.FindIndex(f => !f.Fits(picture, request, slot)) is var which and >= 0)
                refused[which][slot] = true;
        }

        for (var i = 0; i < filters.Count; i++)
        {
            var (known, count) = (reasons.FindIndex(r => r.Filter == filters[i].Name), refused[i].Count());
            var notExamined = i == 0 ? left : 0;
            if (count + notExamined == 0)
                continue;

            var before = known < 0 ? new(filters[i].Name, 0) : reasons[known];
            var reason = before with
            {
                Hosts = before.Hosts + count, NotExamined = notExamined,
                NearestMiss = count > 0 ? filters[i].NearestMiss(picture, request, refused[i]) : before.NearestMiss,
            };
            if (known < 0)
                reasons.Add(reason);
            else
                reasons[known] = reason;
        }

        return reasons;
    }
}
