using Microsoft.AspNetCore.Http;
using Nova.Modules.Identity;

namespace Nova.Drivers.Identity.Test;

/// <summary>
/// Believes every token; for tests and demonstrations on loopback only, which the host enforces. <c>admin</c> is the
/// administrator in the project <c>admin</c>; <c>USER:PROJECT</c> is that user as a member of that project; <c>USER</c> is
/// that user without project and roles. X-Roles, X-Project-Id and OpenStack-System-Scope change roles and scope.
/// </summary>
public sealed class TestIdentity : IIdentityProvider
{
    /// <inheritdoc />
    public ValueTask<Caller?> Authenticate(string token, IHeaderDictionary headers, CancellationToken ct)
    {
        var colon = token.IndexOf(':', StringComparison.Ordinal);
        var user = colon < 0 ? token : token[..colon];
        if (user.Length == 0 || user.Length > 255 || token.Length > 511)
            return new((Caller?)null);

        var project = colon >= 0 ? token[(colon + 1)..] : user == "admin" ? "admin" : null;
        project = Header(headers, "X-Project-Id") ?? project;
        return new(new Caller
        {
            UserId = user,
            UserName = user,
            ProjectId = string.IsNullOrEmpty(project) ? null : project,
            ProjectName = string.IsNullOrEmpty(project) ? null : project,
            SystemScope = Header(headers, "OpenStack-System-Scope") == "all",
            Roles = RolesOf(user, colon >= 0, Header(headers, "X-Roles")),
        });
    }

    private static string[] RolesOf(string user, bool hasProject, string? asked)
    {
        if (asked is not null)
            return asked.ToLowerInvariant().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        return user == "admin" ? ["admin", "manager", "member", "reader"] : hasProject ? ["member", "reader"] : [];
    }

    private static string? Header(IHeaderDictionary headers, string name) => headers[name].ToString() is { Length: > 0 } value ? value : null;
}
