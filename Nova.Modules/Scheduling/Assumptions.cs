using Nova.Modules.Hardware;
using Nova.Modules.Placement;

namespace Nova.Modules.Scheduling;

/// <summary>
/// What was chosen and is not yet seen as claimed: counted as used until the claim's change arrives or the time is up, so
/// that two requests do not choose the same room.
/// </summary>
internal sealed class Assumptions(Picture picture)
{
    private readonly Dictionary<Guid, Assumption> _byServer = [];
    private readonly Queue<(Guid Server, long Until)> _order = [];

    /// <summary>How many are held.</summary>
    public int Count => _byServer.Count;

    /// <summary>Whether the server has one.</summary>
    public bool Holds(Guid server) => _byServer.ContainsKey(server);

    /// <summary>Counts what a server takes of a host as used, and the server as a member of its group on the host, until a time.</summary>
    public void Add(Guid server, int slot, PlacementRequest request, HostChoice choice, long until)
    {
        var hardware = request.Hardware is { } demand ? picture.FindHardware(slot, demand) : null;
        var assumption = new Assumption(slot, request.Resources, choice.Parts, hardware, request.Group?.Id, until);
        Change(assumption, +1);
        if (hardware is not null)
            picture.AssumeHardware(slot, server, hardware);
        if (request.Group is { } group)
            picture.Assume(group.Id, server, slot);
        _byServer[server] = assumption;
        _order.Enqueue((server, until));
    }

    /// <summary>Gives the server's resources back; harmless when there are none.</summary>
    public void Drop(Guid server)
    {
        if (!_byServer.Remove(server, out var assumption))
            return;

        Change(assumption, -1);
        if (assumption.Hardware is not null)
            picture.DropAssumedHardware(assumption.Slot, server);
        if (assumption.Group is { } group)
            picture.DropAssumed(group, server);
    }

    /// <summary>Drops all of a host, before its slot is given to another.</summary>
    public void DropHost(int slot)
    {
        foreach (var server in _byServer.Where(a => a.Value.Slot == slot).Select(a => a.Key).ToList())
            Drop(server);
    }

    /// <summary>Drops those whose time is up.</summary>
    public void Expire(long now)
    {
        while (_order.TryPeek(out var oldest) && oldest.Until <= now)
        {
            _order.Dequeue();

            // The server may have been given another host since.
            if (_byServer.TryGetValue(oldest.Server, out var assumption) && assumption.Until == oldest.Until)
                Drop(oldest.Server);
        }
    }

    private void Change(Assumption assumption, int sign)
    {
        if (assumption.Parts is not { } parts)
        {
            picture.Assume(assumption.Slot, assumption.Resources, sign);
            return;
        }

        foreach (var part in parts)
            picture.Assume(assumption.Slot, part, sign);
    }

    private readonly record struct Assumption(
        int Slot, IReadOnlyList<ResourceAmount> Resources, IReadOnlyList<ProviderPart>? Parts, GivenHardware? Hardware, Guid? Group, long Until);
}
