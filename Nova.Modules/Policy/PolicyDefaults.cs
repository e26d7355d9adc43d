namespace Nova.Modules.Policy;

/// <summary>One default of the policy.</summary>
/// <param name="Name">As in policy.yaml.</param>
/// <param name="Check">In the language of <see cref="PolicyParser"/>.</param>
/// <param name="Operations">Where it is asked; empty for the rules that others are built from.</param>
/// <param name="Scopes">Tokens of which scope may pass it at all.</param>
public sealed record PolicyDefault(string Name, string Check, string Operations = "", PolicyScopes Scopes = PolicyScopes.Project);

/// <summary>What a token can be scoped to. One without any scope counts as one of a project, as in oslo.policy.</summary>
[Flags]
public enum PolicyScopes
{
    /// <summary>Nothing: nobody passes.</summary>
    None = 0,

    /// <summary>A project.</summary>
    Project = 1,

    /// <summary>A domain.</summary>
    Domain = 2,

    /// <summary>The whole system.</summary>
    System = 4,

    /// <summary>Whatever it is.</summary>
    Any = Project | Domain | System,
}

/// <summary>Who may do what in Compute when the operator says nothing else. A test compares it with the reference.</summary>
public static class PolicyDefaults
{
    private const string Admin = "rule:context_is_admin";
    private const string Manager = "rule:project_manager_or_admin";
    private const string Member = "rule:project_member_or_admin";
    private const string Reader = "rule:project_reader_or_admin";
    private const string Service = "rule:service_or_admin";
    private const string Owner = "(rule:context_is_admin) or user_id:%(user_id)s";
    private const string Anyone = "@";
    private const string Nobody = "!";

    /// <summary>What the rules are built from.</summary>
    public static readonly IReadOnlyList<PolicyDefault> Base =
    [
        new("context_is_admin", "role:admin", Scopes: PolicyScopes.Any),
        new("admin_or_owner", "is_admin:True or project_id:%(project_id)s", Scopes: PolicyScopes.Any),
        new("admin_api", "is_admin:True", Scopes: PolicyScopes.Any),
        new("project_manager_api", "role:manager and project_id:%(project_id)s", Scopes: PolicyScopes.Any),
        new("project_member_api", "role:member and project_id:%(project_id)s", Scopes: PolicyScopes.Any),
        new("project_reader_api", "role:reader and project_id:%(project_id)s", Scopes: PolicyScopes.Any),
        new("service_api", "role:service", Scopes: PolicyScopes.Any),
        new("project_manager_or_admin", "rule:project_manager_api or rule:context_is_admin", Scopes: PolicyScopes.Any),
        new("project_member_or_admin", "rule:project_member_api or rule:context_is_admin", Scopes: PolicyScopes.Any),
        new("project_reader_or_admin", "rule:project_reader_api or rule:context_is_admin", Scopes: PolicyScopes.Any),
        new("service_or_admin", "rule:service_api or rule:context_is_admin", Scopes: PolicyScopes.Any),
    ];

    /// <summary>One per operation or part of one.</summary>
    public static readonly IReadOnlyList<PolicyDefault> Compute =
    [
        new("os_compute_api:os-admin-actions:reset_state", Admin, "POST /servers/{server_id}/action (os-resetState)"),
        new("os_compute_api:os-admin-actions:inject_network_info", Admin, "POST /servers/{server_id}/action (injectNetworkInfo)"),

        new("os_compute_api:os-admin-password", Member, "POST /servers/{server_id}/action (changePassword)"),

        new("os_compute_api:os-aggregates:set_metadata", Admin, "POST /os-aggregates/{aggregate_id}/action (set_metadata)"),
        new("os_compute_api:os-aggregates:add_host", Admin, "POST /os-aggregates/{aggregate_id}/action (add_host)"),
        new("os_compute_api:os-aggregates:create", Admin, "POST /os-aggregates"),
        new("os_compute_api:os-aggregates:remove_host", Admin, "POST /os-aggregates/{aggregate_id}/action (remove_host)"),
        new("os_compute_api:os-aggregates:update", Admin, "PUT /os-aggregates/{aggregate_id}"),
        new("os_compute_api:os-aggregates:index", Admin, "GET /os-aggregates"),
        new("os_compute_api:os-aggregates:delete", Admin, "DELETE /os-aggregates/{aggregate_id}"),
        new("os_compute_api:os-aggregates:show", Admin, "GET /os-aggregates/{aggregate_id}"),

        new("compute:aggregates:images", Admin, "POST /os-aggregates/{aggregate_id}/images"),

        new("os_compute_api:os-assisted-volume-snapshots:create", Service, "POST /os-assisted-volume-snapshots"),
        new("os_compute_api:os-assisted-volume-snapshots:delete", Service, "DELETE /os-assisted-volume-snapshots/{snapshot_id}"),

        new("os_compute_api:os-attach-interfaces:list", Reader, "GET /servers/{server_id}/os-interface"),
        new("os_compute_api:os-attach-interfaces:show", Reader, "GET /servers/{server_id}/os-interface/{port_id}"),
        new("os_compute_api:os-attach-interfaces:create", Member, "POST /servers/{server_id}/os-interface"),
        new("os_compute_api:os-attach-interfaces:delete", Member, "DELETE /servers/{server_id}/os-interface/{port_id}"),

        new("os_compute_api:os-availability-zone:list", Anyone, "GET /os-availability-zone"),
        new("os_compute_api:os-availability-zone:detail", Admin, "GET /os-availability-zone/detail"),

        new("os_compute_api:os-baremetal-nodes:list", Admin, "GET /os-baremetal-nodes"),
        new("os_compute_api:os-baremetal-nodes:show", Admin, "GET /os-baremetal-nodes/{node_id}"),

        new("os_compute_api:os-console-auth-tokens", Admin, "GET /os-console-auth-tokens/{console_token}"),

        new("os_compute_api:os-console-output", Member, "POST /servers/{server_id}/action (os-getConsoleOutput)"),

        new("os_compute_api:os-create-backup", Member, "POST /servers/{server_id}/action (createBackup)"),

        new("os_compute_api:os-deferred-delete:restore", Member, "POST /servers/{server_id}/action (restore)"),
        new("os_compute_api:os-deferred-delete:force", Member, "POST /servers/{server_id}/action (forceDelete)"),

        new("os_compute_api:os-evacuate", Admin, "POST /servers/{server_id}/action (evacuate)"),

        new("os_compute_api:os-extended-server-attributes", Admin, "GET /servers/{id}; GET /servers/detail; PUT /servers/{server_id}; POST /servers/{server_id}/action (rebuild)"),

        new("os_compute_api:extensions", Anyone, "GET /extensions; GET /extensions/{alias}"),

        new("os_compute_api:os-flavor-access:add_tenant_access", Admin, "POST /flavors/{flavor_id}/action (addTenantAccess)"),
        new("os_compute_api:os-flavor-access:remove_tenant_access", Admin, "POST /flavors/{flavor_id}/action (removeTenantAccess)"),
        new("os_compute_api:os-flavor-access", Admin, "GET /flavors/{flavor_id}/os-flavor-access"),

        new("os_compute_api:os-flavor-extra-specs:show", Reader, "GET /flavors/{flavor_id}/os-extra_specs/{flavor_extra_spec_key}"),
        new("os_compute_api:os-flavor-extra-specs:create", Admin, "POST /flavors/{flavor_id}/os-extra_specs/"),
        new("os_compute_api:os-flavor-extra-specs:update", Admin, "PUT /flavors/{flavor_id}/os-extra_specs/{flavor_extra_spec_key}"),
        new("os_compute_api:os-flavor-extra-specs:delete", Admin, "DELETE /flavors/{flavor_id}/os-extra_specs/{flavor_extra_spec_key}"),
        new("os_compute_api:os-flavor-extra-specs:index", Reader, "GET /flavors/{flavor_id}/os-extra_specs/; POST /flavors; GET /flavors/detail; GET /flavors/{flavor_id}; PUT /flavors/{flavor_id}"),

        new("os_compute_api:os-flavor-manage:create", Admin, "POST /flavors"),
        new("os_compute_api:os-flavor-manage:update", Admin, "PUT /flavors/{flavor_id}"),
        new("os_compute_api:os-flavor-manage:delete", Admin, "DELETE /flavors/{flavor_id}"),

        new("os_compute_api:os-floating-ip-pools", Anyone, "GET /os-floating-ip-pools"),

        new("os_compute_api:os-floating-ips:add", Member, "POST /servers/{server_id}/action (addFloatingIp)"),
        new("os_compute_api:os-floating-ips:remove", Member, "POST /servers/{server_id}/action (removeFloatingIp)"),
        new("os_compute_api:os-floating-ips:list", Reader, "GET /os-floating-ips"),
        new("os_compute_api:os-floating-ips:create", Member, "POST /os-floating-ips"),
        new("os_compute_api:os-floating-ips:show", Reader, "GET /os-floating-ips/{floating_ip_id}"),
        new("os_compute_api:os-floating-ips:delete", Member, "DELETE /os-floating-ips/{floating_ip_id}"),

        new("os_compute_api:os-hosts:list", Admin, "GET /os-hosts"),
        new("os_compute_api:os-hosts:show", Admin, "GET /os-hosts/{host_name}"),
        new("os_compute_api:os-hosts:update", Admin, "PUT /os-hosts/{host_name}"),
        new("os_compute_api:os-hosts:reboot", Admin, "GET /os-hosts/{host_name}/reboot"),
        new("os_compute_api:os-hosts:shutdown", Admin, "GET /os-hosts/{host_name}/shutdown"),
        new("os_compute_api:os-hosts:start", Admin, "GET /os-hosts/{host_name}/startup"),

        new("os_compute_api:os-hypervisors:list", Admin, "GET /os-hypervisors"),
        new("os_compute_api:os-hypervisors:list-detail", Admin, "GET /os-hypervisors/details"),
        new("os_compute_api:os-hypervisors:statistics", Admin, "GET /os-hypervisors/statistics"),
        new("os_compute_api:os-hypervisors:show", Admin, "GET /os-hypervisors/{hypervisor_id}"),
        new("os_compute_api:os-hypervisors:uptime", Admin, "GET /os-hypervisors/{hypervisor_id}/uptime"),
        new("os_compute_api:os-hypervisors:search", Admin, "GET /os-hypervisors/{hypervisor_hostname_pattern}/search"),
        new("os_compute_api:os-hypervisors:servers", Admin, "GET /os-hypervisors/{hypervisor_hostname_pattern}/servers"),

        new("os_compute_api:os-instance-actions:events:details", Admin, "GET /servers/{server_id}/os-instance-actions/{request_id}"),
        new("os_compute_api:os-instance-actions:events", Admin, "GET /servers/{server_id}/os-instance-actions/{request_id}"),
        new("os_compute_api:os-instance-actions:list", Reader, "GET /servers/{server_id}/os-instance-actions"),
        new("os_compute_api:os-instance-actions:show", Reader, "GET /servers/{server_id}/os-instance-actions/{request_id}"),

        new("os_compute_api:os-instance-usage-audit-log:list", Admin, "GET /os-instance_usage_audit_log"),
        new("os_compute_api:os-instance-usage-audit-log:show", Admin, "GET /os-instance_usage_audit_log/{before_timestamp}"),

        new("os_compute_api:ips:show", Reader, "GET /servers/{server_id}/ips/{network_label}"),
        new("os_compute_api:ips:index", Reader, "GET /servers/{server_id}/ips"),

        new("os_compute_api:os-keypairs:index", Owner, "GET /os-keypairs"),
        new("os_compute_api:os-keypairs:create", Owner, "POST /os-keypairs"),
        new("os_compute_api:os-keypairs:delete", Owner, "DELETE /os-keypairs/{keypair_name}"),
        new("os_compute_api:os-keypairs:show", Owner, "GET /os-keypairs/{keypair_name}"),

        new("os_compute_api:limits", Anyone, "GET /limits"),
        new("os_compute_api:limits:other_project", Admin, "GET /limits"),

        new("os_compute_api:os-lock-server:lock", Member, "POST /servers/{server_id}/action (lock)"),
        new("os_compute_api:os-lock-server:unlock", Member, "POST /servers/{server_id}/action (unlock)"),
        new("os_compute_api:os-lock-server:unlock:unlock_override", Admin, "POST /servers/{server_id}/action (unlock)"),

        new("os_compute_api:os-migrate-server:migrate", Manager, "POST /servers/{server_id}/action (migrate)"),
        new("os_compute_api:os-migrate-server:migrate:host", Admin, "POST /servers/{server_id}/action (migrate)"),
        new("os_compute_api:os-migrate-server:migrate_live", Manager, "POST /servers/{server_id}/action (os-migrateLive)"),
        new("os_compute_api:os-migrate-server:migrate_live:host", Admin, "POST /servers/{server_id}/action (os-migrateLive)"),

        new("os_compute_api:os-migrations:index", Manager, "GET /os-migrations"),
        new("os_compute_api:os-migrations:index:all_projects", Admin, "GET /os-migrations"),
        new("os_compute_api:os-migrations:index:host", Admin, "GET /os-migrations"),

        new("os_compute_api:os-multinic:add", Member, "POST /servers/{server_id}/action (addFixedIp)"),
        new("os_compute_api:os-multinic:remove", Member, "POST /servers/{server_id}/action (removeFixedIp)"),

        new("os_compute_api:os-networks:list", Reader, "GET /os-networks"),
        new("os_compute_api:os-networks:show", Reader, "GET /os-networks/{network_id}"),

        new("os_compute_api:os-pause-server:pause", Member, "POST /servers/{server_id}/action (pause)"),
        new("os_compute_api:os-pause-server:unpause", Member, "POST /servers/{server_id}/action (unpause)"),

        new("os_compute_api:os-quota-class-sets:show", Admin, "GET /os-quota-class-sets/{quota_class}"),
        new("os_compute_api:os-quota-class-sets:update", Admin, "PUT /os-quota-class-sets/{quota_class}"),

        new("os_compute_api:os-quota-sets:update", Admin, "PUT /os-quota-sets/{tenant_id}"),
        new("os_compute_api:os-quota-sets:defaults", Anyone, "GET /os-quota-sets/{tenant_id}/defaults"),
        new("os_compute_api:os-quota-sets:show", Reader, "GET /os-quota-sets/{tenant_id}"),
        new("os_compute_api:os-quota-sets:delete", Admin, "DELETE /os-quota-sets/{tenant_id}"),
        new("os_compute_api:os-quota-sets:detail", Reader, "GET /os-quota-sets/{tenant_id}/detail"),

        new("os_compute_api:os-remote-consoles", Member, "POST /servers/{server_id}/action (os-getSerialConsole); POST /servers/{server_id}/action (os-getSPICEConsole); POST /servers/{server_id}/action (os-getVNCConsole); POST /servers/{server_id}/remote-consoles"),

        new("os_compute_api:os-rescue", Member, "POST /servers/{server_id}/action (rescue)"),

        new("os_compute_api:os-unrescue", Member, "POST /servers/{server_id}/action (unrescue)"),

        new("os_compute_api:os-security-groups:get", Reader, "GET /os-security-groups"),
        new("os_compute_api:os-security-groups:show", Reader, "GET /os-security-groups/{security_group_id}"),
        new("os_compute_api:os-security-groups:create", Member, "POST /os-security-groups"),
        new("os_compute_api:os-security-groups:update", Member, "PUT /os-security-groups/{security_group_id}"),
        new("os_compute_api:os-security-groups:delete", Member, "DELETE /os-security-groups/{security_group_id}"),
        new("os_compute_api:os-security-groups:rule:create", Member, "POST /os-security-group-rules"),
        new("os_compute_api:os-security-groups:rule:delete", Member, "DELETE /os-security-group-rules/{security_group_id}"),
        new("os_compute_api:os-security-groups:list", Reader, "GET /servers/{server_id}/os-security-groups"),
        new("os_compute_api:os-security-groups:add", Member, "POST /servers/{server_id}/action (addSecurityGroup)"),
        new("os_compute_api:os-security-groups:remove", Member, "POST /servers/{server_id}/action (removeSecurityGroup)"),

        new("os_compute_api:os-server-diagnostics", Admin, "GET /servers/{server_id}/diagnostics"),

        new("os_compute_api:os-server-external-events:create", Service, "POST /os-server-external-events"),

        new("os_compute_api:os-server-groups:create", Member, "POST /os-server-groups"),
        new("os_compute_api:os-server-groups:delete", Member, "DELETE /os-server-groups/{server_group_id}"),
        new("os_compute_api:os-server-groups:index", Reader, "GET /os-server-groups"),
        new("os_compute_api:os-server-groups:index:all_projects", Admin, "GET /os-server-groups"),
        new("os_compute_api:os-server-groups:show", Reader, "GET /os-server-groups/{server_group_id}"),

        new("os_compute_api:server-metadata:index", Reader, "GET /servers/{server_id}/metadata"),
        new("os_compute_api:server-metadata:show", Reader, "GET /servers/{server_id}/metadata/{key}"),
        new("os_compute_api:server-metadata:create", Member, "POST /servers/{server_id}/metadata"),
        new("os_compute_api:server-metadata:update_all", Member, "PUT /servers/{server_id}/metadata"),
        new("os_compute_api:server-metadata:update", Member, "PUT /servers/{server_id}/metadata/{key}"),
        new("os_compute_api:server-metadata:delete", Member, "DELETE /servers/{server_id}/metadata/{key}"),

        new("os_compute_api:os-server-password:show", Reader, "GET /servers/{server_id}/os-server-password"),
        new("os_compute_api:os-server-password:clear", Member, "DELETE /servers/{server_id}/os-server-password"),

        new("os_compute_api:os-server-shares:index", Reader, "GET /servers/{server_id}/shares"),
        new("os_compute_api:os-server-shares:create", Member, "POST /servers/{server_id}/shares"),
        new("os_compute_api:os-server-shares:show", Reader, "GET /servers/{server_id}/shares/{share_id}"),
        new("os_compute_api:os-server-shares:delete", Member, "DELETE /servers/{server_id}/shares/{share_id}"),

        new("os_compute_api:os-server-tags:delete_all", Member, "DELETE /servers/{server_id}/tags"),
        new("os_compute_api:os-server-tags:index", Reader, "GET /servers/{server_id}/tags"),
        new("os_compute_api:os-server-tags:update_all", Member, "PUT /servers/{server_id}/tags"),
        new("os_compute_api:os-server-tags:delete", Member, "DELETE /servers/{server_id}/tags/{tag}"),
        new("os_compute_api:os-server-tags:update", Member, "PUT /servers/{server_id}/tags/{tag}"),
        new("os_compute_api:os-server-tags:show", Reader, "GET /servers/{server_id}/tags/{tag}"),

        new("compute:server:topology:index", Reader, "GET /servers/{server_id}/topology"),
        new("compute:server:topology:host:index", Admin, "GET /servers/{server_id}/topology"),

        new("os_compute_api:servers:index", Reader, "GET /servers"),
        new("os_compute_api:servers:detail", Reader, "GET /servers/detail"),
        new("os_compute_api:servers:index:get_all_tenants", Admin, "GET /servers"),
        new("os_compute_api:servers:detail:get_all_tenants", Admin, "GET /servers/detail"),
        new("os_compute_api:servers:allow_all_filters", Admin, "GET /servers; GET /servers/detail"),
        new("os_compute_api:servers:show", Reader, "GET /servers/{server_id}"),
        new("os_compute_api:servers:show:flavor-extra-specs", Reader, "GET /servers/detail; GET /servers/{server_id}; PUT /servers/{server_id}; POST /servers/{server_id}/action (rebuild)"),
        new("os_compute_api:servers:show:host_status", Admin, "GET /servers/{server_id}; GET /servers/detail; PUT /servers/{server_id}; POST /servers/{server_id}/action (rebuild)"),
        new("os_compute_api:servers:show:host_status:unknown-only", Admin, "GET /servers/{server_id}; GET /servers/detail; PUT /servers/{server_id}; POST /servers/{server_id}/action (rebuild)"),
        new("os_compute_api:servers:create", Member, "POST /servers"),
        new("os_compute_api:servers:create:forced_host", Admin, "POST /servers"),
        new("compute:servers:create:requested_destination", Admin, "POST /servers"),
        new("os_compute_api:servers:create:attach_volume", Member, "POST /servers"),
        new("os_compute_api:servers:create:attach_network", Member, "POST /servers"),
        new("os_compute_api:servers:create:trusted_certs", Member, "POST /servers"),
        new("os_compute_api:servers:create:zero_disk_flavor", Admin, "POST /servers"),

        new("network:attach_external_network", Admin, "POST /servers; POST /servers/{server_id}/os-interface"),

        new("os_compute_api:servers:delete", Member, "DELETE /servers/{server_id}"),
        new("os_compute_api:servers:update", Member, "PUT /servers/{server_id}"),
        new("os_compute_api:servers:confirm_resize", Member, "POST /servers/{server_id}/action (confirmResize)"),
        new("os_compute_api:servers:revert_resize", Member, "POST /servers/{server_id}/action (revertResize)"),
        new("os_compute_api:servers:reboot", Member, "POST /servers/{server_id}/action (reboot)"),
        new("os_compute_api:servers:resize", Member, "POST /servers/{server_id}/action (resize)"),
        new("compute:servers:resize:cross_cell", Nobody, "POST /servers/{server_id}/action (resize)"),
        new("os_compute_api:servers:rebuild", Member, "POST /servers/{server_id}/action (rebuild)"),
        new("os_compute_api:servers:rebuild:trusted_certs", Member, "POST /servers/{server_id}/action (rebuild)"),
        new("os_compute_api:servers:create_image", Member, "POST /servers/{server_id}/action (createImage)"),
        new("os_compute_api:servers:create_image:allow_volume_backed", Member, "POST /servers/{server_id}/action (createImage)"),
        new("os_compute_api:servers:start", Member, "POST /servers/{server_id}/action (os-start)"),
        new("os_compute_api:servers:stop", Member, "POST /servers/{server_id}/action (os-stop)"),
        new("os_compute_api:servers:trigger_crash_dump", Member, "POST /servers/{server_id}/action (trigger_crash_dump)"),
        new("os_compute_api:servers:migrations:show", Admin, "GET /servers/{server_id}/migrations/{migration_id}"),
        new("os_compute_api:servers:migrations:force_complete", Manager, "POST /servers/{server_id}/migrations/{migration_id}/action (force_complete)"),
        new("os_compute_api:servers:migrations:delete", Manager, "DELETE /servers/{server_id}/migrations/{migration_id}"),
        new("os_compute_api:servers:migrations:index", Manager, "GET /servers/{server_id}/migrations"),
        new("os_compute_api:servers:migrations:index:host", Admin, "GET /servers/{server_id}/migrations"),

        new("os_compute_api:os-services:list", Admin, "GET /os-services"),
        new("os_compute_api:os-services:update", Admin, "PUT /os-services/{service_id}"),
        new("os_compute_api:os-services:delete", Admin, "DELETE /os-services/{service_id}"),

        new("os_compute_api:os-shelve:shelve", Member, "POST /servers/{server_id}/action (shelve)"),
        new("os_compute_api:os-shelve:unshelve", Member, "POST /servers/{server_id}/action (unshelve)"),
        new("os_compute_api:os-shelve:unshelve_to_host", Admin, "POST /servers/{server_id}/action (unshelve)"),
        new("os_compute_api:os-shelve:shelve_offload", Admin, "POST /servers/{server_id}/action (shelveOffload)"),

        new("os_compute_api:os-simple-tenant-usage:show", Reader, "GET /os-simple-tenant-usage/{tenant_id}"),
        new("os_compute_api:os-simple-tenant-usage:list", Admin, "GET /os-simple-tenant-usage"),

        new("os_compute_api:os-suspend-server:resume", Member, "POST /servers/{server_id}/action (resume)"),
        new("os_compute_api:os-suspend-server:suspend", Member, "POST /servers/{server_id}/action (suspend)"),

        new("os_compute_api:os-tenant-networks:list", Reader, "GET /os-tenant-networks"),
        new("os_compute_api:os-tenant-networks:show", Reader, "GET /os-tenant-networks/{network_id}"),

        new("os_compute_api:os-volumes:list", Reader, "GET /os-volumes"),
        new("os_compute_api:os-volumes:create", Member, "POST /os-volumes"),
        new("os_compute_api:os-volumes:detail", Reader, "GET /os-volumes/detail"),
        new("os_compute_api:os-volumes:show", Reader, "GET /os-volumes/{volume_id}"),
        new("os_compute_api:os-volumes:delete", Member, "DELETE /os-volumes/{volume_id}"),
        new("os_compute_api:os-volumes:snapshots:list", Reader, "GET /os-snapshots"),
        new("os_compute_api:os-volumes:snapshots:create", Member, "POST /os-snapshots"),
        new("os_compute_api:os-volumes:snapshots:detail", Reader, "GET /os-snapshots/detail"),
        new("os_compute_api:os-volumes:snapshots:show", Reader, "GET /os-snapshots/{snapshot_id}"),
        new("os_compute_api:os-volumes:snapshots:delete", Member, "DELETE /os-snapshots/{snapshot_id}"),

        new("os_compute_api:os-volumes-attachments:index", Reader, "GET /servers/{server_id}/os-volume_attachments"),
        new("os_compute_api:os-volumes-attachments:create", Member, "POST /servers/{server_id}/os-volume_attachments"),
        new("os_compute_api:os-volumes-attachments:show", Reader, "GET /servers/{server_id}/os-volume_attachments/{volume_id}"),
        new("os_compute_api:os-volumes-attachments:update", Member, "PUT /servers/{server_id}/os-volume_attachments/{volume_id}"),
        new("os_compute_api:os-volumes-attachments:swap", Service, "PUT /servers/{server_id}/os-volume_attachments/{volume_id}"),
        new("os_compute_api:os-volumes-attachments:delete", Member, "DELETE /servers/{server_id}/os-volume_attachments/{volume_id}"),
    ];
}
