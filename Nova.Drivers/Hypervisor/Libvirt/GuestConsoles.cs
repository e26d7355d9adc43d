using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Xml.Linq;
using Microsoft.Extensions.Logging;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>
/// Screens and serial consoles of guests. Neither has a port: a screen is handed out by libvirt as a socket, and a serial
/// console is a socket in a folder of ours, which takes one connection at a time; a new one takes it over.
/// </summary>
internal sealed partial class GuestConsoles
{
    // What a socket's address can hold, without the zero at its end.
    private const int LongestSocketPath = 107;

    private readonly GuestDomains _domains;
    private readonly LibvirtOptions _options;
    private readonly string _folder;
    private readonly bool _hasSockets;
    private readonly ConcurrentDictionary<Guid, SocketConsole> _serials = [];

    public GuestConsoles(GuestDomains domains, LibvirtOptions options, ILogger logger)
    {
        (_domains, _options, _folder) = (domains, options, Path.Combine(options.DataDirectory, "serial"));
        _hasSockets = System.Text.Encoding.UTF8.GetByteCount(PathOf(Guid.Empty)) <= LongestSocketPath;
        if (!_hasSockets)
            Log.TooLong(logger, _folder);
    }

    public void CreateDirectory() => Directory.CreateDirectory(_folder, Disks.GuestDirectory.Mode);

    /// <summary>Where the guest gets its serial console; null when the data directory's name is too long for one.</summary>
    public string? SocketOf(Guid server) => _hasSockets ? PathOf(server) : null;

    /// <summary>Where the guest has it.</summary>
    public async Task<ConsolePlace> Find(Guid server, ConsoleKind kind, CancellationToken ct)
    {
        if (kind == ConsoleKind.Mks)
            throw Capabilities.NotSupported;

        var devices = XDocument.Parse(await _domains.Describe(server, ct) ?? throw ConsoleFaults.NoGuest(server)).Root?.Element("devices");
        return kind switch
        {
            ConsoleKind.Serial when devices?.Elements("serial").Any(serial => PathIn(serial) == PathOf(server)) == true => new(_options.HostIp, 0),
            ConsoleKind.Vnc when Graphics(devices, "vnc") is { } screen => new(_options.HostIp, PortOf(screen)),
            ConsoleKind.Serial => throw ConsoleFaults.Unavailable("serial"),
            ConsoleKind.Vnc => throw ConsoleFaults.Unavailable("vnc"),
            _ => throw ConsoleFaults.Unavailable("spice"),
        };
    }

    /// <summary>Opens it; the guest runs.</summary>
    public async Task<IConsoleStream> Open(Guid server, ConsoleKind kind, CancellationToken ct)
    {
        await Find(server, kind, ct);
        return kind == ConsoleKind.Vnc ? new SocketConsole(await _domains.OpenScreen(server, ct)) : await OpenSerial(server, ct);
    }

    /// <summary>The guest is gone.</summary>
    public void Remove(Guid server)
    {
        if (_serials.TryRemove(server, out var open))
            open.Dispose();
        File.Delete(PathOf(server));
    }

    private async Task<IConsoleStream> OpenSerial(Guid server, CancellationToken ct)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(PathOf(server)), ct);
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw e is SocketException ? new Fault(FaultKind.Unavailable, Message.Of($"The guest's serial console does not answer."), e.Message) : e;
        }

        // QEMU serves the one that waits as soon as the former has gone.
        var console = new SocketConsole(socket, closed => _serials.TryRemove(new(server, closed)));
        SocketConsole? former = null;
        _serials.AddOrUpdate(server, console, (_, open) =>
        {
            former = open;
            return console;
        });
        former?.Dispose();
        return console;
    }

    private string PathOf(Guid server) => Path.Combine(_folder, server.ToString("n", CultureInfo.InvariantCulture));

    private static string? PathIn(XElement serial) => (string?)serial.Attribute("type") == "unix" ? (string?)serial.Element("source")?.Attribute("path") : null;

    private static XElement? Graphics(XElement? devices, string type) => devices?.Elements("graphics").FirstOrDefault(g => (string?)g.Attribute("type") == type);

    // A screen that is not shown at the moment has the port -1.
    private static int PortOf(XElement screen) => Math.Max(0, (int?)screen.Attribute("port") ?? 0);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Guests get no serial consoles that users can open: the name of {Folder} is too long for sockets in it (at most 74 bytes)")]
        public static partial void TooLong(ILogger logger, string folder);
    }
}
