using Nova.Drivers.Embedded;
using Nova.Modules.Identity;
using Nova.Modules.Shared;

namespace Nova.Drivers.Network.Embedded;

/// <summary>Who may see and change what.</summary>
internal static class NetworkAccess
{
    public static bool IsAdmin(Caller caller) => caller.HasRole("admin");

    public static bool MaySee(Caller caller, NetworkRow network) => network.Shared || network.External || Owns(caller, network.ProjectId);

    public static bool Owns(Caller caller, string projectId) => IsAdmin(caller) || caller.ProjectId == projectId;

    /// <summary>Readers look, members change.</summary>
    public static void RequireWriter(Caller caller, string projectId, string rule)
    {
        if (!Owns(caller, projectId) || !(IsAdmin(caller) || caller.HasRole("member")))
            throw NetworkFaults.NotAllowed(rule);
    }

    /// <summary>The project of a new thing: the caller's own, or another that an admin names.</summary>
    public static string ProjectOf(Caller caller, JsonBody body)
    {
        var project = body.Text("project_id") ?? body.Text("tenant_id") ?? caller.ProjectId ?? throw NetworkFaults.Invalid("the token has no project");
        return Owns(caller, project) ? project : throw NetworkFaults.NotAllowed("create_for_project");
    }

    /// <summary>Refuses members that only admins may set.</summary>
    public static void RefuseUnlessAdmin(Caller caller, JsonBody body, string rule, params ReadOnlySpan<string> members)
    {
        foreach (var member in members)
            if (body.Has(member) && !IsAdmin(caller) && !body.IsNull(member) && body.Element.GetProperty(member).ValueKind != System.Text.Json.JsonValueKind.False)
                throw NetworkFaults.NotAllowed($"{rule}:{member}");
    }

    public static Guid Id(string text, Func<string, Fault> notFound) => Guid.TryParse(text, out var id) ? id : throw notFound(text);
}
