using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers;

/// <summary>Fetches servers for callers: what a caller may not know of is not there.</summary>
public sealed class ServerAccess(ServerStore servers)
{
    /// <summary>The server of the address, on which the rule lets the caller act.</summary>
    /// <param name="caller">The request.</param>
    /// <param name="id">As in the address.</param>
    /// <param name="rule">The policy rule.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="withDeleted">Deleted servers count too.</param>
    /// <exception cref="Fault">404: no such server, or one of another project. 403: the rule.</exception>
    public async Task<Server> Load(RequestContext caller, string id, string rule, CancellationToken ct, bool withDeleted = false)
    {
        var server = Guid.TryParse(id, out var serverId) ? withDeleted ? await servers.FindAny(serverId, ct) : await servers.Find(serverId, ct) : null;
        if (server is null || !MaySee(caller, server))
            throw NotFound(id);

        caller.Require(rule, ServerViews.PolicyTargetOf(server));
        return server;
    }

    /// <summary>The same, in a state in which it may be done.</summary>
    /// <exception cref="Fault">404, 403; 409: locked, or in another state.</exception>
    public async Task<Server> Load(RequestContext caller, string id, string rule, StateRule states, CancellationToken ct)
    {
        var server = await Load(caller, id, rule, ct);
        states.Check(caller, server);
        return server;
    }

    /// <summary>The 404 of a server.</summary>
    public static Fault NotFound(object id) => Fault.NotFound($"Instance {id} could not be found.");

    private static bool MaySee(RequestContext caller, Server server) => server.ProjectId == caller.Caller.ProjectId || caller.IsAdmin;
}
