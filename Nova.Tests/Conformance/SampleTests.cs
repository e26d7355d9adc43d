using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Operations;
using Nova.Modules.Servers.Migrations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;
using Xunit.Abstractions;

namespace Nova.Tests.Conformance;

/// <summary>The published samples: requests are accepted at their version, and what can be read has the shape of the sample.</summary>
[Collection(nameof(ServerCloud))]
public sealed class SampleTests(ServerCloud cloud, ITestOutputHelper output)
{
    // Samples that do not fit their own schema, as the reference says.
    private static readonly string[] Misfits =
    [
        "os-keypairs/v2.92/keypairs-post-req.json", "os-rescue/v2.87/server-rescue.json", "os-server-external-events/event-create-req.json",
        "servers/v2.90/server-create-req.json", "servers/v2.94/server-create-req.json",
    ];

    // Differences that come from what the samples' cloud had at the time, not from the API.
    private static readonly Dictionary<string, string> OtherClouds = new()
    {
        ["servers/v2.69/servers-list-resp.json"] = "A cell was down; this cloud has one cell.",
        ["os-hypervisors/v2.28/hypervisors-with-servers-resp.json"] = "It is of the list by host, which 2.53 made a query of the list.",
        ["os-hypervisors/hypervisors-without-servers-resp.json"] = "The host had no servers.",
        ["os-instance-actions/v2.62/instance-action-get-resp.json"] = "The event was one of a host; the first one of a create is not.",
        ["os-instance-actions/v2.66/instance-action-get-resp.json"] = "The same.",
        ["os-instance-actions/v2.84/instance-action-get-resp.json"] = "The same.",
    };

    [NeedsFact(Need.Reference)]
    public async Task Each_request_sample_is_accepted_at_its_version()
    {
        var routes = RequestProbe.Routes.ToLookup(RouteCoverageTests.KeyOf);
        var (wrong, judged) = (new List<string>(), 0);
        foreach (var (sample, operation, minor) in Samples("request").Where(s => !Misfits.Contains(s.Sample)))
        {
            if (routes[operation.Key].FirstOrDefault(r => r.FirstMinor <= minor && minor <= r.LastMinor) is not { } route)
                continue;

            judged++;
            if (await RequestProbe.Refusal(route, minor, File.ReadAllText(PathOf(sample)), "") is { } refusal)
                wrong.Add($"{sample} for {operation.Id} at 2.{minor}: {refusal}");
        }

        output.WriteLine($"{judged} request samples judged.");
        Assert.Empty(wrong);
    }

    [NeedsFact(Need.Reference)]
    public async Task What_can_be_read_has_the_shape_of_its_sample()
    {
        var places = await Places();
        var routes = RouteCoverageTests.ComputeRoutes(cloud).ToLookup(RouteCoverageTests.KeyOf);
        var (wrong, judged) = (new List<string>(), 0);
        foreach (var (sample, operation, minor) in Samples("response").Where(s => s.Operation.Method == "GET" && !s.Operation.IsGone && !OtherClouds.ContainsKey(s.Sample)))
        {
            if (!routes[operation.Key].Any(r => r.FirstMinor <= minor && minor <= r.LastMinor) || !places.TryGetValue(operation.Id, out var place))
                continue;

            judged++;
            var path = minor >= 53 ? place.Path : place.OldPath ?? place.Path;
            var caller = sample.Contains("non-admin", StringComparison.Ordinal) ? Owner : place.Caller;
            var answer = (await cloud.As(caller).At($"2.{minor}").Get("/v2.1" + path + QueryOf(sample, operation))).Is(200);
            var expected = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(PathOf(sample)));
            wrong.AddRange(Differences(expected, answer.Json, "$").Select(d => $"{sample} ({operation.Id} at 2.{minor}) {d}"));
        }

        output.WriteLine($"{judged} response samples compared.");
        foreach (var line in wrong)
            output.WriteLine(line);
        Assert.Empty(wrong);
    }

    private const string Owner = "ada:sample-shapes";

    // What the name of a sample says of its request.
    private static string QueryOf(string sample, ApiOperation operation) =>
        operation.Id.StartsWith("os-hypervisors.", StringComparison.Ordinal) && sample.Contains("with-servers", StringComparison.Ordinal) ? "?with_servers=true"
        : operation.Id == "os-simple-tenant-usage.index" && (sample.Contains("detail", StringComparison.Ordinal) || sample.Contains("get-all", StringComparison.Ordinal)) ? "&detailed=1"
        : "";

    private sealed record Place(string Path, string Caller = "admin", string? OldPath = null);

    // Where each operation finds something to show.
    private async Task<Dictionary<string, Place>> Places()
    {
        var ada = cloud.As(Owner).At("2.90");
        var server = await cloud.Boot(ada, "sample", """, "metadata": {"key": "value"}, "tags": ["tag"]""");
        (await ada.Post("/v2.1/os-keypairs", """{"keypair": {"name": "sample"}}""")).Is(201);
        (await cloud.As("admin").Put($"/v2.1/flavors/{cloud.Flavor}/os-extra_specs/sample", """{"sample": "value"}""")).Is(200);
        var request = (await ada.Get($"/v2.1/servers/{server}/os-instance-actions")).Is(200)["instanceActions"][0].GetProperty("request_id").GetString();
        var hypervisor = (await cloud.As("admin").At("2.53").Get("/v2.1/os-hypervisors")).Is(200)["hypervisors"][0];
        var number = (await cloud.As("admin").At("2.52").Get("/v2.1/os-hypervisors")).Is(200)["hypervisors"][0].GetProperty("id").GetInt64();
        var host = (await cloud.As("admin").Get("/v2.1/os-hosts")).Is(200)["hosts"][0].GetProperty("host_name").GetString();
        var migration = await Move(server);
        return new()
        {
            ["versions.show_current"] = new("/"),
            ["versions.show"] = new("/versions/v2.1"),
            ["extensions.index"] = new("/extensions"),
            ["flavors.index"] = new("/flavors"),
            ["flavors.detail"] = new("/flavors/detail"),
            ["flavors.show"] = new($"/flavors/{cloud.Flavor}"),
            ["flavors.os-extra_specs.index"] = new($"/flavors/{cloud.Flavor}/os-extra_specs"),
            ["limits.index"] = new("/limits"),
            ["os-availability-zone.index"] = new("/os-availability-zone"),
            ["os-availability-zone.detail"] = new("/os-availability-zone/detail"),
            ["os-hosts.index"] = new("/os-hosts"),
            ["os-hosts.show"] = new($"/os-hosts/{host}"),
            ["os-hypervisors.index"] = new("/os-hypervisors"),
            ["os-hypervisors.detail"] = new("/os-hypervisors/detail"),
            ["os-hypervisors.statistics"] = new("/os-hypervisors/statistics"),
            ["os-hypervisors.show"] = new($"/os-hypervisors/{hypervisor.GetProperty("id").GetString()}", OldPath: $"/os-hypervisors/{number}"),
            ["os-hypervisors.search"] = new($"/os-hypervisors/{hypervisor.GetProperty("hypervisor_hostname").GetString()}/search"),
            ["os-hypervisors.servers"] = new($"/os-hypervisors/{hypervisor.GetProperty("hypervisor_hostname").GetString()}/servers"),
            ["os-instance_usage_audit_log.index"] = new("/os-instance_usage_audit_log"),
            ["os-keypairs.index"] = new("/os-keypairs", Owner),
            ["os-keypairs.show"] = new("/os-keypairs/sample", Owner),
            ["os-migrations.index"] = new($"/os-migrations?instance_uuid={server}"),
            ["os-quota-class-sets.show"] = new("/os-quota-class-sets/sample"),
            ["os-quota-sets.show"] = new("/os-quota-sets/sample"),
            ["os-quota-sets.detail"] = new("/os-quota-sets/sample/detail"),
            ["os-quota-sets.defaults"] = new("/os-quota-sets/sample/defaults"),
            ["os-services.index"] = new("/os-services"),
            ["os-simple-tenant-usage.index"] = new("/os-simple-tenant-usage?start=2020-01-01T00:00:00"),
            ["os-simple-tenant-usage.show"] = new("/os-simple-tenant-usage/sample-shapes?start=2020-01-01T00:00:00"),
            ["servers.index"] = new("/servers", Owner),
            ["servers.migrations.index"] = new($"/servers/{server}/migrations"),
            ["servers.migrations.show"] = new($"/servers/{server}/migrations/{migration}"),
            ["servers.metadata.index"] = new($"/servers/{server}/metadata", Owner),
            ["servers.metadata.show"] = new($"/servers/{server}/metadata/key", Owner),
            ["servers.os-instance-actions.index"] = new($"/servers/{server}/os-instance-actions", Owner),
            ["servers.os-instance-actions.show"] = new($"/servers/{server}/os-instance-actions/{request}"),
            ["servers.tags.index"] = new($"/servers/{server}/tags", Owner),
        };
    }

    private async Task<long> Move(string server)
    {
        var ids = cloud.Services.GetRequiredService<Ids>();
        var move = new Migration
        {
            Id = ids.Next(), ServerId = Guid.Parse(server), ProjectId = "sample-shapes", UserId = "ada", Kind = MigrationKinds.LiveMigration, Status = "running", SourceHost = "a",
            SourceNode = "a", DestHost = "b", DestNode = "b", DestAddress = "192.0.2.1", OldFlavorNumber = 1, NewFlavorNumber = 1, CreatedAt = 1_700_000_000_000,
            ProgressJson = JsonSerializer.Serialize(new MigrationProgress(1, 1, 1, 1, 1, 1), StateJson.Options),
        };
        await cloud.Services.GetRequiredService<Database>().Write(tx => cloud.Services.GetRequiredService<MigrationStore>().Insert(tx, move), default);
        return move.Number;
    }

    // Members that are missing or too many, and kinds that differ; null fits any kind, and a dictionary of the user's keys is free.
    private static IEnumerable<string> Differences(JsonElement sample, JsonElement ours, string at)
    {
        if (sample.ValueKind == JsonValueKind.Null || ours.ValueKind == JsonValueKind.Null)
            yield break;
        if (Kind(sample) != Kind(ours))
        {
            yield return $"{at} is {Kind(ours)} instead of {Kind(sample)}";
        }
        else if (sample.ValueKind == JsonValueKind.Object && !IsFree(at))
        {
            foreach (var name in sample.EnumerateObject().Select(m => m.Name).Where(n => !ours.TryGetProperty(n, out _)))
                if (!name.EndsWith("links", StringComparison.Ordinal))
                    yield return $"{at}.{name} is missing";
            foreach (var member in ours.EnumerateObject())
                if (!sample.TryGetProperty(member.Name, out var other))
                {
                    if (!member.Name.EndsWith("links", StringComparison.Ordinal))
                        yield return $"{at}.{member.Name} is too many";
                }
                else
                {
                    foreach (var difference in Differences(other, member.Value, $"{at}.{member.Name}"))
                        yield return difference;
                }
        }
        else if (sample.ValueKind == JsonValueKind.Array && sample.GetArrayLength() > 0 && ours.GetArrayLength() > 0)
        {
            foreach (var difference in Differences(sample[0], ours[0], at + "[]"))
                yield return difference;
        }
    }

    private static bool IsFree(string at) =>
        at.EndsWith(".metadata", StringComparison.Ordinal) || at.EndsWith(".extra_specs", StringComparison.Ordinal) || at.EndsWith(".meta", StringComparison.Ordinal)
        || at.EndsWith(".hosts", StringComparison.Ordinal) || at.EndsWith(".cpu_info", StringComparison.Ordinal) || at.EndsWith(".log", StringComparison.Ordinal);

    private static string Kind(JsonElement value) => value.ValueKind switch { JsonValueKind.True or JsonValueKind.False => "boolean", var kind => kind.ToString() };

    private static string PathOf(string sample) => Path.Combine(ApiReference.Folder, "samples", sample);

    private static IEnumerable<(string Sample, ApiOperation Operation, int Minor)> Samples(string kind) =>
        from row in ApiReference.Table("compute-api/samples-index.tsv")
        where row["kind"] == kind
        from id in row["operations"].Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)
        let operation = ApiReference.Operations.FirstOrDefault(o => o.Id == id)
        where operation is not null
        let minor = Microversion.TryParse(row["first_microversion"], out var version) ? Math.Max(version.Minor, operation.First) : operation.First
        where minor <= operation.Last
        select (row["sample"], operation, minor);
}
