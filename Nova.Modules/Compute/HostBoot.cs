namespace Nova.Modules.Compute;

/// <summary>A server that the database gives to a host.</summary>
/// <param name="ServerId">The server.</param>
/// <param name="Epoch">Commands below it are refused.</param>
/// <param name="Runs">True when the server is active: its guest ought to run.</param>
public sealed record ConfirmedGuest(Guid ServerId, long Epoch, bool Runs);

/// <summary>What happens when a host's process starts and guests that ought to run do not, as after a reboot of the machine.</summary>
/// <param name="ResumesGuests">True starts them; false shows their servers as shut off.</param>
public sealed record HostBoot(bool ResumesGuests)
{
    /// <summary>
    /// Guests as they are reported before they are started: whether one that is off stays off is not known yet.
    /// </summary>
    public IReadOnlyList<GuestStatus> Reported(IReadOnlyList<GuestStatus> guests) => ResumesGuests
        ? [.. guests.Select(guest => guest.Power is Power.Off or Power.Crashed ? guest with { Power = Power.Unknown } : guest)]
        : guests;
}
