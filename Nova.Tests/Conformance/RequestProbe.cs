using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Nova.Host.Configuration;
using Nova.Modules.Api;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Tests.Conformance;

/// <summary>
/// Calls handlers of the Compute API whose services do not exist: a body or query that does not fit is refused before any
/// service is asked, and whatever fits fails at the first of them. So thousands of requests are judged without a change.
/// </summary>
internal static class RequestProbe
{
    private static readonly Lazy<IReadOnlyList<Route>> AllRoutes = new(MapAll);

    /// <summary>The routes of the Compute API.</summary>
    public static IReadOnlyList<Route> Routes => AllRoutes.Value;

    /// <summary>Why the request is refused by its form, or null when it is not.</summary>
    /// <param name="route">Which handler.</param>
    /// <param name="minor">The microversion; 0 is the tree without them.</param>
    /// <param name="body">JSON, or null for none.</param>
    /// <param name="query">Beginning with a question mark, or empty.</param>
    /// <param name="asked">Takes the rules that the handler asks of policy.</param>
    public static async Task<string?> Refusal(Route route, int minor, string? body, string query, ICollection<string>? asked = null)
    {
        var surface = new ProbeSurface();
        var http = new DefaultHttpContext();
        http.Request.Method = route.Method;
        http.Request.QueryString = new(query);
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body ?? ""));
        foreach (var part in route.Template.Split('/').Where(p => p.StartsWith('{')))
            http.Request.RouteValues[part.Trim('{', '}')] = "4b7ebcda-1d9c-4a8b-9c0f-0123456789ab";
        var caller = new RequestContext(http, surface, new(2, minor), new() { UserId = "ada", ProjectId = "blue" }, "req-1", new Everything(asked));
        try
        {
            await route.Handler(caller, default);
        }
#pragma warning disable CA1031 // Whatever a handler does without its services is no refusal of the form.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        return surface.Reason;
    }

    private static List<Route> MapAll()
    {
        var routes = new List<Route>();
        foreach (var type in typeof(ComputeSurface).Assembly.GetTypes().Where(IsOfCompute))
            ((IEndpoints)Hollow(type, 4)).Map(new(new ProbeSurface(), ComputeSurface.Prefix, routes));
        return routes;
    }

    private static bool IsOfCompute(Type type) =>
        type is { IsClass: true, IsAbstract: false } && typeof(IEndpoints).IsAssignableFrom(type) && !type.Namespace!.StartsWith("Nova.Modules.Placement", StringComparison.Ordinal);

    // An object as if its constructor had got objects that never got anything.
    private static object Hollow(Type type, int depth)
    {
        var made = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public))
            if (depth > 0 && field.FieldType is { IsClass: true, IsAbstract: false, IsArray: false } inner && inner.Assembly == type.Assembly && !typeof(Delegate).IsAssignableFrom(inner))
                field.SetValue(made, Possibly(inner, depth - 1));
        return made;
    }

    // Not every type can be made without its constructor; what lies so deep is not asked before the form is judged.
    private static object? Possibly(Type type, int depth)
    {
        try
        {
            return Hollow(type, depth);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private sealed class ProbeSurface : ApiSurface
    {
        public string? Reason { get; private set; }

        public override string Name => ComputeSurface.Key;

        public override Answer Render(Fault fault, RequestContext? caller) => throw new NotSupportedException("Nothing is answered here.");

        public override Fault BadBody(string reason)
        {
            Reason = reason;
            return base.BadBody(reason);
        }

        public override Fault MalformedBody()
        {
            Reason = "malformed";
            return base.MalformedBody();
        }
    }

    private sealed class Everything(ICollection<string>? asked) : IPolicy
    {
        public bool Allows(Caller caller, string rule, PolicyTarget target)
        {
            asked?.Add(rule);
            return true;
        }

        public bool Knows(string rule) => true;
    }
}
