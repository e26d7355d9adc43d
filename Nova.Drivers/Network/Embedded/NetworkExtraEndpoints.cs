using Nova.Drivers.Embedded;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Network.Embedded;

/// <summary>Versions, extensions, quotas, zones, and empty lists of what this service does not have but clients ask for.</summary>
public sealed class NetworkExtraEndpoints(NetworkQuotas quotas) : IEndpoints
{
    private static readonly (string Alias, string Name)[] Extensions =
    [
        ("security-group", "security-group"), ("quotas", "Quota management support"), ("quota_details", "Quota details management support"),
        ("external-net", "Neutron external network"), ("provider", "Provider Network"), ("binding", "Port Binding"), ("port-security", "Port Security"),
        ("net-mtu", "Network MTU"), ("net-mtu-writable", "Network MTU (writable)"), ("availability_zone", "Availability Zone"),
        ("network_availability_zone", "Network Availability Zone"), ("standard-attr-description", "standard-attr-description"),
        ("standard-attr-timestamp", "Resource timestamps"), ("standard-attr-revisions", "Resource revision numbers"), ("project-id", "project_id field enabled"),
        ("sorting", "Sorting support"), ("pagination", "Pagination support"), ("stateful-security-group", "Stateful security group"),
        ("allowed-address-pairs", "Allowed Address Pairs"), ("extra_dhcp_opt", "Neutron Extra DHCP options"), ("dns-integration", "DNS Integration"),
        ("router", "Neutron L3 Router"), ("ext-gw-mode", "Neutron L3 Configurable external gateway mode"), ("extraroute", "Neutron Extra Route"),
        ("extraroute-atomic", "Atomically add/remove extra routes"), ("router_availability_zone", "Router Availability Zone"),
        ("fip-port-details", "Floating IP Port Details Extension"), ("binding-extended", "Port Bindings Extended"), ("standard-attr-tag", "Tag support for resources with standard attribute"),
        ("agent", "agent"), ("network-ip-availability", "Network IP Availability"), ("ip-substring-filtering", "IP address substring filtering"),
        ("security-groups-normalized-cidr", "Normalized CIDR field for security group rules"),
        ("qos", "Quality of Service"), ("qos-bw-minimum-ingress", "Ingress direction for QoS minimum bandwidth rule"), ("qos-pps-minimum", "QoS minimum packet rate rule"),
        ("port-resource-request", "Port Resource Request"), ("port-resource-request-groups", "Port Resource Request Groups"),
    ];

    private static readonly string[] EmptyLists =
        ["subnetpools", "address-scopes", "rbac-policies", "trunks", "segments", "address-groups"];

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("", (caller, _) => Json(new { versions = new[] { new { id = "v2.0", status = "CURRENT", links = new[] { new { rel = "self", href = caller.Link("/network/v2.0/") } } } } })).Anonymous();
        routes.Get("/v2.0", (caller, _) => Json(new { resources = Resources(caller) })).AnyCaller();
        routes.Get("/v2.0/extensions", (_, _) => Json(new { extensions = Extensions.Select(Extension) })).AnyCaller();
        routes.Get("/v2.0/extensions/{alias}", ShowExtension).AnyCaller();
        routes.Get("/v2.0/availability_zones", (caller, _) => Task.FromResult(NetworkList.Of(caller, "availability_zones", Zones()))).AnyCaller();
        routes.Get("/v2.0/quotas", ListQuotas).AnyCaller();
        routes.Get("/v2.0/quotas/{project}", ShowQuota).AnyCaller();
        routes.Get("/v2.0/quotas/{project}/default", (_, _) => Json(new { quota = quotas.Defaults })).AnyCaller();
        routes.Get("/v2.0/quotas/{project}/details.json", Details).AnyCaller();
        routes.Get("/v2.0/quotas/{project}/details", Details).AnyCaller();
        routes.Put("/v2.0/quotas/{project}", SetQuota).AnyCaller();
        routes.Delete("/v2.0/quotas/{project}", ResetQuota).AnyCaller();
        foreach (var path in EmptyLists)
        {
            var name = path.Replace('-', '_');
            routes.Get("/v2.0/" + path, (_, _) => Json(new Dictionary<string, object> { [name] = Array.Empty<object>() })).AnyCaller();
            routes.Get($"/v2.0/{path}/{{id}}", (caller, _) => throw NoSuch(caller)).AnyCaller();
        }
    }

    private static Task<Answer> Json(object body) => Task.FromResult(Answer.Json(body));

    private static IEnumerable<Dictionary<string, object?>> Zones() => ((string[])["network", "router"]).Select(resource =>
        new Dictionary<string, object?> { ["id"] = resource, ["name"] = "nova", ["resource"] = resource, ["state"] = "available" });

    private async Task<Answer> ListQuotas(RequestContext caller, CancellationToken ct)
    {
        RequireAdmin(caller, "get_quota");
        return NetworkList.Of(caller, "quotas", await quotas.All(ct));
    }

    private static Fault NoSuch(RequestContext caller)
    {
        var id = caller.Route("id");
        return NetworkFaults.Typed(Fault.NotFound($"The resource {id} could not be found."), "HTTPNotFound");
    }

    private static IEnumerable<object> Resources(RequestContext caller) =>
        ((string[])["networks", "subnets", "ports", "security-groups", "security-group-rules", "routers", "floatingips"]).Select(name => new
        {
            name = name.Replace('-', '_')[..^1],
            collection = name.Replace('-', '_'),
            links = new[] { new { rel = "self", href = caller.Link("/network/v2.0/" + name) } },
        });

    private static object Extension((string Alias, string Name) extension) => new
    {
        alias = extension.Alias,
        name = extension.Name,
        description = extension.Name,
        updated = "2020-01-01T00:00:00-00:00",
        links = Array.Empty<object>(),
    };

    private static Task<Answer> ShowExtension(RequestContext caller, CancellationToken ct)
    {
        var alias = caller.Route("alias");
        var known = Array.Find(Extensions, e => e.Alias == alias);
        return known.Alias is not null
            ? Json(new { extension = Extension(known) })
            : throw NetworkFaults.Typed(Fault.NotFound($"Extension with alias {alias} does not exist"), "ExtensionNotFound");
    }

    private async Task<Answer> ShowQuota(RequestContext caller, CancellationToken ct) => Answer.Json(new { quota = await quotas.Of(Project(caller), ct) });

    private async Task<Answer> Details(RequestContext caller, CancellationToken ct) => Answer.Json(new { quota = await quotas.Details(Project(caller), ct) });

    private async Task<Answer> SetQuota(RequestContext caller, CancellationToken ct)
    {
        RequireAdmin(caller, "update_quota");
        var body = (await JsonBody.Read(caller, ct)).Object("quota");
        var limits = new Dictionary<string, long>();
        foreach (var member in body.Element.EnumerateObject().Where(m => m.Name is not ("tenant_id" or "project_id" or "force" or "check_limit")))
        {
            if (!quotas.Defaults.ContainsKey(member.Name))
                throw NetworkFaults.Invalid($"Unrecognized attribute(s) '{member.Name}'");
            limits[member.Name] = body.Long(member.Name) is >= -1 and <= int.MaxValue and var limit ? limit : throw NetworkFaults.Invalid($"{member.Name} must be an integer from -1");
        }

        await quotas.Set(caller.Route("project"), limits, ct);
        return Answer.Json(new { quota = await quotas.Of(caller.Route("project"), ct) });
    }

    private async Task<Answer> ResetQuota(RequestContext caller, CancellationToken ct)
    {
        RequireAdmin(caller, "delete_quota");
        await quotas.Reset(caller.Route("project"), ct);
        return Answer.Empty();
    }

    private static string Project(RequestContext caller)
    {
        var project = caller.Route("project");
        return NetworkAccess.Owns(caller.Caller, project) ? project : throw NetworkFaults.NotAllowed("get_quota");
    }

    private static void RequireAdmin(RequestContext caller, string rule)
    {
        if (!NetworkAccess.IsAdmin(caller.Caller))
            throw NetworkFaults.NotAllowed(rule);
    }
}
