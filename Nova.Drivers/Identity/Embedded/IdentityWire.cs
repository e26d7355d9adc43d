using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>How identity's things look on the wire.</summary>
internal static class IdentityWire
{
    public static object Domain(RequestContext caller) => new
    {
        id = "default",
        name = "Default",
        description = "The default domain",
        enabled = true,
        tags = Array.Empty<string>(),
        options = new { },
        links = Self(caller, "domains/default"),
    };

    public static object Of(ProjectRow project, RequestContext caller) => new
    {
        id = project.Id,
        name = project.Name,
        domain_id = project.DomainId,
        description = project.Description,
        enabled = project.Enabled,
        parent_id = project.DomainId,
        is_domain = false,
        tags = JsonSerializer.Deserialize<List<string>>(project.Tags),
        options = new { },
        links = Self(caller, "projects/" + project.Id),
    };

    public static object Of(UserRow user, RequestContext caller)
    {
        var view = new Dictionary<string, object?>
        {
            ["id"] = user.Id,
            ["name"] = user.Name,
            ["domain_id"] = user.DomainId,
            ["enabled"] = user.Enabled,
            ["password_expires_at"] = null,
            ["options"] = new { },
            ["links"] = Self(caller, "users/" + user.Id),
        };
        if (user.Description is not null)
            view["description"] = user.Description;
        if (user.Email is not null)
            view["email"] = user.Email;
        if (user.DefaultProjectId is not null)
            view["default_project_id"] = user.DefaultProjectId;
        return view;
    }

    public static object Of(RoleRow role, RequestContext caller) => new
    {
        id = role.Id,
        name = role.Name,
        domain_id = (string?)null,
        description = role.Description,
        options = new { },
        links = Self(caller, "roles/" + role.Id),
    };

    public static Dictionary<string, object?> Token(TokenClaims claims, IReadOnlyList<RoleRow> roles)
    {
        var token = new Dictionary<string, object?>
        {
            ["methods"] = claims.M,
            ["user"] = new { id = claims.U, name = claims.N, domain = DefaultDomain, password_expires_at = (string?)null },
            ["audit_ids"] = claims.A,
            ["expires_at"] = Time(claims.E),
            ["issued_at"] = Time(claims.F),
        };
        if (claims.S == "project")
        {
            token["project"] = new { id = claims.I, name = claims.P, domain = DefaultDomain };
            token["is_domain"] = false;
        }
        else if (claims.S == "domain")
        {
            token["domain"] = DefaultDomain;
        }
        else if (claims.S == "system")
        {
            token["system"] = new { all = true };
        }

        if (claims.S.Length > 0)
            token["roles"] = roles.Where(r => claims.R.Contains(r.Name)).Select(r => new { id = r.Id, name = r.Name });
        return token;
    }

    /// <summary>A list with the links that every list of this API has; all in one page.</summary>
    public static Answer List(RequestContext caller, string name, IEnumerable<object> items) => Answer.Json(new Dictionary<string, object>
    {
        [name] = items.ToList(),
        ["links"] = new { next = (string?)null, self = caller.Link(caller.Http.Request.Path + caller.Http.Request.QueryString), previous = (string?)null },
    });

    /// <summary>One object under its name.</summary>
    public static Answer One(string name, object item, int status = 200) => Answer.Json(new Dictionary<string, object> { [name] = item }, status);

    public static object Self(RequestContext caller, string path) => new { self = caller.Link("/identity/v3/" + path) };

    public static string Time(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>An id that follows from a name, for what has no row.</summary>
    public static string IdOf(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..32];

    private static readonly object DefaultDomain = new { id = "default", name = "Default" };
}
