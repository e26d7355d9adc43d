using Nova.Tests.Support;

namespace Nova.Tests.Api;

public class VersionTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    [Fact]
    public async Task The_root_lists_both_trees_without_a_token()
    {
        var answer = (await cloud.As("").Get("/")).Is(200);

        Assert.Equal(["v2.0", "v2.1"], answer["versions"].EnumerateArray().Select(v => v.GetProperty("id").GetString()));
        Assert.Equal(cloud.Url + "/v2.1/", answer["versions"][1].GetProperty("links")[0].GetProperty("href").GetString());
        Assert.Equal("2.104", answer["versions"][1].GetProperty("version").GetString());
    }

    [Fact]
    public async Task The_root_is_a_home_document_for_whoever_asks_for_one()
    {
        var answer = (await cloud.As("").With("Accept", "application/json-home").Get("/")).Is(200);

        Assert.Equal("application/json-home", answer.Headers["Content-Type"]);
        var server = answer["resources", "https://docs.openstack.org/api/openstack-compute/2.1/rel/servers_id"];
        Assert.Equal(cloud.Url + "/v2.1/servers/{id}", server.GetProperty("href-template").GetString());
        Assert.Equal(["DELETE", "GET", "PUT"], server.GetProperty("hints").GetProperty("allow").EnumerateArray().Select(m => m.GetString()));
        Assert.Equal(cloud.Url + "/v2.1/flavors", answer["resources", "https://docs.openstack.org/api/openstack-compute/2.1/rel/flavors", "href"].GetString());
    }

    [Theory]
    [InlineData("/v2.1", "v2.1")]
    [InlineData("/v2.1/", "v2.1")]
    [InlineData("/v2", "v2.0")]
    [InlineData("/v2/", "v2.0")]
    [InlineData("/compute/v2.1", "v2.1")]
    public async Task A_tree_describes_itself_without_a_token(string path, string id)
    {
        var answer = (await cloud.As("").Get(path)).Is(200);

        Assert.Equal(id, answer["version", "id"].GetString());
    }

    [Fact]
    public async Task An_address_below_no_tree_offers_the_choices()
    {
        var answer = (await cloud.As("").Get("/servers")).Is(300);

        Assert.Equal(cloud.Url + "/v2.1/servers", answer["choices"][1].GetProperty("links")[0].GetProperty("href").GetString());
    }

    [Theory]
    [InlineData("2.90", "2.90")]
    [InlineData("latest", "2.104")]
    [InlineData("2.1", "2.1")]
    public async Task Every_answer_names_its_version_in_both_headers(string asked, string got)
    {
        var answer = await cloud.As("admin").At(asked).Get("/v2.1/no-such-thing");

        Assert.Equal("compute " + got, answer.Headers["OpenStack-API-Version"]);
        Assert.Equal(got, answer.Headers["X-OpenStack-Nova-API-Version"]);
        Assert.Equal("OpenStack-API-Version, X-OpenStack-Nova-API-Version", answer.Headers["Vary"]);
    }

    [Fact]
    public async Task Without_a_version_header_the_oldest_is_meant()
    {
        Assert.Equal("2.1", (await cloud.As("admin").Get("/v2.1/x")).Headers["X-OpenStack-Nova-API-Version"]);
    }

    [Fact]
    public async Task The_old_header_works_and_the_standard_one_wins()
    {
        var old = cloud.As("admin").With("X-OpenStack-Nova-API-Version", "2.5");

        Assert.Equal("2.5", (await old.Get("/v2.1/x")).Headers["X-OpenStack-Nova-API-Version"]);
        Assert.Equal("2.7", (await old.At("2.7").Get("/v2.1/x")).Headers["X-OpenStack-Nova-API-Version"]);
    }

    [Fact]
    public async Task The_standard_header_may_name_other_services_too()
    {
        var answer = await cloud.As("admin").With("OpenStack-API-Version", "volume 3.4, compute 2.9").Get("/v2.1/x");

        Assert.Equal("2.9", answer.Headers["X-OpenStack-Nova-API-Version"]);
    }

    [Theory]
    [InlineData("2.")]
    [InlineData("two")]
    [InlineData("2.01")]
    [InlineData("2.1.1")]
    public async Task A_malformed_version_is_400(string version)
    {
        (await cloud.As("admin").At(version).Get("/v2.1/x"))
            .Is(400, $"API Version String {version} is of invalid format. Must be of format MajorNum.MinorNum.");
    }

    [Theory]
    [InlineData("2.105")]
    [InlineData("3.0")]
    [InlineData("2.0")]
    public async Task A_version_out_of_range_is_406(string version)
    {
        var answer = await cloud.As("admin").At(version).Get("/v2.1/x");

        answer.Is(406, $"Version {version} is not supported by the API. Minimum is 2.1 and maximum is 2.104.");
        Assert.Equal("computeFault", answer.FaultName);
        Assert.Equal("compute " + version, answer.Headers["OpenStack-API-Version"]);
    }

    [Fact]
    public async Task The_legacy_tree_ignores_version_headers_and_names_none()
    {
        var answer = await cloud.As("admin").At("2.90").Get("/v2/x");

        answer.Is(404);
        Assert.False(answer.Headers.ContainsKey("OpenStack-API-Version"));
    }
}
