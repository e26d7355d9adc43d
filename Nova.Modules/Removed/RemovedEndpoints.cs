using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Removed;

/// <summary>What the Compute API once had and has no more: the addresses are there, and say so to whoever has a token.</summary>
public sealed class RemovedEndpoints : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        Agents(routes);
        Cells(routes);
        OldNetworks(routes);
        foreach (var (method, path) in ((string, string)[])
            [
                ("POST", "/os-certificates"), ("GET", "/os-certificates/{id}"),
                ("GET", "/os-cloudpipe"), ("POST", "/os-cloudpipe"), ("PUT", "/os-cloudpipe/{id}"),
                ("GET", "/servers/{server_id}/consoles"), ("POST", "/servers/{server_id}/consoles"),
                ("GET", "/servers/{server_id}/consoles/{id}"), ("DELETE", "/servers/{server_id}/consoles/{id}"),
            ])
            Gone(routes, method, path);
        routes.Action("/servers/{id}/action", "resetNetwork", Gone).AnyCaller();
        routes.Action("/servers/{id}/action", "os-getRDPConsole", NoRdp).Until(5).AnyCaller();
    }

    private static void Agents(Routes routes)
    {
        Gone(routes, "GET", "/os-agents");
        Gone(routes, "POST", "/os-agents");
        Gone(routes, "PUT", "/os-agents/{id}");
        Gone(routes, "DELETE", "/os-agents/{id}");
    }

    private static void Cells(Routes routes)
    {
        foreach (var path in (string[])["", "/capacities", "/detail", "/info", "/{id}", "/{id}/capacities"])
            Gone(routes, "GET", "/os-cells" + path);
        Gone(routes, "POST", "/os-cells");
        Gone(routes, "POST", "/os-cells/sync_instances");
        Gone(routes, "PUT", "/os-cells/{id}");
        Gone(routes, "DELETE", "/os-cells/{id}");
    }

    private static void OldNetworks(Routes routes)
    {
        foreach (var (method, path) in ((string, string)[])
            [
                ("GET", "/os-fixed-ips/{id}"),
                ("GET", "/os-floating-ip-dns"), ("PUT", "/os-floating-ip-dns/{id}"), ("DELETE", "/os-floating-ip-dns/{id}"),
                ("GET", "/os-floating-ip-dns/{domain_id}/entries/{id}"), ("PUT", "/os-floating-ip-dns/{domain_id}/entries/{id}"),
                ("DELETE", "/os-floating-ip-dns/{domain_id}/entries/{id}"),
                ("GET", "/os-floating-ips-bulk"), ("POST", "/os-floating-ips-bulk"), ("GET", "/os-floating-ips-bulk/{id}"), ("PUT", "/os-floating-ips-bulk/{id}"),
                ("GET", "/os-fping"), ("GET", "/os-fping/{id}"),
                ("POST", "/os-networks"), ("POST", "/os-networks/add"), ("DELETE", "/os-networks/{id}"),
                ("POST", "/os-tenant-networks"), ("DELETE", "/os-tenant-networks/{id}"),
                ("GET", "/os-security-group-default-rules"), ("POST", "/os-security-group-default-rules"),
                ("GET", "/os-security-group-default-rules/{id}"), ("DELETE", "/os-security-group-default-rules/{id}"),
                ("GET", "/servers/{server_id}/os-virtual-interfaces"),
            ])
            Gone(routes, method, path);
        foreach (var action in (string[])["reserve", "unreserve"])
            routes.Action("/os-fixed-ips/{id}/action", action, Gone).AnyCaller();
        foreach (var action in (string[])["disassociate", "disassociate_host", "disassociate_project", "associate_host"])
            routes.Action("/os-networks/{id}/action", action, Gone).AnyCaller();
    }

    private static void Gone(Routes routes, string method, string path) => (method switch
    {
        "GET" => routes.Get(path, Gone),
        "POST" => routes.Post(path, Gone),
        "PUT" => routes.Put(path, Gone),
        _ => routes.Delete(path, Gone),
    }).AnyCaller();

    private static Task<Answer> Gone(RequestContext caller, CancellationToken ct) =>
        throw new Fault(FaultKind.Gone, Message.Of($"This resource is no longer available. No forwarding address is given."));

    private static Task<Answer> NoRdp(RequestContext caller, CancellationToken ct) => throw Fault.BadRequest($"Unavailable console type rdp-html5.");
}
