using System.Text.Json.Serialization;
using Nova.Modules.Networks;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.NetworkProxy;

/// <summary>Networks as Compute showed them until 2.35: https://docs.openstack.org/api-ref/compute/#networks-os-networks-deprecated.</summary>
public sealed class NetworkProxyEndpoints(INetworkCatalog network) : IEndpoints
{
    private const int Last = 35;

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-networks", List).Until(Last).Requires("os_compute_api:os-networks:list");
        routes.Get("/os-networks/{id}", Show).Until(Last).Requires("os_compute_api:os-networks:show");
        routes.Get("/os-tenant-networks", ListOfProject).Until(Last).Requires("os_compute_api:os-tenant-networks:list");
        routes.Get("/os-tenant-networks/{id}", ShowOfProject).Until(Last).Requires("os_compute_api:os-tenant-networks:show");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct) =>
        Answer.Json(new NetworkListResponse<object>([.. (await network.Networks(caller.Caller, ct)).Select(n => View(caller, n))]));

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct) => Answer.Json(new NetworkResponse<object>(View(caller, await Find(caller, ct))));

    private async Task<Answer> ListOfProject(RequestContext caller, CancellationToken ct) =>
        Answer.Json(new NetworkListResponse<ProjectNetwork>([.. (await network.Networks(caller.Caller, ct)).Select(n => new ProjectNetwork(n.Id, n.Name))]));

    private async Task<Answer> ShowOfProject(RequestContext caller, CancellationToken ct) =>
        Answer.Json(new NetworkResponse<ProjectNetwork>(await Find(caller, ct) is var found ? new(found.Id, found.Name) : null!));

    private async Task<CatalogNetwork> Find(RequestContext caller, CancellationToken ct) =>
        (await network.Networks(caller.Caller, ct)).FirstOrDefault(n => n.Id.ToString() == caller.Route("id")) ?? throw Fault.NotFound($"Network not found");

    private static object View(RequestContext caller, CatalogNetwork network) => caller.IsAdmin ? new AdminNetwork(network.Id, network.Name) : new OldNetwork(network.Id, network.Name);
}

/// <summary>GET /os-networks.</summary>
public sealed record NetworkListResponse<T>(IReadOnlyList<T> Networks);

/// <summary>GET /os-networks/{id}.</summary>
public sealed record NetworkResponse<T>(T Network);

/// <summary>A network in the form of the project's list.</summary>
public sealed record ProjectNetwork(Guid Id, string Label)
{
    /// <summary>The network service has subnets instead.</summary>
    public string Cidr => "None";
}

/// <summary>A network; nothing but id and label is known since the network service has subnets.</summary>
public record OldNetwork(Guid Id, string Label)
{
    /// <summary>Unknown.</summary>
    public string? Cidr => null;

    /// <summary>Unknown.</summary>
    public string? Netmask => null;

    /// <summary>Unknown.</summary>
    public string? Gateway => null;

    /// <summary>Unknown.</summary>
    public string? Broadcast => null;

    /// <summary>Unknown.</summary>
    [JsonPropertyName("dns1")]
    public string? FirstDns => null;

    /// <summary>Unknown.</summary>
    [JsonPropertyName("dns2")]
    public string? SecondDns => null;

    /// <summary>Unknown.</summary>
    public string? CidrV6 => null;

    /// <summary>Unknown.</summary>
    public string? GatewayV6 => null;

    /// <summary>Unknown.</summary>
    public string? NetmaskV6 => null;
}

/// <summary>The same with the members that administrators saw.</summary>
public sealed record AdminNetwork(Guid Id, string Label) : OldNetwork(Id, Label)
{
    /// <summary>Unknown.</summary>
    public string? CreatedAt => null;

    /// <summary>Unknown.</summary>
    public string? UpdatedAt => null;

    /// <summary>Unknown.</summary>
    public string? DeletedAt => null;

    /// <summary>Unknown.</summary>
    public string? Deleted => null;

    /// <summary>Unknown.</summary>
    public string? Injected => null;

    /// <summary>Unknown.</summary>
    public string? Bridge => null;

    /// <summary>Unknown.</summary>
    public string? Vlan => null;

    /// <summary>Unknown.</summary>
    public string? VpnPublicAddress => null;

    /// <summary>Unknown.</summary>
    public int? VpnPublicPort => null;

    /// <summary>Unknown.</summary>
    public string? VpnPrivateAddress => null;

    /// <summary>Unknown.</summary>
    public string? DhcpStart => null;

    /// <summary>Unknown.</summary>
    public string? ProjectId => null;

    /// <summary>Unknown.</summary>
    public string? Host => null;

    /// <summary>Unknown.</summary>
    public string? BridgeInterface => null;

    /// <summary>Unknown.</summary>
    public string? MultiHost => null;

    /// <summary>Unknown.</summary>
    public string? Priority => null;

    /// <summary>Unknown.</summary>
    public string? RxtxBase => null;

    /// <summary>Unknown.</summary>
    public int? Mtu => null;

    /// <summary>Unknown.</summary>
    public string? DhcpServer => null;

    /// <summary>Unknown.</summary>
    public string? EnableDhcp => null;

    /// <summary>Unknown.</summary>
    public string? ShareAddress => null;
}
