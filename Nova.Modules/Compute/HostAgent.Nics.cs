using Nova.Modules.Shared;

namespace Nova.Modules.Compute;

// Interfaces of guests that exist: commanded one by one, and followed when ports change by themselves.
public sealed partial class HostAgent
{
    // In the journal first: what was plugged in before a crash is known after it.
    private async Task<Power> Attach(AttachNic command, JournalEntry? known, Action accepted, CancellationToken ct)
    {
        var guest = known?.Guest ?? throw NoGuest(command);
        var nics = Able<INicCapable>();
        guest = guest with { Nics = [.. guest.Nics.Where(nic => nic.PortId != command.Nic.PortId), command.Nic] };
        await journal.Put(Entry(command, guest, known.Wanted), ct);
        accepted();
        await network.Plug(command.ServerId, guest.Nics, ct);
        await nics.SetNics(guest, ct);
        return known.Wanted;
    }

    // Out of the journal last: an interface that the guest does not let go is still its own.
    private async Task<Power> Detach(DetachNic command, JournalEntry? known, Action accepted, CancellationToken ct)
    {
        if (known?.Guest is not { } guest)
            return Power.Off;

        var nics = Able<INicCapable>();
        await journal.Put(Entry(command, guest, known.Wanted), ct);
        accepted();
        var without = guest with { Nics = [.. guest.Nics.Where(nic => nic.PortId != command.PortId)] };
        if (await Refusal(nics, without, ct) is { } refused)
        {
            // What failed half way is put back, so that the guest has what its server shows.
            if (!command.Force)
                await Refusal(nics, guest, ct);
            if (!command.Force || refused.IsTransient)
                throw refused;
            logger.KeepsInterface(command.ServerId, command.PortId, refused.Message);
        }

        await journal.Put(Entry(command, without, known.Wanted), ct);
        await network.Plug(command.ServerId, without.Nics, ct);
        return known.Wanted;
    }

    private static async Task<Fault?> Refusal(INicCapable nics, GuestSpec guest, CancellationToken ct)
    {
        try
        {
            await nics.SetNics(guest, ct);
            return null;
        }
        catch (Fault fault)
        {
            return fault;
        }
    }

    // A port that is gone carries nothing any more, whether or not the guest lets its interface go.
    private async Task ChangeNics(JournalEntry known, GuestSpec before, GuestSpec after, CancellationToken ct)
    {
        var ports = after.Nics.Select(nic => nic.PortId).ToHashSet();
        var leaving = before.Nics.Where(nic => !ports.Contains(nic.PortId)).ToList();
        if (hypervisor is not INicCapable nics || (leaving.Count == 0 && ports.SetEquals(before.Nics.Select(nic => nic.PortId))))
        {
            await journal.Put(known with { Guest = after }, ct);
            await network.Plug(known.ServerId, after.Nics, ct);
            return;
        }

        await network.Plug(known.ServerId, [.. after.Nics, .. leaving], ct);
        try
        {
            await nics.SetNics(after, ct);
        }
        catch (Fault) when (leaving.Count > 0)
        {
            // Its tap is removed all the same; the journal keeps it, so that the next news tries again.
            await network.Plug(known.ServerId, after.Nics, ct);
            throw;
        }

        await journal.Put(known with { Guest = after }, ct);
        if (leaving.Count > 0)
            await network.Plug(known.ServerId, after.Nics, ct);
    }
}
