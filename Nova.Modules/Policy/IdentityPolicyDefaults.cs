namespace Nova.Modules.Policy;

/// <summary>
/// Who may do what in the embedded identity service: the rules of Keystone with its roles and scopes. The base rules are written
/// out, because some share a name with Compute's and mean something else.
/// </summary>
public static class IdentityPolicyDefaults
{
    private const string Anyone = "@";
    private const string Admin = "role:admin";
    private const string Owner = "user_id:%(user_id)s";
    private const string SystemReader = "(role:reader and system_scope:all)";
    private const string Reader = $"role:admin or {SystemReader}";
    private const string DomainReader = $"{Reader} or (role:reader and domain_id:%(target.domain_id)s)";
    private const string DomainManager = "role:admin or (role:manager and domain_id:%(target.domain_id)s)";
    private const string DomainUser = $"{Reader} or domain_id:%(target.domain_id)s or token.project.domain.id:%(target.domain_id)s";
    private const string ProjectUser = $"{DomainReader} or project_id:%(target.project.id)s";
    private const string UserSelf = $"{DomainReader} or {Owner}";
    private const string GrantReader =
        $"{Reader} or (role:reader and domain_id:%(target.actor.domain_id)s and domain_id:%(target.domain_id)s)";

    // A manager of a domain gives away no more than the own role.
    private const string GrantManager =
        "role:admin or (role:manager and domain_id:%(target.actor.domain_id)s and domain_id:%(target.domain_id)s"
        + " and ('manager':%(target.role.name)s or 'member':%(target.role.name)s or 'reader':%(target.role.name)s))";

    private const string LimitReader =
        $"{Reader} or domain_id:%(target.limit.domain.id)s or domain_id:%(target.limit.project.domain_id)s or project_id:%(target.limit.project_id)s";

    private const PolicyScopes Any = PolicyScopes.Any;
    private const PolicyScopes NoDomain = PolicyScopes.System | PolicyScopes.Project;

    /// <summary>One per operation.</summary>
    public static readonly IReadOnlyList<PolicyDefault> All =
    [
        new("identity:check_token", $"{Reader} or user_id:%(target.token.user_id)s", "HEAD /v3/auth/tokens", Any),
        new("identity:validate_token", $"{Reader} or role:service or user_id:%(target.token.user_id)s", "GET /v3/auth/tokens", Any),
        new("identity:revoke_token", $"{Admin} or user_id:%(target.token.user_id)s", "DELETE /v3/auth/tokens", Any),
        new("identity:get_auth_catalog", Anyone, "GET /v3/auth/catalog", Any),
        new("identity:get_auth_projects", Anyone, "GET /v3/auth/projects", Any),
        new("identity:get_auth_domains", Anyone, "GET /v3/auth/domains", Any),
        new("identity:get_auth_system", Anyone, "GET /v3/auth/system", Any),

        new("identity:get_domain", DomainUser, "GET /v3/domains/{domain_id}", Any),
        new("identity:list_domains", DomainReader, "GET /v3/domains", Any),
        new("identity:create_domain", Admin, "POST /v3/domains", NoDomain),
        new("identity:update_domain", Admin, "PATCH /v3/domains/{domain_id}", NoDomain),
        new("identity:delete_domain", Admin, "DELETE /v3/domains/{domain_id}", NoDomain),

        new("identity:get_project", ProjectUser, "GET /v3/projects/{project_id}", Any),
        new("identity:list_projects", DomainReader, "GET /v3/projects", Any),
        new("identity:list_user_projects", UserSelf, "GET /v3/users/{user_id}/projects", Any),
        new("identity:create_project", DomainManager, "POST /v3/projects", Any),
        new("identity:update_project", DomainManager, "PATCH /v3/projects/{project_id}", Any),
        new("identity:delete_project", DomainManager, "DELETE /v3/projects/{project_id}", Any),
        new("identity:list_project_tags", ProjectUser, "GET /v3/projects/{project_id}/tags", Any),
        new("identity:get_project_tag", ProjectUser, "GET /v3/projects/{project_id}/tags/{value}", Any),
        new("identity:update_project_tags", DomainManager, "PUT /v3/projects/{project_id}/tags", Any),
        new("identity:create_project_tag", DomainManager, "PUT /v3/projects/{project_id}/tags/{value}", Any),
        new("identity:delete_project_tags", DomainManager, "DELETE /v3/projects/{project_id}/tags", Any),
        new("identity:delete_project_tag", DomainManager, "DELETE /v3/projects/{project_id}/tags/{value}", Any),

        new("identity:get_user", UserSelf, "GET /v3/users/{user_id}", Any),
        new("identity:list_users", DomainReader, "GET /v3/users", Any),
        new("identity:create_user", DomainManager, "POST /v3/users", Any),
        new("identity:update_user", DomainManager, "PATCH /v3/users/{user_id}", Any),
        new("identity:delete_user", DomainManager, "DELETE /v3/users/{user_id}", Any),

        new("identity:get_group", DomainReader, "GET /v3/groups/{group_id}", Any),
        new("identity:list_groups", DomainReader, "GET /v3/groups", Any),
        new("identity:list_groups_for_user", UserSelf, "GET /v3/users/{user_id}/groups", Any),
        new("identity:create_group", DomainManager, "POST /v3/groups", Any),
        new("identity:update_group", DomainManager, "PATCH /v3/groups/{group_id}", Any),
        new("identity:delete_group", DomainManager, "DELETE /v3/groups/{group_id}", Any),
        new("identity:list_users_in_group", DomainReader, "GET /v3/groups/{group_id}/users", Any),
        new("identity:check_user_in_group", DomainReader, "HEAD /v3/groups/{group_id}/users/{user_id}", Any),
        new("identity:add_user_to_group", DomainManager, "PUT /v3/groups/{group_id}/users/{user_id}", Any),
        new("identity:remove_user_from_group", DomainManager, "DELETE /v3/groups/{group_id}/users/{user_id}", Any),

        new("identity:get_role", $"{Reader} or role:manager", "GET /v3/roles/{role_id}", Any),
        new("identity:list_roles", $"{Reader} or role:manager", "GET /v3/roles", Any),
        new("identity:create_role", Admin, "POST /v3/roles", NoDomain),
        new("identity:update_role", Admin, "PATCH /v3/roles/{role_id}", NoDomain),
        new("identity:delete_role", Admin, "DELETE /v3/roles/{role_id}", NoDomain),
        new("identity:get_implied_role", Reader, "GET /v3/roles/{prior_role_id}/implies/{implied_role_id}", NoDomain),
        new("identity:check_implied_role", Reader, "HEAD /v3/roles/{prior_role_id}/implies/{implied_role_id}", NoDomain),
        new("identity:list_implied_roles", Reader, "GET /v3/roles/{prior_role_id}/implies", NoDomain),
        new("identity:list_role_inference_rules", Reader, "GET /v3/role_inferences", NoDomain),
        new("identity:create_implied_role", Admin, "PUT /v3/roles/{prior_role_id}/implies/{implied_role_id}", NoDomain),
        new("identity:delete_implied_role", Admin, "DELETE /v3/roles/{prior_role_id}/implies/{implied_role_id}", NoDomain),

        new("identity:check_grant", GrantReader, "HEAD of a role of a user or group in a project or domain", Any),
        new("identity:list_grants", GrantReader, "GET of the roles of a user or group in a project or domain", Any),
        new("identity:create_grant", GrantManager, "PUT of a role of a user or group in a project or domain", Any),
        new("identity:revoke_grant", GrantManager, "DELETE of a role of a user or group in a project or domain", Any),
        new("identity:list_system_grants_for_user", Reader, "GET /v3/system/users/{user_id}/roles", NoDomain),
        new("identity:check_system_grant_for_user", Reader, "HEAD /v3/system/users/{user_id}/roles/{role_id}", NoDomain),
        new("identity:create_system_grant_for_user", Admin, "PUT /v3/system/users/{user_id}/roles/{role_id}", NoDomain),
        new("identity:revoke_system_grant_for_user", Admin, "DELETE /v3/system/users/{user_id}/roles/{role_id}", NoDomain),
        new("identity:list_system_grants_for_group", Reader, "GET /v3/system/groups/{group_id}/roles", NoDomain),
        new("identity:check_system_grant_for_group", Reader, "HEAD /v3/system/groups/{group_id}/roles/{role_id}", NoDomain),
        new("identity:create_system_grant_for_group", Admin, "PUT /v3/system/groups/{group_id}/roles/{role_id}", NoDomain),
        new("identity:revoke_system_grant_for_group", Admin, "DELETE /v3/system/groups/{group_id}/roles/{role_id}", NoDomain),
        new("identity:list_role_assignments", DomainReader, "GET /v3/role_assignments", Any),
        new("identity:list_role_assignments_for_tree", $"{DomainReader} or (role:admin and project_id:%(target.project.id)s)", "GET /v3/role_assignments?include_subtree", Any),

        new("identity:get_application_credential", $"{Reader} or {Owner}", "GET /v3/users/{user_id}/application_credentials/{application_credential_id}", NoDomain),
        new("identity:list_application_credentials", $"{Reader} or {Owner}", "GET /v3/users/{user_id}/application_credentials", NoDomain),
        new("identity:create_application_credential", Owner, "POST /v3/users/{user_id}/application_credentials", PolicyScopes.Project),
        new("identity:delete_application_credential", $"{Admin} or {Owner}", "DELETE /v3/users/{user_id}/application_credentials/{application_credential_id}", NoDomain),
        new("identity:get_access_rule", $"{Reader} or {Owner}", "GET /v3/users/{user_id}/access_rules/{access_rule_id}", NoDomain),
        new("identity:list_access_rules", $"{Reader} or {Owner}", "GET /v3/users/{user_id}/access_rules", NoDomain),
        new("identity:delete_access_rule", $"{Admin} or {Owner}", "DELETE /v3/users/{user_id}/access_rules/{access_rule_id}", NoDomain),

        new("identity:get_credential", $"{Reader} or {Owner}", "GET /v3/credentials/{credential_id}", NoDomain),
        new("identity:list_credentials", $"{Reader} or {Owner}", "GET /v3/credentials", NoDomain),
        new("identity:create_credential", $"{Admin} or {Owner}", "POST /v3/credentials", NoDomain),
        new("identity:update_credential", $"{Admin} or {Owner}", "PATCH /v3/credentials/{credential_id}", NoDomain),
        new("identity:delete_credential", $"{Admin} or {Owner}", "DELETE /v3/credentials/{credential_id}", NoDomain),

        new("identity:get_region", Anyone, "GET /v3/regions/{region_id}", Any),
        new("identity:list_regions", Anyone, "GET /v3/regions", Any),
        new("identity:create_region", Admin, "POST /v3/regions; PUT /v3/regions/{region_id}", NoDomain),
        new("identity:update_region", Admin, "PATCH /v3/regions/{region_id}", NoDomain),
        new("identity:delete_region", Admin, "DELETE /v3/regions/{region_id}", NoDomain),
        new("identity:get_service", Reader, "GET /v3/services/{service_id}", NoDomain),
        new("identity:list_services", Reader, "GET /v3/services", NoDomain),
        new("identity:create_service", Admin, "POST /v3/services", NoDomain),
        new("identity:update_service", Admin, "PATCH /v3/services/{service_id}", NoDomain),
        new("identity:delete_service", Admin, "DELETE /v3/services/{service_id}", NoDomain),
        new("identity:get_endpoint", Reader, "GET /v3/endpoints/{endpoint_id}", NoDomain),
        new("identity:list_endpoints", Reader, "GET /v3/endpoints", NoDomain),
        new("identity:create_endpoint", Admin, "POST /v3/endpoints", NoDomain),
        new("identity:update_endpoint", Admin, "PATCH /v3/endpoints/{endpoint_id}", NoDomain),
        new("identity:delete_endpoint", Admin, "DELETE /v3/endpoints/{endpoint_id}", NoDomain),

        new("identity:get_registered_limit", Anyone, "GET /v3/registered_limits/{registered_limit_id}", Any),
        new("identity:list_registered_limits", Anyone, "GET /v3/registered_limits", Any),
        new("identity:create_registered_limits", Admin, "POST /v3/registered_limits", NoDomain),
        new("identity:update_registered_limit", Admin, "PATCH /v3/registered_limits/{registered_limit_id}", NoDomain),
        new("identity:delete_registered_limit", Admin, "DELETE /v3/registered_limits/{registered_limit_id}", NoDomain),
        new("identity:get_limit_model", Anyone, "GET /v3/limits/model", Any),
        new("identity:get_limit", LimitReader, "GET /v3/limits/{limit_id}", Any),
        new("identity:list_limits", Anyone, "GET /v3/limits", Any),
        new("identity:create_limits", Admin, "POST /v3/limits", NoDomain),
        new("identity:update_limit", Admin, "PATCH /v3/limits/{limit_id}", NoDomain),
        new("identity:delete_limit", Admin, "DELETE /v3/limits/{limit_id}", NoDomain),
    ];
}
