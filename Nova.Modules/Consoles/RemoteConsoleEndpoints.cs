using Nova.Modules.Compute.Consoles;
using Nova.Modules.Servers;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Consoles;

/// <summary>https://docs.openstack.org/api-ref/compute/#server-consoles.</summary>
public sealed class RemoteConsoleEndpoints(ServerAccess access, RemoteConsoles consoles) : IEndpoints
{
    private const string Address = "/servers/{id}/action";
    private const string Rule = "os_compute_api:os-remote-consoles";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Action(Address, "os-getVNCConsole", Vnc).Until(5).Requires(Rule);
        routes.Action(Address, "os-getSPICEConsole", Spice).Until(5).Requires(Rule);
        routes.Action(Address, "os-getSerialConsole", Serial).Until(5).Requires(Rule);
        routes.Post("/servers/{server_id}/remote-consoles", Create).Since(6).Requires(Rule);
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var asked = (await caller.Body<RemoteConsoleRequest>(ct)).RemoteConsole;
        var server = await access.Load(caller, caller.Route("server_id"), Rule, ct);
        var url = await consoles.Open(caller, server, ConsoleTypes.KindOf(asked.Protocol, asked.Type), asked.Type, ct);
        return Answer.Json(new RemoteConsoleResponse(new(asked.Protocol, asked.Type, url)));
    }

    private async Task<Answer> Vnc(RequestContext caller, CancellationToken ct) =>
        await Old(caller, ConsoleKind.Vnc, (await caller.Body<VncConsoleRequest>(ct)).Options.Type, ct);

    private async Task<Answer> Spice(RequestContext caller, CancellationToken ct) =>
        await Old(caller, ConsoleKind.Spice, (await caller.Body<SpiceConsoleRequest>(ct)).Options.Type, ct);

    private async Task<Answer> Serial(RequestContext caller, CancellationToken ct) =>
        await Old(caller, ConsoleKind.Serial, (await caller.Body<SerialConsoleRequest>(ct)).Options.Type, ct);

    private async Task<Answer> Old(RequestContext caller, ConsoleKind kind, string type, CancellationToken ct)
    {
        var server = await access.Load(caller, caller.Route("id"), Rule, ct);
        return Answer.Json(new ConsoleResponse(new(type, await consoles.Open(caller, server, kind, type, ct))));
    }
}
