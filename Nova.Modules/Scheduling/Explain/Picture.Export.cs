using Nova.Modules.Hardware;
using Nova.Modules.Placement;

namespace Nova.Modules.Scheduling;

// The whole picture as records: for a copy on which somebody tries something, and for a file that is looked at elsewhere.
public sealed partial class Picture
{
    /// <summary>
    /// Everything that a choice depends on, hosts in the order of their slots, so that a picture that loads it breaks ties the same
    /// way. What is assumed counts as claimed. The records are immutable and may leave the thread.
    /// </summary>
    internal PictureSnapshot Export()
    {
        var slots = Enumerable.Range(0, _used).Where(slot => _hosts[slot] is not null).ToList();
        return new(
            [.. slots.Select(slot => _hosts[slot]!)], [.. slots.SelectMany(ProvidersOf)], [.. _aggregates.Values],
            [.. _groups.SelectMany(g => g.Value.All.Where(m => _hosts[m.Slot] is not null).Select(m => new GroupMember(g.Key, m.Server, _hosts[m.Slot]!.Id)))])
        {
            Servers = [.. _servers.Where(s => _hosts[s.Value.Slot] is not null).Select(s => new ServerState(s.Key, _hosts[s.Value.Slot]!.Id, s.Value.IsBusy) { ImageProperties = s.Value.ImageProperties })],
            Hardware = [.. slots.Where(slot => _hardware[slot] is not null).SelectMany(HardwareGivenBy)],
            FailedBuilds = [.. slots.Where(slot => FailedBuilds[slot] > 0).Select(slot => new FailedBuilds(_hosts[slot]!.Id, FailedBuilds[slot]))],
        };
    }

    internal void SetFailedBuilds(FailedBuilds failed)
    {
        if (_slots.TryGetValue(failed.HostId, out var slot))
            FailedBuilds[slot] = failed.Builds;
    }

    private IEnumerable<ProviderState> ProvidersOf(int slot)
    {
        if (_providers[slot] is { } own)
            yield return own with { Inventories = [.. own.Inventories.Select(i => i with { Used = Resource(i.Class)?.Used(slot) ?? i.Used })] };
        foreach (var below in TreeOf(slot))
            yield return below.Export();
    }

    private IEnumerable<HardwareChange> HardwareGivenBy(int slot) =>
        _hardware[slot]!.All.Select(g => new HardwareChange(_hosts[slot]!.Id, g.Consumer, g.Generation, g.Given));
}
