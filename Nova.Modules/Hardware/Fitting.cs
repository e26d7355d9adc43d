namespace Nova.Modules.Hardware;

/// <summary>How many times a cell's shared processors and small pages are given out.</summary>
internal readonly record struct FitRatios(double Cpu, double Memory);

/// <summary>
/// Finds the pieces of a host that a guest gets: the one function with which the scheduler looks whether a guest fits and the
/// claim takes. It depends on nothing but what it is given.
/// </summary>
internal static class Fitting
{
    // Guests have few cells, and cells that do not fit are left out first: real guests need a handful of tries.
    private const int MaxTries = 5000;

    /// <summary>What the guest gets, or null when it does not fit.</summary>
    /// <param name="host">The host's hardware.</param>
    /// <param name="use">What others have of it.</param>
    /// <param name="demand">What the guest wants.</param>
    /// <param name="ratios">Of what is shared.</param>
    /// <param name="isAllowed">Which devices it may get for a demand, by its position; null for all.</param>
    public static GivenHardware? Find(HostHardware host, HostUse use, HardwareDemand demand, FitRatios ratios, Func<int, HostDevice, bool>? isAllowed = null)
    {
        if (demand.Cells.Count == 0)
            return DeviceFitting.Find(host.Layout, use, demand, [], isAllowed) is { } devices ? new() { Devices = devices } : null;

        var layout = host.Layout;
        if (demand.Cells.Count > layout.Cells.Count)
            return null;

        var search = new Search(layout, use, demand, ratios, isAllowed, Order(layout, use, demand));
        return search.Try(0) ? search.Found : null;
    }

    // Where devices are wanted, cells that have them come first, else last; among those, the ones with the most room.
    private static List<HardwareLayout.Cell> Order(HardwareLayout layout, HostUse use, HardwareDemand demand) =>
    [
        .. layout.Cells
            .OrderBy(cell => HasDevice(layout, use, demand, cell) == (demand.Devices.Count > 0) ? 0 : 1)
            .ThenByDescending(cell => cell.Cores.Sum(core => core.Count(use.IsFree)))
            .ThenByDescending(cell => cell.SmallMemoryMb - use.MemoryMb(cell.Id, 0))
            .ThenBy(cell => cell.Id),
    ];

    private static bool HasDevice(HardwareLayout layout, HostUse use, HardwareDemand demand, HardwareLayout.Cell cell) =>
        layout.Devices.Any(d => d.Cell == cell.Id && use.IsFree(d.Address)
            && (demand.Devices.Count == 0 || demand.Devices.Any(want => want.Specs.Any(spec => spec.Matches(d)))));

    /// <summary>Gives the guest's cells one after the other a cell of the host, and goes back where it does not work out.</summary>
    private sealed class Search(
        HardwareLayout layout, HostUse use, HardwareDemand demand, FitRatios ratios, Func<int, HostDevice, bool>? isAllowed, List<HardwareLayout.Cell> order)
    {
        private readonly CellFit?[] _given = new CellFit?[demand.Cells.Count];
        private readonly HashSet<int> _taken = [];
        private int _tries;

        public GivenHardware? Found { get; private set; }

        public bool Try(int guest)
        {
            if (guest == _given.Length)
                return Finish();

            foreach (var cell in order)
            {
                if (_taken.Contains(cell.Id) || ++_tries > MaxTries)
                    continue;
                if (CellFitting.Find(cell, use, demand, demand.Cells[guest], ratios) is not { } fit)
                    continue;

                _given[guest] = fit;
                _taken.Add(cell.Id);
                if (Try(guest + 1))
                    return true;
                _taken.Remove(cell.Id);
            }

            return false;
        }

        private bool Finish()
        {
            var cells = layout.Cells.Where(c => _taken.Contains(c.Id)).ToList();
            if (DeviceFitting.Find(layout, use, demand, cells, isAllowed) is not { } devices)
                return false;

            Found = new()
            {
                Cells = [.. _given.Select(fit => fit!.Cell)], Devices = devices, EmulatorCpu = _given.Select(fit => fit!.EmulatorCpu).FirstOrDefault(cpu => cpu is not null),
            };
            return true;
        }
    }
}
