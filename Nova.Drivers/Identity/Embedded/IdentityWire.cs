using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Groups;
using Nova.Drivers.Identity.Embedded.Projects;
using Nova.Drivers.Identity.Embedded.Roles;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>How identity's things look on the wire.</summary>
internal static class IdentityWire
{
    public static object Of(Domain domain, RequestContext caller) => new
    {
        id = domain.Id,
        name = domain.Name,
        description = domain.Description,
        enabled = domain.Enabled,
        tags = ProjectTags.Read(domain.Tags),
        options = ResourceOptions.Parse(domain.Options),
        links = Self(caller, "domains/" + domain.Id),
    };

    public static Dictionary<string, object?> Of(Project project, RequestContext caller) => new()
    {
        ["id"] = project.Id,
        ["name"] = project.Name,
        ["domain_id"] = project.DomainId,
        ["description"] = project.Description,
        ["enabled"] = project.Enabled,
        ["parent_id"] = project.ParentId ?? project.DomainId,
        ["is_domain"] = false,
        ["tags"] = ProjectTags.Read(project.Tags),
        ["options"] = ResourceOptions.Parse(project.Options),
        ["links"] = Self(caller, "projects/" + project.Id),
    };

    public static object Of(User user, RequestContext caller)
    {
        var view = new Dictionary<string, object?>
        {
            ["id"] = user.Id,
            ["name"] = user.Name,
            ["domain_id"] = user.DomainId,
            ["enabled"] = user.Enabled,
            ["password_expires_at"] = null,
            ["options"] = ResourceOptions.Parse(user.Options),
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

    public static object Of(Group group, RequestContext caller) => new
    {
        id = group.Id,
        name = group.Name,
        domain_id = group.DomainId,
        description = group.Description,
        links = Self(caller, "groups/" + group.Id),
    };

    public static object Of(Role role, RequestContext caller) => new
    {
        id = role.Id,
        name = role.Name,
        domain_id = role.DomainId,
        description = role.Description,
        options = ResourceOptions.Parse(role.Options),
        links = Self(caller, "roles/" + role.Id),
    };

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

    /// <summary>As much of a client's text as a message repeats.</summary>
    public static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
