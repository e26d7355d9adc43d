using System.Runtime.InteropServices;
using Nova.Drivers.Hypervisor.Libvirt.Native;
using Nova.Modules.Compute;

namespace Nova.Drivers.Hypervisor.Libvirt;

// What libvirt counts of a domain that runs, in one call.
internal sealed partial class GuestDomains
{
    // As libvirt calls them after "balloon.", and as the old form of the API does after "memory-".
    private static readonly (string Name, string Shown)[] Memory =
    [
        ("current", "actual"), ("swap_in", "swap_in"), ("swap_out", "swap_out"), ("major_fault", "major_fault"), ("minor_fault", "minor_fault"), ("unused", "unused"),
        ("available", "available"), ("usable", "usable"), ("last-update", "last_update"), ("rss", "rss"), ("disk_caches", "disk_caches"),
    ];

    /// <summary>The figures of a domain, or null when there is none.</summary>
    public Task<GuestDiagnostics?> Figures(Guid id, CancellationToken ct) => link.Call(
        connection =>
        {
            using var domain = Lookup(connection, id);
            return domain is null ? null : ReadFigures(domain);
        }, ct);

    private static unsafe GuestDiagnostics ReadFigures(DomainHandle domain)
    {
        var domains = stackalloc IntPtr[2] { domain.DangerousGetHandle(), 0 };
        var count = LibvirtApi.virDomainListGetStats(domains, Flags.StatsUse, out var records, 0);
        if (count < 0)
            throw LibvirtErrors.Last("count what the guest uses");

        try
        {
            return count == 0 ? new() : Figures(new(records[0]->Parameters, records[0]->Count));
        }
        finally
        {
            LibvirtApi.virDomainStatsRecordListFree(records);
        }
    }

    private static GuestDiagnostics Figures(Counted counted) => new()
    {
        MemoryKb = counted.Number("balloon.maximum") ?? 0,
        UsedMemoryKb = counted.Number("balloon.current"),
        Memory = Memory.Where(m => counted.Number("balloon." + m.Name) is not null).ToDictionary(m => m.Shown, m => counted.Number("balloon." + m.Name)!.Value),
        Cpus = [.. Each(counted.Size("vcpu.current")).Select(n => new CpuFigures(n, counted.Number($"vcpu.{n}.time")))],
        Disks = [.. Each(counted.Size("block.count")).Select(n => Disk(counted, $"block.{n}."))],
        Nics = [.. Each(counted.Size("net.count")).Select(n => Nic(counted, $"net.{n}."))],
    };

    private static DiskFigures Disk(Counted counted, string at) => new(
        counted.Text(at + "name"), counted.Number(at + "rd.bytes"), counted.Number(at + "rd.reqs"), counted.Number(at + "wr.bytes"), counted.Number(at + "wr.reqs"),
        counted.Number(at + "errors"));

    private static NicFigures Nic(Counted counted, string at) => new(counted.Text(at + "name"), null, Traffic(counted, at + "rx."), Traffic(counted, at + "tx."));

    private static NicTraffic Traffic(Counted counted, string at) =>
        new(counted.Number(at + "bytes"), counted.Number(at + "pkts"), counted.Number(at + "errs"), counted.Number(at + "drop"));

    private static IEnumerable<int> Each(int count) => Enumerable.Range(0, count);

    /// <summary>The typed parameters of one record; valid as long as the record is.</summary>
    private readonly record struct Counted(IntPtr Parameters, int Count)
    {
        public long? Number(string name) => LibvirtApi.virTypedParamsGetULLong(Parameters, Count, name, out var value) == 1 ? (long)Math.Min(value, long.MaxValue) : null;

        public int Size(string name) => LibvirtApi.virTypedParamsGetUInt(Parameters, Count, name, out var value) == 1 ? (int)Math.Min(value, 4096) : 0;

        public string Text(string name) =>
            LibvirtApi.virTypedParamsGetString(Parameters, Count, name, out var value) == 1 ? Marshal.PtrToStringUTF8(value) ?? "" : "";
    }
}
