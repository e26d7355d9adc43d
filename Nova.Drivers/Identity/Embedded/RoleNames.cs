using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>The names of users, projects and roles, for lists of assignments.</summary>
internal sealed class RoleNames
{
    private Dictionary<string, string> _users = [], _projects = [], _roles = [];

    public static async Task<RoleNames> Load(Rows rows) => new()
    {
        _users = (await IdentityStore.Users(rows)).ToDictionary(u => u.Id, u => u.Name),
        _projects = (await IdentityStore.Projects(rows)).ToDictionary(p => p.Id, p => p.Name),
        _roles = (await IdentityStore.Roles(rows)).ToDictionary(r => r.Id, r => r.Name),
    };

    public object View(AssignmentRow row, RequestContext caller, bool withNames)
    {
        object Named(string id, string? name, bool inDomain)
        {
            var view = new Dictionary<string, object?> { ["id"] = id };
            if (withNames)
                view["name"] = name ?? "";
            if (withNames && inDomain)
                view["domain"] = new { id = "default", name = "Default" };
            return view;
        }

        object scope = row.ScopeKind switch
        {
            "project" => new { project = Named(row.ScopeId, _projects.GetValueOrDefault(row.ScopeId), inDomain: true) },
            "domain" => new { domain = Named(row.ScopeId, "Default", inDomain: false) },
            _ => new { system = new { all = true } },
        };
        var path = row.ScopeKind == "system" ? "system" : $"{row.ScopeKind}s/{row.ScopeId}";
        return new
        {
            role = Named(row.RoleId, _roles.GetValueOrDefault(row.RoleId), inDomain: false),
            user = Named(row.UserId, _users.GetValueOrDefault(row.UserId), inDomain: true),
            scope,
            links = new { assignment = caller.Link($"/identity/v3/{path}/users/{row.UserId}/roles/{row.RoleId}") },
        };
    }
}
