namespace Nova.Modules.Hardware;

/// <summary>Finds the devices of a guest whose cells are known.</summary>
internal static class DeviceFitting
{
    /// <summary>A device for each that is wanted, or null when they are not there.</summary>
    /// <param name="layout">The host's hardware.</param>
    /// <param name="use">What others have of it.</param>
    /// <param name="demand">What the guest wants.</param>
    /// <param name="cells">The host's cells that the guest is on; empty for a guest that is on none in particular.</param>
    /// <param name="isAllowed">Which devices it may get for a demand, by its position; null for all.</param>
    public static IReadOnlyList<GivenDevice>? Find(
        HardwareLayout layout, HostUse use, HardwareDemand demand, IReadOnlyList<HardwareLayout.Cell> cells, Func<int, HostDevice, bool>? isAllowed)
    {
        if (demand.Devices.Count == 0)
            return [];

        var wanted = demand.Devices.SelectMany((d, i) => Enumerable.Repeat((Index: i, Demand: d), d.Count)).ToList();
        var candidates = wanted.ConvertAll(w => Candidates(layout, use, w.Demand, cells, isAllowed is null ? null : d => isAllowed(w.Index, d)));
        var owner = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < wanted.Count; i++)
            if (!TryMatch(i, candidates, owner, []))
                return null;

        var given = owner.Select(pair => new GivenDevice(wanted[pair.Value].Index, pair.Key)).OrderBy(d => d.Demand).ThenBy(d => d.Address, StringComparer.Ordinal).ToList();
        return Conflict(layout, given) ? null : given;
    }

    // Augmenting paths: a wanted device may push another one to its next choice.
    private static bool TryMatch(int wanted, List<List<string>> candidates, Dictionary<string, int> owner, HashSet<string> seen)
    {
        foreach (var address in candidates[wanted])
            if (seen.Add(address) && (!owner.TryGetValue(address, out var other) || TryMatch(other, candidates, owner, seen)))
            {
                owner[address] = wanted;
                return true;
            }

        return false;
    }

    private static List<string> Candidates(
        HardwareLayout layout, HostUse use, DeviceDemand demand, IReadOnlyList<HardwareLayout.Cell> cells, Func<HostDevice, bool>? isAllowed) =>
    [
        .. layout.Devices
            .Where(d => IsFree(layout, use, d) && (isAllowed is null || isAllowed(d)) && demand.Specs.Any(spec => spec.Matches(d)) && IsNear(layout, d, demand.Affinity, cells))
            .OrderBy(d => cells.Count > 0 && cells.Any(c => c.Id == d.Cell) ? 0 : 1)
            .ThenBy(d => d.Address, StringComparer.Ordinal)
            .Select(d => d.Address),
    ];

    /// <summary>Whether nobody has the device, nor a function of it, nor the device that it is a function of.</summary>
    public static bool IsFree(HardwareLayout layout, HostUse use, HostDevice device) =>
        use.IsFree(device.Address)
        && (device.Parent is null || use.IsFree(device.Parent))
        && (device.Type != "type-PF" || layout.Devices.All(d => d.Parent != device.Address || use.IsFree(d.Address)));

    private static bool IsNear(HardwareLayout layout, HostDevice device, NumaAffinity affinity, IReadOnlyList<HardwareLayout.Cell> cells) =>
        cells.Count == 0 || affinity switch
        {
            NumaAffinity.Required => cells.Any(c => c.Id == device.Cell),
            NumaAffinity.Legacy => device.Cell is null || cells.Any(c => c.Id == device.Cell),
            NumaAffinity.Socket => layout.Cells.FirstOrDefault(c => c.Id == device.Cell) is { } near && cells.Any(c => c.Socket == near.Socket),
            _ => true,
        };

    // A physical function and a virtual one of the same guest.
    private static bool Conflict(HardwareLayout layout, List<GivenDevice> given) =>
        given.Exists(d => layout.ByAddress[d.Address].Parent is { } parent && given.Exists(other => other.Address == parent));
}
