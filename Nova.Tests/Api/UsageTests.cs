using System.Globalization;
using System.Text.Json;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

[Collection(nameof(ServerCloud))]
public sealed class UsageTests(ServerCloud cloud)
{
    private static readonly string Past = "start=2020-01-01T00:00:00";

    [Fact]
    public async Task A_project_s_report_counts_running_and_deleted_servers()
    {
        var ada = cloud.As("ada:usage-one").At("2.90");
        var gone = await cloud.Boot(ada, "gone");
        await cloud.Boot(ada, "here");
        (await ada.Delete($"/v2.1/servers/{gone}")).Is(204);
        await cloud.Settled(gone);

        var usage = (await ada.Get($"/v2.1/os-simple-tenant-usage/usage-one?{Past}")).Is(200)["tenant_usage"];
        var servers = usage.GetProperty("server_usages").EnumerateArray().ToList();
        Assert.Equal(["active", "terminated"], servers.Select(s => s.GetProperty("state").GetString()).Order());
        Assert.Equal([64, 64], servers.Select(s => s.GetProperty("memory_mb").GetInt32()));
        Assert.Equal("small", servers[0].GetProperty("flavor").GetString());
        Assert.Equal(servers.Sum(s => s.GetProperty("hours").GetDouble()), usage.GetProperty("total_hours").GetDouble(), 9);
        Assert.Equal(usage.GetProperty("total_hours").GetDouble() * 64, usage.GetProperty("total_memory_mb_usage").GetDouble(), 9);
    }

    [Fact]
    public async Task A_project_without_servers_in_the_period_has_an_empty_report()
    {
        var answer = (await cloud.NewMember().Get("/v2.1/os-simple-tenant-usage/nothing?" + Past)).Is(403);
        Assert.Equal("forbidden", answer.FaultName);
        Assert.Equal("{}", (await cloud.As("ada:nothing").Get("/v2.1/os-simple-tenant-usage/nothing?" + Past)).Is(200)["tenant_usage"].GetRawText());
        Assert.Equal("{}", (await cloud.As("admin").Get("/v2.1/os-simple-tenant-usage/usage-one?start=2020-01-01T00:00:00&end=2020-01-02 00:00:00.5")).Is(200)["tenant_usage"].GetRawText());
    }

    [Fact]
    public async Task The_report_of_all_projects_is_for_administrators_and_paged_from_2_40()
    {
        await cloud.Boot(cloud.As("ada:usage-page").At("2.90"), "a");
        await cloud.Boot(cloud.As("ada:usage-page").At("2.90"), "b");
        (await cloud.NewMember().Get("/v2.1/os-simple-tenant-usage?" + Past)).Is(403);

        var admin = cloud.As("admin");
        var seen = new List<string>();
        for (var next = $"/v2.1/os-simple-tenant-usage?{Past}&detailed=1&limit=1"; next is not null;)
        {
            var page = (await admin.At("2.40").Get(next)).Is(200);
            seen.AddRange(page["tenant_usages"].EnumerateArray().SelectMany(p => p.GetProperty("server_usages").EnumerateArray()).Select(s => s.GetProperty("instance_id").GetString()!));
            next = page.Json.TryGetProperty("tenant_usages_links", out var links) ? new Uri(links[0].GetProperty("href").GetString()!).PathAndQuery : null;
        }

        Assert.Equal(seen.Distinct(), seen);
        Assert.True(seen.Count >= 2);
        var whole = (await admin.At("2.39").Get($"/v2.1/os-simple-tenant-usage?{Past}&limit=1")).Is(200);
        Assert.False(whole.Json.TryGetProperty("tenant_usages_links", out _));
        Assert.DoesNotContain(whole["tenant_usages"].EnumerateArray(), p => p.TryGetProperty("server_usages", out _));
        (await admin.At("2.40").Get($"/v2.1/os-simple-tenant-usage?{Past}&marker=no-such")).Is(400, "Marker no-such could not be found.");
    }

    [Theory]
    [InlineData("start=yesterday", "Invalid datetime string: Datetime is in invalid format")]
    [InlineData("start=2020-01-02T00:00:00&end=2020-01-01T00:00:00", "Invalid start time. The start time cannot occur after the end time.")]
    public async Task A_period_that_is_none_is_refused(string period, string sentence) =>
        (await cloud.As("admin").Get("/v2.1/os-simple-tenant-usage?" + period)).Is(400, sentence);

    [Fact]
    public async Task The_audit_log_names_the_hosts_that_wrote_none()
    {
        var log = (await cloud.As("admin").Get("/v2.1/os-instance_usage_audit_log/2026-03-15 10:00:00")).Is(200)["instance_usage_audit_log"];
        Assert.Equal(("2026-02-01 00:00:00", "2026-03-01 00:00:00"), (log.GetProperty("period_beginning").GetString(), log.GetProperty("period_ending").GetString()));
        Assert.Equal(log.GetProperty("num_hosts").GetInt32(), log.GetProperty("hosts_not_run").GetArrayLength());
        (await cloud.As("admin").Get("/v2.1/os-instance_usage_audit_log")).Is(200);
        (await cloud.As("admin").Get("/v2.1/os-instance_usage_audit_log/soon")).Is(400, "Invalid timestamp for date soon");
        (await cloud.NewMember().Get("/v2.1/os-instance_usage_audit_log")).Is(403);
        (await cloud.As("admin").At("2.102").Get("/v2.1/os-instance_usage_audit_log?a=b")).Is(400);
    }
}
