using System.Globalization;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;
using Xunit.Abstractions;

namespace Nova.Tests.Api;

/// <summary>
/// A hundred requests at once where one more fits: exactly one passes, whatever the quota counts. Six runs by default, as many
/// as <c>NOVA_TESTS_QUOTA_RUNS</c> says otherwise: <c>NOVA_TESTS_QUOTA_RUNS=100</c> is the promise.
/// </summary>
public sealed class QuotaRaceTests(ITestOutputHelper output)
{
    private const int Requests = 100;
    private const int Limit = 3;

    private static readonly string[] Quotas = ["instances", "cores", "user's instances", "server_group_members", "server_groups", "key_pairs"];

    private static int Runs => int.TryParse(Environment.GetEnvironmentVariable("NOVA_TESTS_QUOTA_RUNS"), CultureInfo.InvariantCulture, out var runs) ? runs : Quotas.Length;

    [Theory, OnSqlite, OnPostgres]
    public async Task Of_a_hundred_requests_at_once_exactly_one_gets_what_is_left(string kind)
    {
        var cloud = new RaceCloud(kind);
        await cloud.InitializeAsync();
        try
        {
            for (var run = 0; run < Runs; run++)
                await Run(cloud, run, Quotas[run % Quotas.Length]);
        }
        finally
        {
            await cloud.Remove();
        }

        output.WriteLine($"{Runs} runs of {Requests} requests on {kind}: one passed each time");
    }

    private static async Task Run(RaceCloud cloud, int run, string quota)
    {
        var (project, user) = ($"race-{run}", $"ada-{run}");
        var (admin, ada) = (cloud.As("admin").At("2.90"), cloud.As($"{user}:{project}").At("2.90"));
        var ofUser = quota is "user's instances" or "key_pairs" ? "?user_id=" + user : "";
        var resource = quota == "user's instances" ? "instances" : quota;
        (await admin.Put("/v2.1/os-quota-sets/" + project, """{"quota_set": {"instances": -1, "cores": -1, "ram": -1}}""")).Is(200);
        (await admin.Put($"/v2.1/os-quota-sets/{project}{ofUser}", $$$"""{"quota_set": {"{{{resource}}}": {{{Limit}}}, "force": true}}""")).Is(200);

        var group = quota == "server_group_members" ? (await ada.Post("/v2.1/os-server-groups", """{"server_group": {"name": "g", "policy": "soft-affinity"}}""")).Is(200)["server_group", "id"].GetString() : null;
        for (var i = 1; i < Limit; i++)
            Assert.InRange((await Ask(cloud, ada, quota, group, "before-" + i)).Status, 200, 202);

        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(i => Task.Run(() => Ask(cloud, ada, quota, group, "vm-" + i))));

        var passed = answers.Where(a => a.Status is >= 200 and <= 202).ToList();
        Assert.True(passed.Count == 1, $"run {run}, {quota}: {passed.Count} passed");
        Assert.All(answers.Except(passed), a => Assert.True(a.Status == 403 && a.Text.Contains("Quota exceeded", StringComparison.Ordinal), $"run {run}, {quota}: {a.Status} {a.Text}"));
        await Clean(cloud, ada, quota);
        Assert.Equal(0, (await admin.Get($"/v2.1/os-quota-sets/{project}/detail")).Is(200)["quota_set", "instances", "in_use"].GetInt32());
    }

    private static Task<CloudAnswer> Ask(RaceCloud cloud, CloudClient ada, string quota, string? group, string name) => quota switch
    {
        "server_groups" => ada.Post("/v2.1/os-server-groups", $$$"""{"server_group": {"name": "{{{name}}}", "policy": "affinity"}}"""),
        "key_pairs" => ada.Post("/v2.1/os-keypairs", $$$"""{"keypair": {"name": "{{{name}}}", "type": "ssh", "public_key": "{{{Key}}}"}}"""),
        "server_group_members" => ada.Post("/v2.1/servers", cloud.Body(name)[..^1] + $$$""", "os:scheduler_hints": {"group": "{{{group}}}"}}"""),
        _ => ada.Post("/v2.1/servers", cloud.Body(name)),
    };

    private static async Task Clean(RaceCloud cloud, CloudClient ada, string quota)
    {
        if (quota is "server_groups" or "key_pairs")
            return;

        var servers = (await ada.Get("/v2.1/servers")).Is(200)["servers"].EnumerateArray().Select(s => s.GetProperty("id").GetString()!).ToList();
        Assert.Equal(Limit, servers.Count);
        foreach (var server in servers)
        {
            await cloud.Settled(server);
            (await ada.Delete("/v2.1/servers/" + server)).Is(204);
            await cloud.Settled(server);
        }
    }

    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0wYBMlpSY6QzZvPhbKJ0oPyEuI1QLYBJmF3NmYpDqT a";

    private sealed class RaceCloud(string kind) : ServerCloud
    {
        private string _connection = "";

        protected override IReadOnlyDictionary<string, string> Changed
        {
            get
            {
                var settings = new Dictionary<string, string> { ["http.requests_per_project"] = "1000", ["compute.hosts"] = "5" };
                if (kind == "postgres")
                    (settings["database.kind"], settings["database.connection"]) = ("postgres", _connection);
                return settings;
            }
        }

        public override async Task InitializeAsync()
        {
            if (kind == "postgres")
                _connection = await PostgresServer.Shared.CreateEmpty();
            await base.InitializeAsync();
        }

        public async Task Remove()
        {
            await DisposeAsync();
            if (kind == "postgres")
                await PostgresServer.Shared.Drop(_connection);
        }
    }
}
