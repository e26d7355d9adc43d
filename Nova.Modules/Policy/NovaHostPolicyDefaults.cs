namespace Nova.Modules.Policy;

/// <summary>Who may ask what only this program has.</summary>
public static class NovaHostPolicyDefaults
{
    private const string Admin = "rule:context_is_admin";
    private const string Member = "rule:project_member_or_admin";
    private const string Reader = "rule:project_reader_or_admin";

    /// <summary>One per operation.</summary>
    public static readonly IReadOnlyList<PolicyDefault> All =
    [
        new("nova_host:operations:index", Admin, "GET /nova-host/v1/operations"),
        new("nova_host:operations:show", Admin, "GET /nova-host/v1/operations/{id}"),
        new("nova_host:operations:resume", Admin, "POST /nova-host/v1/operations/{id}/resume"),
        new("nova_host:operations:unwind", Admin, "POST /nova-host/v1/operations/{id}/unwind"),
        new("nova_host:purge", Admin, "POST /nova-host/v1/purge"),
        new("nova_host:audit", Admin, "GET /nova-host/v1/audit"),
        new("nova_host:placement:show", Reader, "GET /nova-host/v1/servers/{server_id}/placement"),
        new("nova_host:placement:hosts", Admin, "the names of hosts in the answers of GET /nova-host/v1/servers/{server_id}/placement and POST /nova-host/v1/dry-run/servers"),
        new("nova_host:placement:recording", Admin, "GET /nova-host/v1/servers/{server_id}/placement/recording"),
        new("nova_host:dry_run", Member, "POST /nova-host/v1/dry-run/servers"),
        new("nova_host:capacity", Reader, "GET /nova-host/v1/capacity"),
        new("nova_host:what_if", Admin, "POST /nova-host/v1/what-if"),
    ];
}
