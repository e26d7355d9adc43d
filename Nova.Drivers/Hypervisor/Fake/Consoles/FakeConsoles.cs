using Nova.Modules.Compute;
using Nova.Modules.Compute.Consoles;

namespace Nova.Drivers.Hypervisor.Fake.Consoles;

/// <summary>The consoles of a host's guests that are open; they end when their guest is off or gone.</summary>
internal sealed class FakeConsoles
{
    private const int FirstScreen = 5900, FirstSerial = 10_000, FirstSpice = 6100;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, List<FakeStream>> _open = [];

    /// <summary>Where the guest has it. Nothing listens there: nova-host is the only way.</summary>
    public static ConsolePlace Find(string host, ConsoleKind kind) => kind switch
    {
        ConsoleKind.Vnc => new(host, FirstScreen),
        ConsoleKind.Serial => new(host, FirstSerial),
        ConsoleKind.Spice => new(host, FirstSpice, TlsPort: FirstSpice + 1),
        _ => new(host, 902),
    };

    /// <summary>Opens a console of a guest.</summary>
    public IConsoleStream Open(FakeGuest guest, ConsoleKind kind)
    {
        if (guest.Power is not (Power.On or Power.Paused))
            throw ConsoleFaults.NotRunning(guest.Id);

        FakeStream stream = kind switch
        {
            ConsoleKind.Vnc => new FakeScreen(guest.Name),
            ConsoleKind.Serial => new FakeTerminal(guest.Name),
            _ => throw Capabilities.NotSupported, // It has an address, and nothing speaks its protocol.
        };
        stream.Closed += closed => Forget(guest.Id, closed);
        lock (_gate)
        {
            if (!_open.TryGetValue(guest.Id, out var streams))
                _open[guest.Id] = streams = [];
            streams.Add(stream);
        }

        return stream;
    }

    /// <summary>The guest is off or gone.</summary>
    public void End(Guid guest)
    {
        FakeStream[] streams;
        lock (_gate)
            streams = _open.TryGetValue(guest, out var open) ? [.. open] : [];
        foreach (var stream in streams)
            stream.End();
    }

    private void Forget(Guid guest, FakeStream stream)
    {
        lock (_gate)
            if (_open.TryGetValue(guest, out var streams) && streams.Remove(stream) && streams.Count == 0)
                _open.Remove(guest);
    }
}
