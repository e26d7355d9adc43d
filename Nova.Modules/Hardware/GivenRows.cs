using System.Globalization;

namespace Nova.Modules.Hardware;

/// <summary>One piece as a row has it.</summary>
/// <param name="Kind">cpu or device (each with one owner at most), memory or vcpus (amounts of a cell).</param>
/// <param name="Unit">The processor's number, the device's address, or the host's cell (with the size of the pages for memory).</param>
/// <param name="Guest">The guest's virtual processor, cell, or position of the demand.</param>
/// <param name="Amount">MiB, virtual processors, or for a processor the guest's cell.</param>
internal readonly record struct GivenPiece(string Kind, string Unit, int Guest, long Amount);

/// <summary>What a guest has, as rows and back.</summary>
internal static class GivenRows
{
    public static IEnumerable<GivenPiece> Of(GivenHardware given)
    {
        foreach (var cell in given.Cells)
        {
            yield return new("memory", string.Create(CultureInfo.InvariantCulture, $"{cell.Host}:{cell.PageSizeKb}"), cell.Guest, cell.MemoryMb);
            yield return new("vcpus", Text(cell.Host), cell.Guest, cell.SharedVcpus);
            foreach (var pin in cell.Pins)
                yield return new("cpu", Text(pin.Cpu), pin.Vcpu, cell.Guest);
            foreach (var idle in cell.Idle)
                yield return new("cpu", Text(idle), Idle, cell.Guest);
        }

        if (given.EmulatorCpu is { } cpu)
            yield return new("cpu", Text(cpu), Emulator, given.Cells[0].Guest);
        foreach (var device in given.Devices)
            yield return new("device", device.Address, device.Demand, 1);
    }

    public static GivenHardware Read(IReadOnlyList<GivenPiece> rows)
    {
        var cpus = rows.Where(r => r.Kind == "cpu").ToLookup(r => r.Amount);
        return new()
        {
            Cells = [.. rows.Where(r => r.Kind == "memory").Select(r => Cell(r, rows, [.. cpus[r.Guest]]))],
            EmulatorCpu = rows.Where(r => r is { Kind: "cpu", Guest: Emulator }).Select(r => (int?)Number(r.Unit)).FirstOrDefault(),
            Devices = [.. rows.Where(r => r.Kind == "device").Select(r => new GivenDevice(r.Guest, r.Unit))],
        };
    }

    private const int Idle = -2, Emulator = -1;

    private static GivenCell Cell(GivenPiece memory, IReadOnlyList<GivenPiece> rows, IReadOnlyList<GivenPiece> cpus)
    {
        var parts = memory.Unit.Split(':');
        return new()
        {
            Guest = memory.Guest, Host = Number(parts[0]), PageSizeKb = Number(parts[1]), MemoryMb = (int)memory.Amount,
            SharedVcpus = (int)rows.First(r => r.Kind == "vcpus" && r.Guest == memory.Guest).Amount,
            Pins = [.. cpus.Where(c => c.Guest >= 0).Select(c => new CpuPin(c.Guest, Number(c.Unit)))],
            Idle = [.. cpus.Where(c => c.Guest == Idle).Select(c => Number(c.Unit))],
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
