using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Groups;
using Nova.Drivers.Identity.Embedded.Projects;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded.Roles;

/// <summary>An assignment as it works, and the one that it comes from.</summary>
/// <param name="Now">Of a user, in one scope, of one role.</param>
/// <param name="From">As it was made: perhaps of a group, of a scope above, or of a role that brings this one.</param>
internal sealed record Effective(Assignment Now, Assignment From);

/// <summary>Everything that lists of assignments name and that assignments work through.</summary>
internal sealed class AssignmentDirectory
{
    private Dictionary<string, User> _users = [];
    private Dictionary<string, Group> _groups = [];
    private Dictionary<string, Role> _roles = [];
    private Dictionary<string, Project> _projects = [];
    private Dictionary<string, string> _domains = [];
    private ILookup<string, string> _members = Enumerable.Empty<string>().ToLookup(x => x);
    private IReadOnlyList<ImpliedRole> _implied = [];

    public static async Task<AssignmentDirectory> Read(Rows rows) => new()
    {
        _users = (await UserStore.All(rows)).ToDictionary(u => u.Id),
        _groups = (await GroupStore.All(rows)).ToDictionary(g => g.Id),
        _roles = (await RoleStore.All(rows)).ToDictionary(r => r.Id),
        _projects = (await ProjectStore.All(rows)).ToDictionary(p => p.Id),
        _domains = (await DomainStore.All(rows)).ToDictionary(d => d.Id, d => d.Name),
        _members = await GroupStore.Members(rows),
        _implied = await RoleStore.Implied(rows),
    };

    /// <summary>The domain of the scope; empty for the system.</summary>
    public string DomainOf(Assignment row) => row.Kind switch
    {
        "project" => _projects.GetValueOrDefault(row.ScopeId)?.DomainId ?? "",
        "domain" => row.ScopeId,
        _ => "",
    };

    /// <summary>Assignments as they work: each of a user, none inherited, with the roles that roles imply.</summary>
    public IEnumerable<Effective> Expand(IEnumerable<Assignment> rows)
    {
        var seen = new HashSet<(string? User, string Kind, string Scope, string Role)>();
        foreach (var row in rows)
            foreach (var user in row.UserId is { } one ? [one] : _members[row.GroupId!])
                foreach (var scope in row.IsInherited ? Below(row) : [row.ScopeId])
                    foreach (var role in RoleStore.Closure([row.RoleId], _implied).Where(id => _roles.GetValueOrDefault(id) is { DomainId: null }))
                        if (seen.Add((user, row.IsInherited ? "project" : row.ScopeKind, scope, role)))
                            yield return new(row with { UserId = user, GroupId = null, ScopeKind = row.IsInherited ? "project" : row.ScopeKind, ScopeId = scope, RoleId = role }, row);
    }

    /// <summary>One assignment in a list.</summary>
    public object View(Effective row, RequestContext caller, bool withNames)
    {
        var (now, from) = row;
        object scope = now.Kind switch
        {
            "project" => Scope("project", Named(now.ScopeId, _projects.GetValueOrDefault(now.ScopeId)?.Name, _projects.GetValueOrDefault(now.ScopeId)?.DomainId, withNames)),
            "domain" => Scope("domain", Named(now.ScopeId, _domains.GetValueOrDefault(now.ScopeId), null, withNames)),
            _ => Scope("system", new { all = true }),
        };
        var view = new Dictionary<string, object>
        {
            ["role"] = Named(now.RoleId, _roles.GetValueOrDefault(now.RoleId)?.Name, _roles.GetValueOrDefault(now.RoleId)?.DomainId, withNames),
            ["scope"] = scope,
            ["links"] = new { assignment = caller.Link("/identity/v3" + PathOf(from)) },
        };
        if (now.UserId is { } user)
            view["user"] = Named(user, _users.GetValueOrDefault(user)?.Name, _users.GetValueOrDefault(user)?.DomainId, withNames);
        else
            view["group"] = Named(now.GroupId!, _groups.GetValueOrDefault(now.GroupId!)?.Name, _groups.GetValueOrDefault(now.GroupId!)?.DomainId, withNames);
        return view;

        object Scope(string kind, object what)
        {
            var place = new Dictionary<string, object> { [kind] = what };
            if (from.IsInherited)
                place["OS-INHERIT:inherited_to"] = "projects";
            return place;
        }
    }

    private IEnumerable<string> Below(Assignment row)
    {
        if (row.Kind == "domain")
            return _projects.Values.Where(p => p.DomainId == row.ScopeId).Select(p => p.Id);

        return _projects.Values.Where(p => IsBelow(p, row.ScopeId)).Select(p => p.Id);
    }

    private bool IsBelow(Project project, string above)
    {
        for (var parent = project.ParentId; parent is not null; parent = _projects.GetValueOrDefault(parent)?.ParentId)
            if (parent == above)
                return true;
        return false;
    }

    private static string PathOf(Assignment row)
    {
        var path = $"/{(row.Kind == "system" ? "system" : $"{row.Kind}s/{row.ScopeId}")}/{(row.UserId is null ? "groups" : "users")}/{row.ActorId}/roles/{row.RoleId}";
        return row.IsInherited ? $"/OS-INHERIT{path}/inherited_to_projects" : path;
    }

    private Dictionary<string, object> Named(string id, string? name, string? domainId, bool withNames)
    {
        var view = new Dictionary<string, object> { ["id"] = id };
        if (withNames)
            view["name"] = name ?? "";
        if (withNames && domainId is not null)
            view["domain"] = new { id = domainId, name = _domains.GetValueOrDefault(domainId) ?? "" };
        return view;
    }
}
