using Nova.Modules.Compute.Consoles;
using Nova.Modules.Shared;

namespace Nova.Modules.Consoles;

/// <summary>The types of consoles as the API names them, each the way in which one kind is shown.</summary>
public static class ConsoleTypes
{
    /// <summary>VNC in a browser.</summary>
    public const string NoVnc = "novnc";

    /// <summary>A terminal.</summary>
    public const string Serial = "serial";

    /// <summary>SPICE in a browser.</summary>
    public const string SpiceHtml5 = "spice-html5";

    /// <summary>SPICE with a native client.</summary>
    public const string SpiceDirect = "spice-direct";

    /// <summary>MKS in a browser.</summary>
    public const string WebMks = "webmks";

    /// <summary>What a protocol of the API asks for.</summary>
    /// <exception cref="Fault">400: what was removed.</exception>
    public static ConsoleKind KindOf(string protocol, string type) => protocol switch
    {
        "vnc" => ConsoleKind.Vnc,
        "serial" => ConsoleKind.Serial,
        "spice" => ConsoleKind.Spice,
        "mks" => ConsoleKind.Mks,
        _ => throw ConsoleFaults.Unavailable(type),
    };

    /// <summary>The kind that a type shows.</summary>
    public static ConsoleKind KindOf(string type) => type switch
    {
        NoVnc => ConsoleKind.Vnc,
        Serial => ConsoleKind.Serial,
        WebMks => ConsoleKind.Mks,
        _ => ConsoleKind.Spice,
    };

    /// <summary>True when the type is a way to show the kind.</summary>
    public static bool Shows(string type, ConsoleKind kind) => type is NoVnc or Serial or SpiceHtml5 or SpiceDirect or WebMks && KindOf(type) == kind;
}
