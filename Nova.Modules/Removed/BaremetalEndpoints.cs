using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Removed;

/// <summary>The view of a bare metal service that ended with 2.35; this cloud has no such service, and changes never went through here.</summary>
public sealed class BaremetalEndpoints : IEndpoints
{
    private const int Last = 35;

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-baremetal-nodes", NotSupported).Until(Last).Requires("os_compute_api:os-baremetal-nodes:list");
        routes.Get("/os-baremetal-nodes/{id}", NotSupported).Until(Last).Requires("os_compute_api:os-baremetal-nodes:show");
        routes.Post("/os-baremetal-nodes", (_, _) => Elsewhere("node-create")).Until(Last).AnyCaller();
        routes.Delete("/os-baremetal-nodes/{id}", (_, _) => Elsewhere("node-delete")).Until(Last).AnyCaller();
        routes.Action("/os-baremetal-nodes/{id}/action", "add_interface", (_, _) => Elsewhere("port-create")).Until(Last).AnyCaller();
        routes.Action("/os-baremetal-nodes/{id}/action", "remove_interface", (_, _) => Elsewhere("port-delete")).Until(Last).AnyCaller();
    }

    private static Task<Answer> NotSupported(RequestContext caller, CancellationToken ct) => throw Fault.NotImplemented($"The requested functionality is not supported.");

    private static Task<Answer> Elsewhere(string command) =>
        throw Fault.BadRequest($"Command Not supported. Please use Ironic command {command} to perform this action.");
}
