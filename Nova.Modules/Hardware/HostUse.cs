namespace Nova.Modules.Hardware;

/// <summary>What of a host's hardware is given out.</summary>
internal sealed class HostUse
{
    private readonly Dictionary<int, int> _cpus = [];
    private readonly Dictionary<string, int> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Cell, int PageSizeKb), long> _memoryMb = [];
    private readonly Dictionary<int, int> _sharedVcpus = [];

    /// <summary>Whether nobody has the processor.</summary>
    public bool IsFree(int cpu) => !_cpus.ContainsKey(cpu);

    /// <summary>Whether nobody has the device.</summary>
    public bool IsFree(string address) => !_devices.ContainsKey(address);

    /// <summary>MiB of a cell in pages of a size; 0 for memory in no particular pages.</summary>
    public long MemoryMb(int cell, int pageSizeKb) => _memoryMb.GetValueOrDefault((cell, pageSizeKb));

    /// <summary>Virtual processors on a cell's shared ones.</summary>
    public int SharedVcpus(int cell) => _sharedVcpus.GetValueOrDefault(cell);

    /// <summary>Counts what a guest has, or (with −1) had.</summary>
    public void Add(GivenHardware given, int sign)
    {
        foreach (var cpu in given.Cpus)
            Change(_cpus, cpu, sign);
        foreach (var device in given.Devices)
            Change(_devices, device.Address, sign);
        foreach (var cell in given.Cells)
        {
            _memoryMb[(cell.Host, cell.PageSizeKb)] = MemoryMb(cell.Host, cell.PageSizeKb) + sign * cell.MemoryMb;
            _sharedVcpus[cell.Host] = SharedVcpus(cell.Host) + sign * cell.SharedVcpus;
        }
    }

    private static void Change<T>(Dictionary<T, int> counts, T key, int sign) where T : notnull
    {
        var count = counts.GetValueOrDefault(key) + sign;
        if (count > 0)
            counts[key] = count;
        else
            counts.Remove(key);
    }
}
