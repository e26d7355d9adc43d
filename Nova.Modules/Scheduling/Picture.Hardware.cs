using Nova.Modules.Hardware;
using Nova.Modules.Placement;

namespace Nova.Modules.Scheduling;

// What hosts give out piece by piece, and who has it; summed up in columns, so that hosts are rarely fitted in vain.
public sealed partial class Picture
{
    private const int MebibytesMost = 1 << 30;

    private readonly Dictionary<(string Vendor, string Product), IntColumn> _devices = [];
    private readonly Dictionary<int, IntColumn> _pages = [];
    private HardwareOfHost?[] _hardware = [];
    private IntColumn? _numaCells, _mostPinnable, _freeDevices;

    /// <summary>How many NUMA cells each host has; 0 where it does not tell.</summary>
    public IntColumn NumaCells => _numaCells ??= NewCount();

    /// <summary>How many processors the best cell of each host still has for one guest.</summary>
    public IntColumn MostPinnable => _mostPinnable ??= NewCount();

    /// <summary>How many devices of each host nobody has.</summary>
    public IntColumn FreeDevices => _freeDevices ??= NewCount();

    /// <summary>How many of a kind of device nobody has; null when no host has any.</summary>
    public IntColumn? FreeDevicesOf(string vendorId, string productId) => _devices.GetValueOrDefault(KindOf(vendorId, productId));

    /// <summary>How many MiB of pages of a size (KiB) the best cell of each host still has; null when no host has such pages.</summary>
    public IntColumn? MostPages(int sizeKb) => _pages.GetValueOrDefault(sizeKb);

    /// <summary>A guest was given hardware, or gave it back. Ignored when a later change of the same guest was seen.</summary>
    public void Apply(HardwareChange change)
    {
        var slot = SlotFor(change.HostId);
        HardwareOf(slot).Set(change);
        SumUp(slot);
    }

    /// <summary>The pieces of a host that a guest would get; null when it does not fit.</summary>
    internal GivenHardware? FindHardware(int slot, HardwareDemand demand) =>
        _hardware[slot] is { Hardware: { } hardware } host
            ? Fitting.Find(hardware, host.Use, demand, RatiosOf(slot), hardware.DevicesInPlacement ? (_, device) => HasProvider(slot, device) : null)
            : null;

    /// <summary>Counts pieces as taken by a server, until its claim is seen or dropped.</summary>
    internal void AssumeHardware(int slot, Guid server, GivenHardware given)
    {
        HardwareOf(slot).Assume(server, given);
        SumUp(slot);
    }

    internal void DropAssumedHardware(int slot, Guid server)
    {
        if (_hardware[slot]?.Drop(server) == true)
            SumUp(slot);
    }

    // Placement may know less of a device than the host says: an operator has reserved it there.
    private bool HasProvider(int slot, HostDevice device) =>
        _nested.TryGetValue(NestedProviders.IdOf(Host(slot).Id, device.ProviderAddress), out var node) && node.Fits(device.Class, 1);

    private FitRatios RatiosOf(int slot) => new(Resource("VCPU")?.Ratio(slot) ?? 1, Resource("MEMORY_MB")?.Ratio(slot) ?? 1);

    private HardwareOfHost HardwareOf(int slot) => _hardware[slot] ??= new();

    private void SetHardware(HostState host, int slot)
    {
        if (host.Hardware is null && _hardware[slot] is null)
            return;

        HardwareOf(slot).Hardware = host.Hardware;
        SumUp(slot);
    }

    private void ForgetHardware(int slot) => _hardware[slot] = null;

    private void SumUp(int slot)
    {
        foreach (var column in _devices.Values.Concat(_pages.Values))
            column[slot] = 0;
        (NumaCells[slot], MostPinnable[slot], FreeDevices[slot]) = (0, 0, 0);
        if (_hardware[slot] is not { Hardware: { } hardware, Use: var use })
            return;

        var layout = hardware.Layout;
        NumaCells[slot] = layout.Cells.Count;
        foreach (var cell in layout.Cells)
        {
            MostPinnable[slot] = Math.Max(MostPinnable[slot], cell.Cores.Sum(core => core.Count(use.IsFree)));
            foreach (var (size, total) in cell.Pages)
                Raise(_pages, size, slot, (int)Math.Clamp(total - use.MemoryMb(cell.Id, size), 0, MebibytesMost));
        }

        foreach (var device in layout.Devices.Where(d => DeviceFitting.IsFree(layout, use, d)))
        {
            FreeDevices[slot]++;
            var kind = KindOf(device.VendorId, device.ProductId);
            Raise(_devices, kind, slot, (_devices.TryGetValue(kind, out var column) ? column[slot] : 0) + 1);
        }
    }

    private void Raise<T>(Dictionary<T, IntColumn> columns, T key, int slot, int value) where T : notnull
    {
        if (!columns.TryGetValue(key, out var column))
            columns.Add(key, column = NewCount());
        column[slot] = Math.Max(column[slot], value);
    }

    private static (string, string) KindOf(string vendorId, string productId) => (vendorId.ToUpperInvariant(), productId.ToUpperInvariant());

    /// <summary>One host's hardware and what is given out of it, or is assumed to be.</summary>
    private sealed class HardwareOfHost
    {
        private readonly Dictionary<Guid, (long Generation, GivenHardware? Given)> _given = [];
        private readonly Dictionary<Guid, GivenHardware> _assumed = [];

        public HostHardware? Hardware { get; set; }

        public HostUse Use { get; } = new();

        public void Set(HardwareChange change)
        {
            Drop(change.ConsumerId);
            var known = _given.GetValueOrDefault(change.ConsumerId);
            if (known.Generation > change.Generation)
                return;

            if (known.Given is not null)
                Use.Add(known.Given, -1);
            if (change.Given is not null)
                Use.Add(change.Given, +1);

            // What is given back is remembered for a while, in case the claim is heard after it.
            _given[change.ConsumerId] = (change.Generation, change.Given);
            foreach (var old in _given.Where(g => g.Value.Given is null && g.Value.Generation < change.Generation - 100).Select(g => g.Key).ToList())
                _given.Remove(old);
        }

        /// <summary>Who has what, or is about to get it.</summary>
        public IEnumerable<(Guid Consumer, long Generation, GivenHardware Given)> All =>
            _given.Where(g => g.Value.Given is not null).Select(g => (g.Key, g.Value.Generation, g.Value.Given!))
                .Concat(_assumed.Select(a => (a.Key, _given.GetValueOrDefault(a.Key).Generation, a.Value)));

        public void Assume(Guid server, GivenHardware given)
        {
            Drop(server);
            _assumed[server] = given;
            Use.Add(given, +1);
        }

        public bool Drop(Guid server)
        {
            if (!_assumed.Remove(server, out var given))
                return false;

            Use.Add(given, -1);
            return true;
        }
    }
}
