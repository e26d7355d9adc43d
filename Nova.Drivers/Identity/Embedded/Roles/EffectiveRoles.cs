using Nova.Drivers.Identity.Embedded.Projects;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Identity.Embedded.Roles;

/// <summary>What assignments come to: through groups, down the trees of projects, and with the roles that roles imply.</summary>
internal static class EffectiveRoles
{
    /// <summary>The roles that a token of a user in a scope has.</summary>
    public static async Task<IReadOnlyList<Role>> In(Rows rows, string userId, TokenScope scope)
    {
        if (scope == TokenScope.None)
            return [];

        var places = await PlacesOf(rows, scope);
        var direct = (await AssignmentStore.OfUser(rows, userId)).Where(a => places.Contains((a.ScopeKind, a.ScopeId))).Select(a => a.RoleId);
        var held = RoleStore.Closure(direct, await RoleStore.Implied(rows));
        return held.Count == 0 ? [] : [.. (await RoleStore.All(rows)).Where(r => held.Contains(r.Id) && r.DomainId is null)];
    }

    /// <summary>The projects in which a user has any role.</summary>
    public static async Task<IReadOnlyList<Project>> ProjectsOf(Rows rows, string userId)
    {
        var found = new Dictionary<string, Project>();
        var held = await AssignmentStore.OfUser(rows, userId);
        Add(await ProjectStore.Some(rows, [.. held.Where(a => a.ScopeKind == "project").Select(a => a.ScopeId).Distinct()]));
        foreach (var domain in held.Where(a => a is { IsInherited: true, Kind: "domain" }).Select(a => a.ScopeId).Distinct())
            Add(await ProjectStore.All(rows, domain));
        foreach (var project in held.Where(a => a is { IsInherited: true, Kind: "project" }).Select(a => a.ScopeId).Distinct())
            Add(await ProjectStore.Below(rows, project));
        return [.. found.Values.OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Id, StringComparer.Ordinal)];

        void Add(IEnumerable<Project> projects)
        {
            foreach (var project in projects)
                found[project.Id] = project;
        }
    }

    // Where an assignment may have been made so that it counts in the scope.
    private static async Task<HashSet<(string Kind, string Id)>> PlacesOf(Rows rows, TokenScope scope)
    {
        var places = new HashSet<(string, string)> { (scope.Kind, scope.Id) };
        if (scope.Kind != "project" || await ProjectStore.Line(rows, scope.Id) is not { Count: > 0 } line)
            return places;

        places.Add(("domain" + Assignment.Inherited, line[0].DomainId));
        foreach (var project in line.Skip(1))
            places.Add(("project" + Assignment.Inherited, project.Id));
        return places;
    }
}
