using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Drivers.Identity.Embedded;
using Nova.Modules.Identity;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours;

/// <summary>Editing the catalog, limits, and what users keep in identity, on both databases.</summary>
public class CatalogTests
{
    private const string V3 = "/identity/v3";

    [Theory, OnSqlite, OnPostgres]
    public async Task The_catalog_is_edited_and_keeps_what_was_edited_over_a_start(string kind)
    {
        await using var cloud = await NeighbourCloud.Start(kind);
        await cloud.Admin.Send(HttpMethod.Put, V3 + "/regions/north", new { region = new { description = "cold", parent_region_id = "RegionOne" } }, 201);
        var service = (await cloud.Admin.Send(HttpMethod.Post, V3 + "/services", new { service = new { type = "dns", name = "designate" } }, 201)).Text("service.id");
        var endpoint = new { service_id = service, @interface = "public", region_id = "north", url = "http://dns.example/$(project_id)s" };
        var id = (await cloud.Admin.Send(HttpMethod.Post, V3 + "/endpoints", new { endpoint }, 201)).Text("endpoint.id");
        await cloud.Admin.Send(HttpMethod.Post, V3 + "/endpoints", new { endpoint = new { service_id = service, @interface = "public", url = "http://dns.example/$(secret)s" } }, 400);
        await cloud.Admin.Send(HttpMethod.Post, V3 + "/endpoints", new { endpoint = new { service_id = service, @interface = "private", url = "http://dns.example" } }, 400);
        await cloud.Admin.Send(HttpMethod.Delete, V3 + "/regions/north", null, 403);
        await cloud.Demo.Send(HttpMethod.Post, V3 + "/services", new { service = new { type = "dns" } }, 403);
        await cloud.Demo.Json(V3 + "/services", 403);
        await cloud.Demo.Json(V3 + "/regions");

        var project = (await cloud.Admin.Json(V3 + "/projects?name=demo")).Text("projects.0.id");
        var shown = (await cloud.Demo.Json(V3 + "/auth/catalog")).At("catalog").EnumerateArray().Single(s => s.Text("type") == "dns");
        Assert.Equal(("http://dns.example/" + project, "north"), (shown.Text("endpoints.0.url"), shown.Text("endpoints.0.region")));

        var image = (await cloud.Admin.Json(V3 + "/services?type=image")).Text("services.0.id");
        await cloud.Admin.Send(HttpMethod.Delete, $"{V3}/services/{image}", null, 204);
        await cloud.Admin.Send(HttpMethod.Patch, $"{V3}/endpoints/{id}", new { endpoint = new { enabled = false } }, 200);
        await cloud.Services.GetRequiredService<IdentityBootstrap>().Run(default);
        var types = (await cloud.Demo.Json(V3 + "/auth/catalog")).At("catalog");
        Assert.Equal(["compute", "dns", "identity", "network", "placement"], types.Names("type").Order());
        Assert.Equal(0, types.EnumerateArray().Single(s => s.Text("type") == "dns").At("endpoints").GetArrayLength());
        await cloud.Admin.Send(HttpMethod.Delete, $"{V3}/services/{service}", null, 204);
        await cloud.Admin.Json($"{V3}/endpoints/{id}", 404);
        await cloud.Admin.Send(HttpMethod.Delete, V3 + "/regions/north", null, 204);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Limits_are_registered_overridden_for_a_project_and_known_to_compute_at_once(string kind)
    {
        await using var cloud = await NeighbourCloud.Start(kind);
        var source = cloud.Services.GetRequiredService<ILimitSource>();
        var (service, project) = ((await cloud.Admin.Json(V3 + "/services?type=compute")).Text("services.0.id"), (await cloud.Admin.Json(V3 + "/projects?name=demo")).Text("projects.0.id"));
        Assert.Null((await source.Of(project, default)).Find("servers"));
        await cloud.Admin.Send(HttpMethod.Post, V3 + "/limits", new { limits = new[] { new { project_id = project, service_id = service, resource_name = "servers", resource_limit = 5 } } }, 403);

        var registered = (await cloud.Admin.Send(HttpMethod.Post, V3 + "/registered_limits", new { registered_limits = new[] { new { service_id = service, resource_name = "servers", default_limit = 10 } } }, 201)).Text("registered_limits.0.id");
        await cloud.Admin.Send(HttpMethod.Post, V3 + "/registered_limits", new { registered_limits = new[] { new { service_id = service, resource_name = "servers", default_limit = 11 } } }, 409);
        await cloud.Admin.Send(HttpMethod.Post, V3 + "/registered_limits", new { registered_limits = new[] { new { service_id = service, resource_name = "disks", default_limit = -2 } } }, 400);
        Assert.Equal(10, (await source.Of(project, default)).Find("servers"));
        var limit = (await cloud.Admin.Send(HttpMethod.Post, V3 + "/limits", new { limits = new[] { new { project_id = project, service_id = service, resource_name = "servers", resource_limit = 5 } } }, 201)).Text("limits.0.id");
        Assert.Equal(5, (await source.Of(project, default)).Find("servers"));
        Assert.Equal(10, (await source.Of("elsewhere", default)).Find("servers"));

        Assert.Equal("flat", (await cloud.Demo.Json(V3 + "/limits/model")).Text("model.name"));
        Assert.Equal(1, (await cloud.Demo.Json(V3 + "/limits")).At("limits").GetArrayLength());
        Assert.Equal(limit, (await cloud.Demo.Json(V3 + "/limits/" + limit)).Text("limit.id"));
        await cloud.Demo.Send(HttpMethod.Patch, V3 + "/limits/" + limit, new { limit = new { resource_limit = 100 } }, 403);
        await cloud.Admin.Send(HttpMethod.Delete, V3 + "/registered_limits/" + registered, null, 403);
        await cloud.Admin.Send(HttpMethod.Patch, V3 + "/limits/" + limit, new { limit = new { resource_limit = 7 } }, 200);
        Assert.Equal(7, (await source.Of(project, default)).Find("servers"));
        await cloud.Admin.Send(HttpMethod.Delete, V3 + "/limits/" + limit, null, 204);
        await cloud.Admin.Send(HttpMethod.Patch, V3 + "/registered_limits/" + registered, new { registered_limit = new { default_limit = 3 } }, 200);
        Assert.Equal(3, (await source.Of(project, default)).Find("servers"));
        await cloud.Admin.Send(HttpMethod.Delete, V3 + "/registered_limits/" + registered, null, 204);
        Assert.Null((await source.Of(project, default)).Find("servers"));
        await cloud.Admin.Json(V3 + "/limits/" + limit, 404);
    }

    [Fact]
    public async Task A_limit_of_the_region_goes_before_one_of_all_regions_and_that_of_another_does_not_count()
    {
        await using var cloud = await NeighbourCloud.Start();
        var source = cloud.Services.GetRequiredService<ILimitSource>();
        var service = (await cloud.Admin.Json(V3 + "/services?type=compute")).Text("services.0.id");
        await cloud.Admin.Send(HttpMethod.Post, V3 + "/regions", new { region = new { id = "far" } }, 201);
        await Register(3, null);
        await Register(9, "far");
        Assert.Equal(3, (await source.Of("any", default)).Find("servers"));
        await Register(5, "RegionOne");
        Assert.Equal(5, (await source.Of("any", default)).Find("servers"));

        Task Register(int limit, string? region) => cloud.Admin.Send(
            HttpMethod.Post, V3 + "/registered_limits", new { registered_limits = new[] { new { service_id = service, resource_name = "servers", default_limit = limit, region_id = region } } }, 201);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task What_a_user_keeps_is_sealed_and_for_that_user(string kind)
    {
        await using var cloud = await NeighbourCloud.Start(kind);
        var made = (await cloud.Demo.Send(HttpMethod.Post, V3 + "/credentials", new { credential = new { type = "cert", blob = "very secret words" } }, 201)).At("credential");
        Assert.Equal("very secret words", (await cloud.Demo.Json(V3 + "/credentials/" + made.Text("id"))).Text("credential.blob"));
        var stored = await cloud.Services.GetRequiredService<Nova.Modules.Shared.Database.Database>().Read(rows => rows.Query<string>("SELECT sealed_blob FROM identity_credentials"), default);
        Assert.DoesNotContain("secret words", stored.Single(), StringComparison.Ordinal);

        var other = (await cloud.Admin.Send(HttpMethod.Post, V3 + "/credentials", new { credential = new { type = "cert", blob = "mine" } }, 201)).Text("credential.id");
        await cloud.Demo.Json(V3 + "/credentials/" + other, 403);
        Assert.Equal(1, (await cloud.Demo.Json(V3 + "/credentials")).At("credentials").GetArrayLength());
        Assert.Equal(2, (await cloud.Admin.Json(V3 + "/credentials")).At("credentials").GetArrayLength());
        await cloud.Demo.Send(HttpMethod.Patch, V3 + "/credentials/" + made.Text("id"), new { credential = new { blob = "others" } }, 200);
        await cloud.Demo.Send(HttpMethod.Delete, V3 + "/credentials/" + made.Text("id"), null, 204);
        await cloud.Admin.Json(V3 + "/credentials/" + made.Text("id"), 404);
    }
}
