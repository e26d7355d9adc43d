namespace Nova.Modules.Policy;

/// <summary>Who may do what in Placement when the operator says nothing else. The base rules are written out, because some share a name with Compute's and mean something else.</summary>
public static class PlacementPolicyDefaults
{
    private const string AdminOrService = "role:admin or role:service";
    private const string AdminOrServiceOrReader = "role:admin or (role:reader and project_id:%(project_id)s) or role:service";
    private const string ServiceOnly = "role:service";

    /// <summary>One per operation.</summary>
    public static readonly IReadOnlyList<PolicyDefault> All =
    [
        new("placement:resource_providers:list", AdminOrService, "GET /resource_providers"),
        new("placement:resource_providers:create", AdminOrService, "POST /resource_providers"),
        new("placement:resource_providers:show", AdminOrService, "GET /resource_providers/{uuid}"),
        new("placement:resource_providers:update", AdminOrService, "PUT /resource_providers/{uuid}"),
        new("placement:resource_providers:delete", AdminOrService, "DELETE /resource_providers/{uuid}"),

        new("placement:resource_classes:list", AdminOrService, "GET /resource_classes"),
        new("placement:resource_classes:create", AdminOrService, "POST /resource_classes"),
        new("placement:resource_classes:show", AdminOrService, "GET /resource_classes/{name}"),
        new("placement:resource_classes:update", AdminOrService, "PUT /resource_classes/{name}"),
        new("placement:resource_classes:delete", AdminOrService, "DELETE /resource_classes/{name}"),

        new("placement:resource_providers:inventories:list", AdminOrService, "GET /resource_providers/{uuid}/inventories"),
        new("placement:resource_providers:inventories:create", AdminOrService, "POST /resource_providers/{uuid}/inventories"),
        new("placement:resource_providers:inventories:show", AdminOrService, "GET /resource_providers/{uuid}/inventories/{resource_class}"),
        new("placement:resource_providers:inventories:update", AdminOrService, "PUT /resource_providers/{uuid}/inventories; PUT /resource_providers/{uuid}/inventories/{resource_class}"),
        new("placement:resource_providers:inventories:delete", AdminOrService, "DELETE /resource_providers/{uuid}/inventories; DELETE /resource_providers/{uuid}/inventories/{resource_class}"),
        new("placement:resource_providers:aggregates:list", AdminOrService, "GET /resource_providers/{uuid}/aggregates"),
        new("placement:resource_providers:aggregates:update", AdminOrService, "PUT /resource_providers/{uuid}/aggregates"),
        new("placement:resource_providers:usages", AdminOrService, "GET /resource_providers/{uuid}/usages"),

        new("placement:usages", AdminOrServiceOrReader, "GET /usages"),

        new("placement:traits:list", AdminOrService, "GET /traits"),
        new("placement:traits:show", AdminOrService, "GET /traits/{name}"),
        new("placement:traits:update", AdminOrService, "PUT /traits/{name}"),
        new("placement:traits:delete", AdminOrService, "DELETE /traits/{name}"),

        new("placement:resource_providers:traits:list", AdminOrService, "GET /resource_providers/{uuid}/traits"),
        new("placement:resource_providers:traits:update", AdminOrService, "PUT /resource_providers/{uuid}/traits"),
        new("placement:resource_providers:traits:delete", AdminOrService, "DELETE /resource_providers/{uuid}/traits"),

        new("placement:allocations:manage", AdminOrService, "POST /allocations"),
        new("placement:allocations:list", AdminOrService, "GET /allocations/{consumer_uuid}"),
        new("placement:allocations:update", AdminOrService, "PUT /allocations/{consumer_uuid}"),
        new("placement:allocations:delete", AdminOrService, "DELETE /allocations/{consumer_uuid}"),

        new("placement:resource_providers:allocations:list", AdminOrService, "GET /resource_providers/{uuid}/allocations"),

        new("placement:allocation_candidates:list", AdminOrService, "GET /allocation_candidates"),

        new("placement:reshaper:reshape", ServiceOnly, "POST /reshaper"),
    ];
}
