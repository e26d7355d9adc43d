namespace Nova.Modules.Policy;

/// <summary>What a rule was before it got its name and default.</summary>
/// <param name="Name">The name under which an older policy.yaml has it; null where only the default changed.</param>
/// <param name="Check">The default of that time.</param>
public sealed record FormerRule(string? Name, string Check);

/// <summary>
/// Rules that used to be coarser or more open. A policy.yaml may still use their names, and with
/// <see cref="PolicyOptions.EnforceNewDefaults"/> off their defaults are accepted beside the new ones. A test compares them with the reference.
/// </summary>
public static class FormerRules
{
    private const string Admin = "rule:admin_api";
    private const string Owner = "rule:admin_or_owner";
    private const string IsAdmin = "is_admin:True";
    private const string IsAdminOrOwner = "is_admin:True or project_id:%(project_id)s";
    private const string ContextIsAdmin = "rule:context_is_admin";

    // context_is_admin is not here: its former default, is_admin:True, asks context_is_admin itself and so adds nobody.
    private static readonly Dictionary<string, FormerRule> ByName = new[]
    {
        Changed(IsAdmin, "project_manager_api", "service_api", "project_manager_or_admin", "service_or_admin"),
        Changed(IsAdminOrOwner, "project_member_api", "project_reader_api", "project_member_or_admin", "project_reader_or_admin"),
        Split("os_compute_api:os-attach-interfaces", Owner, "list", "show", "create", "delete"),
        Split("os_compute_api:os-baremetal-nodes", Admin, "list", "show"),
        Split("os_compute_api:os-deferred-delete", Owner, "restore", "force"),
        Renamed("os_compute_api:os-flavor-access", Owner, "os_compute_api:os-flavor-access"),
        Renamed("os_compute_api:os-flavor-extra-specs:index", Owner, "os_compute_api:servers:show:flavor-extra-specs"),
        Split("os_compute_api:os-floating-ips", Owner, "add", "remove", "list", "create", "show", "delete"),
        Split("os_compute_api:os-hosts", Admin, "list", "show", "update", "reboot", "shutdown", "start"),
        Split("os_compute_api:os-hypervisors", Admin, "list", "list-detail", "statistics", "show", "uptime", "search", "servers"),
        Split("os_compute_api:os-instance-actions", Owner, "list", "show"),
        Split("os_compute_api:os-instance-usage-audit-log", Admin, "list", "show"),
        Split("os_compute_api:os-migrate-server:migrate_live", ContextIsAdmin, "host"),
        Split("os_compute_api:os-migrations:index", ContextIsAdmin, "all_projects", "host"),
        Split("os_compute_api:os-multinic", Owner, "add", "remove"),
        Renamed("os_compute_api:os-networks:view", Owner, "os_compute_api:os-networks:list", "os_compute_api:os-networks:show"),
        Renamed("os_compute_api:os-rescue", Owner, "os_compute_api:os-unrescue"),
        Split("os_compute_api:os-security-groups", Owner, "get", "show", "create", "update", "delete", "rule:create", "rule:delete", "list", "add", "remove"),
        Split("os_compute_api:os-server-password", Owner, "show", "clear"),
        Split("os_compute_api:os-services", Admin, "list", "update", "delete"),
        Split("os_compute_api:os-tenant-networks", Owner, "list", "show"),
        Renamed("os_compute_api:os-used-limits", Admin, "os_compute_api:limits:other_project"),
        Split("os_compute_api:os-volumes", Owner, "list", "create", "detail", "show", "delete", "snapshots:list", "snapshots:create", "snapshots:detail", "snapshots:show", "snapshots:delete"),
        Split("os_compute_api:servers:migrations:index", ContextIsAdmin, "host"),

        // Placement's base rules were all "role:admin" once; that adds somebody only where administrators are not allowed already.
        Changed("role:admin", "placement:reshaper:reshape"),
    }.SelectMany(rules => rules).ToDictionary(StringComparer.Ordinal);

    private static readonly HashSet<string> Names = [.. ByName.Values.Select(former => former.Name).OfType<string>()];

    /// <summary>What a rule was before, or null.</summary>
    public static FormerRule? Of(string name) => ByName.GetValueOrDefault(name);

    /// <summary>True for a name that a rule had before; it may be the name of a rule still.</summary>
    public static bool IsFormerName(string name) => Names.Contains(name);

    /// <summary>The rules that stand for a former name today.</summary>
    public static IEnumerable<string> Successors(string formerName) => ByName.Where(rule => rule.Value.Name == formerName).Select(rule => rule.Key).Order(StringComparer.Ordinal);

    private static IEnumerable<KeyValuePair<string, FormerRule>> Changed(string check, params string[] rules) => rules.Select(rule => KeyValuePair.Create(rule, new FormerRule(null, check)));

    private static IEnumerable<KeyValuePair<string, FormerRule>> Renamed(string former, string check, params string[] rules) => rules.Select(rule => KeyValuePair.Create(rule, new FormerRule(former, check)));

    private static IEnumerable<KeyValuePair<string, FormerRule>> Split(string former, string check, params string[] parts) => Renamed(former, check, [.. parts.Select(part => $"{former}:{part}")]);
}
