using Nova.Modules.Compute.Consoles;
using Nova.Modules.Hosts;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Consoles;

/// <summary>Gives users the addresses with which they open consoles.</summary>
public sealed class RemoteConsoles(IHostConsoles hosts, ConsoleTokens tokens, ConsoleAddresses addresses, ConsoleOptions options)
{
    /// <summary>The address of a console of this server.</summary>
    /// <exception cref="Fault">400: no such console; 404: its host has no guest; 409: it has no host yet; 501: its driver has no consoles.</exception>
    public async Task<string> Open(RequestContext caller, Server server, ConsoleKind kind, string type, CancellationToken ct)
    {
        (Transitions.RemoteConsole with { Name = NameOf(kind) }).Check(caller, server);
        if (!IsOffered(kind))
            throw ConsoleFaults.Unavailable(type);
        if (!ConsoleTypes.Shows(type, kind))
            throw Fault.BadRequest($"Invalid console type {type}");
        if (addresses.Base(type, caller.Http.Request) is not { } address)
            throw ConsoleFaults.Unavailable(type);

        var token = await tokens.Create(server, type, await Find(server, kind, ct), ct);
        return ConsoleAddresses.WithToken(type, address, token);
    }

    private async Task<ConsolePlace> Find(Server server, ConsoleKind kind, CancellationToken ct)
    {
        try
        {
            return await hosts.Find(server.HostId!.Value, server.Id, kind, ct);
        }
        catch (Fault fault) when (fault.Kind == FaultKind.NotFound && server.VmState == VmStates.Building)
        {
            throw Fault.Conflict($"Instance {server.Id} is not ready");
        }
    }

    private bool IsOffered(ConsoleKind kind) => kind switch
    {
        ConsoleKind.Vnc => options.Vnc,
        ConsoleKind.Serial => options.Serial,
        ConsoleKind.Spice => options.Spice,
        _ => options.Mks,
    };

    private static string NameOf(ConsoleKind kind) => kind switch
    {
        ConsoleKind.Vnc => "get_vnc_console",
        ConsoleKind.Serial => "get_serial_console",
        ConsoleKind.Spice => "get_spice_console",
        _ => "get_mks_console",
    };
}
