using System.Text.Json;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Actions;
using Nova.Modules.Servers.Console;
using Nova.Modules.Servers.Create;
using Nova.Modules.Servers.DeferredDelete;
using Nova.Modules.Servers.InstanceActions;
using Nova.Modules.Servers.List;
using Nova.Modules.Servers.Metadata;
using Nova.Modules.Servers.Tags;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http.Validation;
using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

/// <summary>The wire records against the published schemas and samples.</summary>
public class ServerWireTests
{
    private static readonly Dictionary<string, Type> Bodies = new()
    {
        ["servers.create"] = typeof(CreateServersRequest),
        ["servers.update"] = typeof(UpdateServerRequest),
        ["servers.action.reboot"] = typeof(RebootRequest),
        ["servers.action.os-start"] = typeof(StartRequest),
        ["servers.action.os-stop"] = typeof(StopRequest),
        ["servers.action.forceDelete"] = typeof(ForceDeleteRequest),
        ["servers.action.os-getConsoleOutput"] = typeof(ConsoleOutputRequest),
        ["servers.metadata.create"] = typeof(MetadataRequest),
        ["servers.metadata.update_all"] = typeof(MetadataRequest),
        ["servers.metadata.update"] = typeof(MetadataItemRequest),
        ["servers.tags.update_all"] = typeof(TagsRequest),
    };

    [NeedsFact(Need.Reference)]
    public void Published_requests_are_accepted()
    {
        var read = 0;
        foreach (var sample in File.ReadLines(Path.Combine(Folder, "samples-index.tsv")).Skip(1).Select(l => l.Split('\t')))
        {
            if (sample[3] != "request" || !Bodies.TryGetValue(sample[4], out var record) || LacksNetworks(sample[0]))
                continue;

            Assert.True(Microversion.TryParse(sample[2], out var version));
            using var body = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "samples", sample[0])));
            Assert.Null(Checks.First(WireSchema.OfBody(record, version), body.RootElement)?.ForBody());
            read++;
        }

        Assert.True(read > 20, $"only {read} samples were read");
    }

    [NeedsTheory(Need.Reference)]
    [InlineData("servers.create", typeof(NewServer))]
    [InlineData("servers.update", typeof(ServerChange))]
    public void Members_are_those_of_the_schema_in_every_version(string operation, Type record)
    {
        foreach (var (version, schema) in Ranges(operation, "body"))
            Assert.Equal(Names(schema.GetProperty("properties").GetProperty("server").GetProperty("properties")), Members(record, version));
    }

    [NeedsTheory(Need.Reference)]
    [InlineData("servers.detail", typeof(ServerListQuery))]
    [InlineData("servers.index", typeof(ServerListQuery))]
    [InlineData("servers.os-instance-actions.index", typeof(ActionListQuery))]
    public void Parameters_are_those_of_the_schema_in_every_version(string operation, Type record)
    {
        foreach (var (version, schema) in Ranges(operation, "query"))
            Assert.Equal(Names(schema.GetProperty("properties")), Members(record, version));
    }

    [Theory]
    [InlineData("active", null, "ACTIVE")]
    [InlineData("active", "rebooting", "REBOOT")]
    [InlineData("active", "reboot_started_hard", "HARD_REBOOT")]
    [InlineData("stopped", "powering-on", "SHUTOFF")]
    [InlineData("building", "spawning", "BUILD")]
    [InlineData("error", "rebuilding", "REBUILD")]
    [InlineData("paused", "migrating", "MIGRATING")]
    [InlineData("resized", "resize_reverting", "REVERT_RESIZE")]
    [InlineData("strange", null, "UNKNOWN")]
    public void A_status_follows_from_both_states(string vmState, string? taskState, string status) =>
        Assert.Equal(status, ServerStates.Status(vmState, taskState));

    [NeedsFact(Need.Reference)]
    public void Every_published_status_is_shown()
    {
        foreach (var row in File.ReadLines(Path.Combine(Folder, "server-states.tsv")).Skip(1).Select(l => l.Split('\t')).Where(r => r[0] == "status"))
            Assert.Equal(row[3], ServerStates.Status(row[1], row[2].StartsWith('(') ? "other" : row[2]));
    }

    private static string Folder => Path.Combine(Machine.ReferenceFolder, "compute-api");

    // Two samples lack what their version demands (reference/README.md).
    private static bool LacksNetworks(string path) => path is "servers/v2.90/server-create-req.json" or "servers/v2.94/server-create-req.json";

    private static IEnumerable<(Microversion Version, JsonElement Schema)> Ranges(string operation, string part)
    {
        var all = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(Folder, "request-schemas.json"))).GetProperty(operation);
        foreach (var range in all.EnumerateArray().Where(r => r.GetProperty("part").GetString() == part))
            foreach (var bound in new[] { "min", "max" })
                if (Microversion.TryParse(range.GetProperty(bound).GetString() ?? "2.104", out var version) && version != Microversion.Legacy)
                    yield return (version, range.GetProperty("schema"));
    }

    private static string[] Names(JsonElement properties) => [.. properties.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal)];

    private static string[] Members(Type record, Microversion version) => [.. WireSchema.MembersOf(record, version).Select(m => m.Name).Order(StringComparer.Ordinal)];
}
