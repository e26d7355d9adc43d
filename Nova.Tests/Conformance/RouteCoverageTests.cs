using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;
using Xunit.Abstractions;

namespace Nova.Tests.Conformance;

/// <summary>
/// The routes of the Compute API against the published operations, version by version. What is not there yet stands in
/// <c>routes-missing.txt</c>, which may only get shorter; <c>UPDATE_SNAPSHOTS=1</c> removes what has come.
/// </summary>
[Collection(nameof(ServerCloud))]
public sealed class RouteCoverageTests(ServerCloud cloud, ITestOutputHelper output)
{
    private const string List = "Nova.Tests/Conformance/routes-missing.txt";

    [NeedsFact(Need.Reference)]
    public void What_is_missing_of_the_published_operations_is_listed_and_only_gets_less()
    {
        var routes = ComputeRoutes(cloud).ToLookup(KeyOf);
        var missing = ApiReference.Operations.Select(o => (Operation: o, Versions: Missing(o, routes[o.Key]))).Where(m => m.Versions.Length > 0)
            .Select(m => $"{m.Operation.Id} {m.Versions}").ToList();
        Report(missing);

        var file = Path.Combine(Machine.RepositoryRoot!, List);
        var listed = File.Exists(file) ? File.ReadAllLines(file) : [.. missing];
        Assert.Empty(missing.Except(listed));
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
            File.WriteAllLines(file, missing);
        else
            Assert.True(!listed.Except(missing).Any(), $"No longer missing, so UPDATE_SNAPSHOTS=1 shortens {List}: {string.Join(", ", listed.Except(missing))}");
    }

    [NeedsFact(Need.Reference)]
    public void Nothing_is_mapped_that_is_not_published()
    {
        var published = ApiReference.Operations.ToLookup(o => o.Key);
        var versions = new[] { "GET /", "GET /versions/{}" };
        var unknown = from route in ComputeRoutes(cloud)
                      where !versions.Contains(KeyOf(route)) && !published[KeyOf(route)].Any(o => o.First <= First(route) && Last(route) <= o.Last)
                      select $"{KeyOf(route)} 2.{First(route)}-2.{Last(route)}";

        Assert.Empty(unknown);
    }

    [NeedsFact(Need.Reference)]
    public void Each_route_is_guarded_by_the_published_rule()
    {
        var published = ApiReference.Operations.ToLookup(o => o.Key);
        var wrong = from route in ComputeRoutes(cloud)
                    from operation in published[KeyOf(route)]
                    where (route.Rule ?? "") != operation.Rule
                    select $"{operation.Id}: '{route.Rule}' instead of '{operation.Rule}'";

        Assert.Empty(wrong);
    }

    internal static IEnumerable<Route> ComputeRoutes(TestCloud cloud) =>
        cloud.Services.GetRequiredService<RouteTable>().All.Where(r => r.Surface is ComputeSurface);

    internal static string KeyOf(Route route) => ApiOperation.KeyOf(route.Method, route.Template[ComputeSurface.Prefix.Length..], route.Action);

    private static int First(Route route) => Math.Max(1, route.FirstMinor);

    private static int Last(Route route) => Math.Min(Microversion.Max.Minor, route.LastMinor);

    // Such as "2.1-2.35, 2.53".
    private static string Missing(ApiOperation operation, IEnumerable<Route> routes)
    {
        var absent = Enumerable.Range(operation.First, operation.Last - operation.First + 1).Where(v => !routes.Any(r => First(r) <= v && v <= Last(r))).ToList();
        var ranges = absent.Select((v, i) => (Version: v, Run: v - i)).GroupBy(p => p.Run).Select(g => (First: g.First().Version, Last: g.Last().Version));
        return string.Join(", ", ranges.Select(r => r.First == r.Last ? $"2.{r.First}" : string.Create(CultureInfo.InvariantCulture, $"2.{r.First}-2.{r.Last}")));
    }

    private void Report(List<string> missing)
    {
        output.WriteLine($"{ApiReference.Operations.Count - missing.Count} of {ApiReference.Operations.Count} operations are there in all their versions. Missing:");
        foreach (var line in missing)
            output.WriteLine(line);
    }
}
