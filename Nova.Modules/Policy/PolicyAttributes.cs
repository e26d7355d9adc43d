namespace Nova.Modules.Policy;

/// <summary>One side of a comparison; null compares with nothing.</summary>
internal delegate string? PolicyAttribute(in PolicyQuestion question);

/// <summary>What rules may say of the caller and of the target.</summary>
internal static class PolicyAttributes
{
    /// <summary>An attribute of the caller, or null when there is none of that name.</summary>
    public static PolicyAttribute? OfCaller(string name) => name switch
    {
        "user_id" => static (in PolicyQuestion q) => q.Caller.UserId,
        "project_id" or "tenant_id" or "tenant" => static (in PolicyQuestion q) => q.Caller.ProjectId,
        "domain_id" or "token.domain.id" => static (in PolicyQuestion q) => q.Caller.DomainId,
        "user_domain_id" => static (in PolicyQuestion q) => q.Caller.UserDomainId,
        "project_domain_id" or "token.project.domain.id" => static (in PolicyQuestion q) => q.Caller.ProjectId is null ? null : q.Caller.ProjectDomainId,
        "system_scope" or "system" => static (in PolicyQuestion q) => q.Caller.SystemScope ? "all" : null,
        "is_admin" => static (in PolicyQuestion q) => q.Ask("context_is_admin") ? "True" : "False",
        _ => null,
    };

    /// <summary>An attribute of the target; one that the target does not have compares with nothing.</summary>
    public static PolicyAttribute OfTarget(string name) => name switch
    {
        "project_id" or "tenant_id" or "target.project_id" or "target.project.id" => static (in PolicyQuestion q) => q.Target.ProjectId,
        "user_id" or "target.user_id" => static (in PolicyQuestion q) => q.Target.UserId,
        "domain_id" or "target.domain_id" => static (in PolicyQuestion q) => q.Target.DomainId,
        _ => (in PolicyQuestion q) => q.Target.Further?.GetValueOrDefault(name),
    };
}
