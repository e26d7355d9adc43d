using Nova.Modules.Compute.Wire;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute.Consoles;

/// <summary>Consoles as messages name them.</summary>
internal static class ConsoleWire
{
    /// <summary>vnc, serial, spice or mks.</summary>
    public static string Write(ConsoleKind kind) => kind switch
    {
        ConsoleKind.Vnc => "vnc",
        ConsoleKind.Serial => "serial",
        ConsoleKind.Spice => "spice",
        _ => "mks",
    };

    /// <summary>The kind again.</summary>
    /// <exception cref="Fault">400: a newer release sent a kind that this one does not know.</exception>
    public static ConsoleKind ReadKind(string kind) => kind switch
    {
        "vnc" => ConsoleKind.Vnc,
        "serial" => ConsoleKind.Serial,
        "spice" => ConsoleKind.Spice,
        "mks" => ConsoleKind.Mks,
        _ => throw ConsoleFaults.Unavailable(kind),
    };

    public static ConsoleOrder Write(Guid hostId, ConsoleRequest request) =>
        new() { HostId = hostId.ToString(), ServerId = request.ServerId.ToString(), Kind = Write(request.Kind), Limit = request.Limit };

    public static ConsoleRequest Read(ConsoleOrder order) => new(Guid.Parse(order.ServerId), ReadKind(order.Kind), order.Limit);

    public static ConsoleLocation Write(ConsolePlace place)
    {
        var location = new ConsoleLocation { Port = place.Port };
        if (place.Host is { } host)
            location.Host = host;
        if (place.InternalAccessPath is { } path)
            location.InternalAccessPath = path;
        if (place.TlsPort is { } port)
            location.TlsPort = port;
        return location;
    }

    public static ConsolePlace Read(ConsoleLocation location) => new(
        location.HasHost ? location.Host : null, location.Port,
        location.HasInternalAccessPath ? location.InternalAccessPath : null, location.HasTlsPort ? location.TlsPort : null);
}
