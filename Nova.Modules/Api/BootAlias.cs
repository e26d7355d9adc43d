using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api;

/// <summary>The second address of servers, from the time when booting from a volume was an extension; it ended with 2.102.</summary>
internal static class BootAlias
{
    private const int Last = 102;

    private static readonly string[] Actions =
        ["confirmResize", "revertResize", "reboot", "resize", "rebuild", "createImage", "os-start", "os-stop", "trigger_crash_dump"];

    /// <summary>The path below the alias, or null for a route that it never had.</summary>
    public static string? PathOf(Route route) => route.Template[ComputeSurface.Prefix.Length..] switch
    {
        "/servers" => "/os-volumes_boot",
        "/servers/detail" => "/os-volumes_boot/detail",
        "/servers/{id}" => "/os-volumes_boot/{id}",
        "/servers/{id}/action" when Actions.Contains(route.Action) => "/os-volumes_boot/{id}/action",
        _ => null,
    };

    /// <summary>Adds the alias of every route that has one.</summary>
    public static void AddTo(RouteTable routes)
    {
        foreach (var route in routes.All.Where(r => r.Surface is ComputeSurface).ToList())
            if (PathOf(route) is { } path)
                routes.Add(route.At(ComputeSurface.Prefix + path).Until(Math.Min(route.LastMinor, Last)));
    }
}
