using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Consoles;

/// <summary>https://docs.openstack.org/api-ref/compute/#show-console-connection-information.</summary>
public sealed class ConsoleTokenEndpoints(ConsoleTokens tokens) : IEndpoints
{
    private const string Address = "/os-console-auth-tokens/{id}";
    private const string Rule = "os_compute_api:os-console-auth-tokens";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(Address, OfRdp).Until(30).Requires(Rule);
        routes.Get(Address, Show).Since(31).Requires(Rule);
    }

    // It told of RDP consoles alone, and there are none any more.
    private static Task<Answer> OfRdp(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<ConsoleTokenQuery>();
        throw Fault.BadRequest($"The server could not comply with the request since it is either malformed or otherwise incorrect.");
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<ConsoleTokenQuery>();
        var token = await tokens.Find(caller.Route("id"), ct) ?? throw Fault.NotFound($"Token not found");
        return Answer.Json(new ConsoleTokenResponse(new()
        {
            InstanceUuid = token.ServerId, Host = token.Host, Port = token.Port, InternalAccessPath = token.InternalAccessPath, TlsPort = token.TlsPort,
        }));
    }
}
