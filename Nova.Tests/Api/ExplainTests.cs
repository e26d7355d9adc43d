using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Host;
using Nova.Modules.Shared.Database;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Api;

/// <summary>What the product says of its decisions, with direct calls.</summary>
public class ExplainTests(ExplainCloud cloud) : ExplainContract(cloud), IClassFixture<ExplainCloud>;

/// <summary>The same when the api asks the scheduler over the transport of split roles.</summary>
public class ExplainOverGrpcTests(ExplainGrpcCloud cloud) : ExplainContract(cloud), IClassFixture<ExplainGrpcCloud>;

/// <summary>A cloud of four hosts.</summary>
public class ExplainCloud : ServerCloud
{
    /// <inheritdoc />
    protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string> { ["compute.hosts"] = "4" };
}

/// <summary>The same with role calls through the transport.</summary>
public sealed class ExplainGrpcCloud : ExplainCloud
{
    /// <inheritdoc />
    protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string>(base.Changed) { ["server.wire"] = "grpc" };
}

/// <summary>Answers about placement, and what they must not tell or change.</summary>
public abstract class ExplainContract(ExplainCloud cloud)
{
    private const string Root = "/nova-host/v1";

    private CloudClient Admin => cloud.As("admin").At("2.90");

    [Fact]
    public async Task A_member_learns_how_many_hosts_could_take_a_server_and_an_administrator_which()
    {
        var ada = cloud.NewMember();
        var server = await cloud.Boot(ada);

        var seen = (await ada.Get($"{Root}/servers/{server}/placement")).Is(200);
        Assert.Equal(("placed", 4, 1), (seen["placement", "outcome"].GetString(), seen["placement", "hosts_seen"].GetInt32(), seen["placement", "attempts"].GetInt32()));
        Assert.Equal(4, seen["placement", "hosts_fit"].GetInt32() + seen["placement", "refusals"].EnumerateArray().Sum(r => r.GetProperty("hosts").GetInt32()));
        AssertNamesNoHost(seen, await HostNames());

        var full = (await Admin.Get($"{Root}/servers/{server}/placement")).Is(200)["placement"];
        Assert.Equal(full.GetProperty("host").GetString(), full.GetProperty("ranked")[0].GetProperty("host").GetString());
        Assert.Contains(full.GetProperty("host").GetString(), await HostNames());
        (await cloud.NewMember().Get($"{Root}/servers/{server}/placement")).Is(404);
        (await ada.Get($"{Root}/servers/{server}/placement/recording")).Is(403);
        (await ada.Get($"{Root}/servers/nonsense/placement")).Is(404);
    }

    [Fact]
    public async Task A_server_without_a_host_says_what_was_missing_in_its_fault_its_action_and_its_placement()
    {
        var ada = cloud.NewMember().At("2.90");
        await Quota(ada, 1_000_000);
        var server = (await ada.Post("/v2.1/servers", cloud.Body().Replace("f-small", "f-huge", StringComparison.Ordinal))).Is(202)["server", "id"].GetString()!;
        await cloud.Settled(server);

        var fault = (await ServerCloud.Show(ada, server)).GetProperty("fault").GetProperty("message").GetString()!;
        Assert.Matches("^No valid host was found. There are not enough hosts available. 4 hosts lack only [0-9]+ VCPU$", fault);
        var placement = (await ada.Get($"{Root}/servers/{server}/placement")).Is(200);
        Assert.Equal(("refused", fault, 0), (placement["placement", "outcome"].GetString(), placement["placement", "message"].GetString(), placement["placement", "hosts_fit"].GetInt32()));
        var refusal = Assert.Single(placement["placement", "refusals"].EnumerateArray());
        Assert.Equal(("CapacityFilter", 4), (refusal.GetProperty("filter").GetString(), refusal.GetProperty("hosts").GetInt32()));
        AssertNamesNoHost(placement, await HostNames());

        var action = (await ada.Get($"/v2.1/servers/{server}/os-instance-actions")).Is(200)["instanceActions"][0];
        Assert.Equal(fault, action.GetProperty("message").GetString());
        var events = (await Admin.Get($"/v2.1/servers/{server}/os-instance-actions/{action.GetProperty("request_id").GetString()}")).Is(200)["instanceAction", "events"];
        Assert.Contains("4 hosts were looked at. CapacityFilter refused 4", events[0].GetProperty("traceback").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_has_all_checks_of_a_create_and_changes_no_table()
    {
        var ada = cloud.NewMember().At("2.90");
        await Quota(ada, 1_000_000);
        var before = await Tables();

        var fits = (await ada.Post($"{Root}/dry-run/servers", cloud.Body())).Is(200);
        Assert.Equal((true, 1), (fits["dry_run", "fits"].GetBoolean(), fits["dry_run", "servers"].GetInt32()));
        Assert.False(fits["dry_run"].TryGetProperty("best", out _));
        AssertNamesNoHost(fits, await HostNames());
        var huge = (await ada.Post($"{Root}/dry-run/servers", cloud.Body().Replace("f-small", "f-huge", StringComparison.Ordinal))).Is(200)["dry_run"];
        Assert.Equal((false, 0), (huge.GetProperty("fits").GetBoolean(), huge.GetProperty("hosts_fit").GetInt32()));
        Assert.Contains("hosts lack only", huge.GetProperty("refusals")[0].GetProperty("nearest_miss").GetString(), StringComparison.Ordinal);
        var many = (await Admin.Post($"{Root}/dry-run/servers", cloud.Body(more: ", \"min_count\": 3"))).Is(200)["dry_run"];
        Assert.Equal((true, 3), (many.GetProperty("fits").GetBoolean(), many.GetProperty("servers").GetInt32()));
        Assert.Contains(many.GetProperty("best")[0].GetProperty("host").GetString(), await HostNames());

        foreach (var (caller, body) in new[]
        {
            (ada, cloud.Body().Replace("f-small", "f-unknown", StringComparison.Ordinal)), (ada, "{}"), (ada, "no json"), (ada, cloud.Body(more: ", \"unknown\": 1")),
            (ada, cloud.Body(more: ", \"networks\": 7")), (ada.At("2.36"), cloud.Body()), (ada, cloud.Body(more: ", \"availability_zone\": \"nowhere\"")),
            (ada, cloud.Body(more: ", \"host\": \"fake-00001\"")), (ada, cloud.Body(more: ", \"min_count\": 1001")), (ada, cloud.Body(more: ", \"key_name\": \"none\"")),
        })
        {
            var refused = await caller.Post("/v2.1/servers", body);
            Assert.InRange(refused.Status, 400, 499);
            (await caller.Post($"{Root}/dry-run/servers", body)).Is(refused.Status, refused.Fault);
        }

        (await ada.At("2.999").Post($"{Root}/dry-run/servers", cloud.Body())).Is(406);
        (await cloud.As("").Post($"{Root}/dry-run/servers", cloud.Body())).Is(401);
        Assert.Equal(before, await Tables());
    }

    [Fact]
    public async Task Capacity_is_what_can_be_created_and_no_more()
    {
        var flavor = await Flavor(memoryMb: 12_000);
        var ada = cloud.NewMember().At("2.90");
        await Quota(ada, 10_000_000);
        var room = (await ada.Get($"{Root}/capacity?flavor={flavor}")).Is(200);
        AssertNamesNoHost(room, await HostNames());
        var count = room["capacity", "servers"].GetInt32();
        Assert.InRange(count, 2, 100);
        Assert.Equal(("MEMORY_MB", false), (room["capacity", "runs_out_first"].GetString(), room["capacity", "is_at_least"].GetBoolean()));

        var body = cloud.Body(more: $", \"min_count\": {count}").Replace("f-small", flavor, StringComparison.Ordinal);
        var oneTooMany = cloud.Body(more: $", \"min_count\": {count + 1}").Replace("f-small", flavor, StringComparison.Ordinal);
        Assert.False((await ada.Post($"{Root}/dry-run/servers", oneTooMany)).Is(200)["dry_run", "fits"].GetBoolean());
        var first = (await ada.Post("/v2.1/servers", body)).Is(202)["server", "id"].GetString()!;
        await cloud.Settled(first);
        var servers = (await ada.Get("/v2.1/servers/detail")).Is(200)["servers"].EnumerateArray().ToList();
        foreach (var server in servers)
            await cloud.Settled(server.GetProperty("id").GetString()!);
        Assert.All((await ada.Get("/v2.1/servers/detail")).Is(200)["servers"].EnumerateArray(), s => Assert.Equal("ACTIVE", s.GetProperty("status").GetString()));
        Assert.Equal(0, (await ada.Get($"{Root}/capacity?flavor={flavor}")).Is(200)["capacity", "servers"].GetInt32());

        foreach (var server in servers)
        {
            (await ada.Delete($"/v2.1/servers/{server.GetProperty("id").GetString()}")).Is(204);
            await cloud.Settled(server.GetProperty("id").GetString()!);
        }

        (await ada.Get($"{Root}/capacity")).Is(400);
        (await ada.Get($"{Root}/capacity?flavor=f-unknown")).Is(404);
        (await ada.Get($"{Root}/capacity?flavor={flavor}&zone=nowhere")).Is(400);
        (await ada.Get($"{Root}/capacity?flavor={flavor}&color=red")).Is(400);
    }

    [Fact]
    public async Task What_if_moves_the_servers_of_hosts_on_a_copy_and_changes_nothing()
    {
        var ada = cloud.NewMember();
        var flavor = await Flavor(memoryMb: 20_000);
        var server = await cloud.Boot(ada);
        var host = (await Admin.Get($"{Root}/servers/{server}/placement"))["placement", "host"].GetString()!;
        var before = await Tables();

        var drained = (await Admin.Post($"{Root}/what-if", $$$"""{"what_if": {"drain": ["{{{host}}}"], "flavor": "{{{flavor}}}"}}""")).Is(200)["what_if"];
        Assert.Equal((4, 3), (drained.GetProperty("hosts_before").GetInt32(), drained.GetProperty("hosts_after").GetInt32()));
        Assert.Equal(drained.GetProperty("displaced").GetInt32(), drained.GetProperty("placed").GetInt32());
        var move = drained.GetProperty("moves").EnumerateArray().Single(m => m.GetProperty("server").GetString() == server);
        Assert.NotEqual(host, move.GetProperty("host").GetString());
        Assert.True(Room(drained, "before") > Room(drained, "after"));

        var added = (await Admin.Post($"{Root}/what-if", $$$"""{"what_if": {"add": [{"count": 5, "like": "{{{host}}}"}], "flavor": "{{{flavor}}}"}}""")).Is(200)["what_if"];
        Assert.Equal((4, 9), (added.GetProperty("hosts_before").GetInt32(), added.GetProperty("hosts_after").GetInt32()));
        Assert.True(Room(added, "after") >= Room(added, "before") + 5);

        var lost = (await Admin.Post($"{Root}/what-if", """{"what_if": {"lose_zone": "nova"}}""")).Is(200)["what_if"];
        Assert.Equal((0, 0), (lost.GetProperty("hosts_after").GetInt32(), lost.GetProperty("placed").GetInt32()));
        Assert.Contains(lost.GetProperty("homeless").EnumerateArray(), h => h.GetProperty("server").GetString() == server && h.GetProperty("refusals")[0].GetProperty("filter").GetString() == "ComputeFilter");

        (await Admin.Post($"{Root}/what-if", """{"what_if": {"drain": ["unknown"]}}""")).Is(400, "Compute host unknown could not be found.");
        (await Admin.Post($"{Root}/what-if", """{"what_if": {"lose_zone": "unknown"}}""")).Is(400, "No host is in the availability zone unknown.");
        (await Admin.Post($"{Root}/what-if", """{"what_if": {}}""")).Is(400);
        (await Admin.Post($"{Root}/what-if", """{"what_if": {"add": [{"count": 0, "like": "x"}]}}""")).Is(400);
        (await ada.Post($"{Root}/what-if", """{"what_if": {"lose_zone": "nova"}}""")).Is(403);
        Assert.Equal(before, await Tables());
    }

    [Fact]
    public async Task A_recorded_decision_is_the_same_in_another_process_and_directory()
    {
        var server = await cloud.Boot(cloud.NewMember());
        var host = (await Admin.Get($"{Root}/servers/{server}/placement"))["placement", "host"].GetString()!;
        var recorded = (await Admin.Get($"{Root}/servers/{server}/placement/recording")).Is(200);
        var folder = Directory.CreateTempSubdirectory("nova-replay-");
        try
        {
            var file = Path.Combine(folder.FullName, "why.json");
            await File.WriteAllTextAsync(file, recorded.Text);
            var (code, output) = await Program(folder.FullName, "explain", "--replay", file);
            Assert.True(code == 0, output);
            Assert.Contains("the same answer as in the file", output, StringComparison.Ordinal);
            Assert.Contains(host, output, StringComparison.Ordinal);

            // With other settings another answer: what is compared is the decision, not the file with itself.
            await File.WriteAllTextAsync(file, recorded.Text.Replace("\"RamWeightMultiplier\":1,", "\"RamWeightMultiplier\":-5,", StringComparison.Ordinal).Replace("\"Disabled\":false", "\"Disabled\":true", StringComparison.Ordinal));
            (code, output) = await Program(folder.FullName, "explain", "--replay", file);
            Assert.Equal(7, code);
            Assert.Contains("not the answer in the file", output, StringComparison.Ordinal);

            await File.WriteAllTextAsync(file, "{}");
            Assert.Equal(2, (await Program(folder.FullName, "explain", "--replay", file)).Code);
            Assert.Equal(2, (await Program(folder.FullName, "explain", "--replay", file + "x")).Code);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_commands_say_the_same()
    {
        var server = await cloud.Boot(cloud.NewMember());
        var folder = Directory.CreateTempSubdirectory("nova-commands-");
        try
        {
            string[] at = ["--identity", "test", "--port", $"{new Uri(cloud.Url).Port}", "--data", folder.FullName];
            var (code, output) = await Program(folder.FullName, ["explain", server, .. at]);
            Assert.True(code == 0 && output.StartsWith("placed: ", StringComparison.Ordinal), output);

            (code, output) = await Program(folder.FullName, ["explain", server, "--save", "why.json", .. at]);
            Assert.True(code == 0 && File.Exists(Path.Combine(folder.FullName, "why.json")), output);
            (code, output) = await Program(folder.FullName, ["explain", "--replay", "why.json"]);
            Assert.True(code == 0, output);

            (code, output) = await Program(folder.FullName, ["capacity", "--flavor", "f-small", .. at]);
            Assert.True(code == 0 && output.Contains("more servers, on 4 of 4 hosts", StringComparison.Ordinal), output);
            (code, output) = await Program(folder.FullName, ["what-if", "--lose-zone", "nova", "--flavor", "f-small", .. at]);
            Assert.True(code == 0 && output.Contains("4 before, 0 after", StringComparison.Ordinal), output);
            Assert.Equal(2, (await Program(folder.FullName, ["what-if", .. at])).Code);
            Assert.Equal(2, (await Program(folder.FullName, ["explain", .. at])).Code);
            Assert.Equal(7, (await Program(folder.FullName, ["explain", "nonsense", .. at])).Code);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Room(JsonElement outcome, string when) => outcome.GetProperty("capacity_" + when).GetProperty("servers").GetInt32();

    private static void AssertNamesNoHost(CloudAnswer answer, IReadOnlyList<string?> hosts) =>
        Assert.All(hosts, host => Assert.DoesNotContain(host!, answer.Text, StringComparison.Ordinal));

    private async Task<IReadOnlyList<string?>> HostNames() =>
        [.. (await Admin.Get("/v2.1/os-services?binary=nova-compute")).Is(200)["services"].EnumerateArray().Select(s => s.GetProperty("host").GetString())];

    private async Task<string> Flavor(int memoryMb)
    {
        var id = $"f-{memoryMb}";
        var answer = await Admin.Post("/v2.1/flavors", $$$"""{"flavor": {"id": "{{{id}}}", "name": "{{{id}}}", "ram": {{{memoryMb}}}, "vcpus": 1, "disk": 1}}""");
        return answer.Status == 409 ? id : answer.Is(200)["flavor", "id"].GetString()!;
    }

    private async Task Quota(CloudClient member, int most)
    {
        var project = member.Token.Split(':')[1];
        (await Admin.Put($"/v2.1/os-quota-sets/{project}", $$$"""{"quota_set": {"instances": {{{most}}}, "cores": {{{most}}}, "ram": {{{most}}}}}""")).Is(200);
    }

    // A digest of each table's rows, whatever they are.
    private async Task<SortedDictionary<string, string>> Tables()
    {
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await cloud.Services.GetRequiredService<Database>().Read(
            async rows =>
            {
                foreach (var table in await rows.Query<string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
                {
                    var text = new StringBuilder();
                    foreach (var row in await rows.Query<dynamic>($"SELECT * FROM \"{table}\""))
                        text.AppendLine(string.Join('|', ((IDictionary<string, object?>)row).Select(c => c.Value is byte[] bytes ? Convert.ToHexString(bytes) : c.Value?.ToString())));
                    digests[table] = table is "instances" ? "lease" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
                }

                return 0;
            },
            default);
        return digests;
    }

    private static async Task<(int Code, string Output)> Program(string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(NovaApp).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output + await error);
    }
}
