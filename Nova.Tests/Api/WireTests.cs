using System.Text;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

public class WireTests(TestCloud cloud) : IClassFixture<TestCloud>
{
    private CloudClient Admin => cloud.As("admin");

    [Fact]
    public async Task Without_a_token_every_address_of_a_tree_is_401()
    {
        foreach (var path in (string[])["/v2.1/flavors", "/v2.1/no-such-thing"])
            Assert.Equal("Unauthorized", (await cloud.As("").Get(path)).Is(401)["error", "title"].GetString());
    }

    [Theory]
    [InlineData("GET", "/v2.1/no-such-thing")]
    [InlineData("PATCH", "/v2.1/flavors")]
    [InlineData("GET", "/v2.1/flavors/1/2/3")]
    [InlineData("GET", "/v2.1/flavors/")]
    [InlineData("GET", "/v2.1/os-simple-tenant-usage/?detailed=1")]
    public async Task An_address_or_method_that_is_not_there_is_404_as_a_document(string method, string path)
    {
        var answer = (await Admin.Send(new HttpMethod(method), path, null)).Is(404, "The resource could not be found.");

        Assert.Equal("itemNotFound", answer.FaultName);
        Assert.Equal(404, answer["itemNotFound", "code"].GetInt32());
    }

    [Fact]
    public async Task Every_answer_carries_its_request_id_twice()
    {
        var answer = await Admin.Get("/v2.1/flavors");

        Assert.Matches("^req-[0-9a-f-]{36}$", answer.Headers["x-openstack-request-id"]);
        Assert.Equal(answer.Headers["x-openstack-request-id"], answer.Headers["x-compute-request-id"]);
    }

    [Fact]
    public async Task The_address_may_hold_the_project_of_the_token_and_no_other()
    {
        (await cloud.As("ada:0a1b").Get("/v2.1/0a1b/flavors")).Is(200);
        (await cloud.As("ada:0a1b").Get("/v2.1/ffff/flavors"))
            .Is(400, "Malformed request URL: URL's project_id 'ffff' doesn't match Context's project_id '0a1b'");
    }

    [Fact]
    public async Task A_foreign_content_type_is_415()
    {
        (await Admin.Send(HttpMethod.Post, "/v2.1/flavors", "<flavor/>", "application/xml")).Is(415, "Unsupported Content-Type");
    }

    [Fact]
    public async Task A_body_above_the_limit_is_413_at_the_limit_it_is_read()
    {
        var most = 114_688;
        var frame = """{"flavor": {"name": ""}}""".Length;
        (await Admin.Post("/v2.1/flavors", $$$"""{"flavor": {"name": "{{{new string('a', most - frame)}}}"}}""")).Is(400);
        (await Admin.Post("/v2.1/flavors", $$$"""{"flavor": {"name": "{{{new string('a', most - frame + 1)}}}"}}""")).Is(413, "Request is too large.");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"flavor": {"name": "a\u0000b"}}""")]
    [InlineData("""{"flavor": {"name": "\ud800"}}""")]
    [InlineData("""{"\u0000": 1}""")]
    [InlineData("""{"flavor": 01}""")]
    public async Task What_cannot_be_read_or_kept_is_400(string body)
    {
        (await Admin.Post("/v2.1/flavors", body)).Is(400, "Malformed request body");
    }

    [Fact]
    public async Task More_than_64_levels_are_400()
    {
        var deep = new StringBuilder().Insert(0, "[", 65).Append(']', 65).ToString();

        (await Admin.Post("/v2.1/flavors", deep)).Is(400, "Malformed request body");
    }

    [Fact]
    public async Task Of_members_with_the_same_name_the_last_counts()
    {
        var made = (await Admin.Post("/v2.1/flavors", """{"flavor": {"name": 5, "ram": 1, "vcpus": 1, "disk": 1, "name": "last"}}""")).Is(200);

        Assert.Equal("last", made["flavor", "name"].GetString());
    }

    [Fact]
    public async Task Links_follow_the_form_of_the_address()
    {
        (await Admin.Post("/v2.1/flavors", """{"flavor": {"name": "linked", "id": "linked", "ram": 1, "vcpus": 1, "disk": 1}}""")).Is(200);

        var answer = (await Admin.Get("/compute/v2.1/admin/flavors/linked")).Is(200);
        Assert.Equal(cloud.Url + "/compute/v2.1/admin/flavors/linked", answer["flavor", "links"][0].GetProperty("href").GetString());
        Assert.Equal(cloud.Url + "/compute/admin/flavors/linked", answer["flavor", "links"][1].GetProperty("href").GetString());
    }

    [Fact]
    public async Task Forwarded_headers_of_strangers_are_ignored()
    {
        var answer = await cloud.As("").With("X-Forwarded-Host", "evil.example").With("X-Forwarded-Proto", "https").Get("/v2.1");

        Assert.StartsWith(cloud.Url, answer["version", "links"][0].GetProperty("href").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_process_says_that_it_lives_and_that_it_is_ready()
    {
        Assert.Equal("ok", (await cloud.As("").Get("/healthcheck")).Is(200)["status"].GetString());
        Assert.Equal("ready", (await cloud.As("").Get("/healthcheck/ready")).Is(200)["status"].GetString());
    }

    [Fact]
    public async Task Metrics_are_on_the_admin_listener_alone_and_nothing_else_is_there()
    {
        (await Admin.Get("/v2.1/flavors")).Is(200);
        using var http = new HttpClient { BaseAddress = new Uri(cloud.AdminUrl) };

        Assert.Contains("nova_database_commits_total ", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(404, (int)(await http.GetAsync("/v2.1")).StatusCode);
        (await cloud.As("").Get("/metrics")).Is(404);
    }
}
