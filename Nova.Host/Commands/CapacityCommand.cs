using System.CommandLine;
using System.Text.Json.Nodes;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Commands;

/// <summary><c>nova-host capacity</c> and <c>nova-host what-if</c>: room now, and after hosts went or came.</summary>
internal static class CapacityCommand
{
    public static Command Create(SettingOptions options)
    {
        var flavor = Flavor(true);
        var zone = new Option<string>("--zone") { HelpName = "NAME", Description = "Only hosts of this zone." };
        var capacity = new Command(
            "capacity",
            """
            Counts how many more servers of a flavor fit now, and says what runs out first.

            Examples:
              nova-host capacity --flavor 2
              nova-host capacity --flavor 2 --zone north
            """) { flavor, zone };
        capacity.SetAction(async (line, ct) =>
        {
            using var client = new AdminClient(options.Bind(line));
            var query = "flavor=" + Uri.EscapeDataString(line.GetRequiredValue(flavor)) + (line.GetValue(zone) is { } name ? "&zone=" + Uri.EscapeDataString(name) : "");
            var answer = (await client.Ask(HttpMethod.Get, "/nova-host/v1/capacity?" + query, ct))["capacity"]!.AsObject();
            var output = line.InvocationConfiguration.Output;
            ExplainText.Capacity("now", answer, output);
            ExplainText.Refusals(answer["refusals"]!.AsArray(), output);
            return (int)ExitCode.Done;
        });
        return capacity;
    }

    public static Command CreateWhatIf(SettingOptions options)
    {
        var drain = new Option<string[]>("--drain") { HelpName = "HOST", Description = "Empties a host: its servers go elsewhere. May be repeated." };
        var lose = new Option<string>("--lose-zone") { HelpName = "NAME", Description = "Loses all hosts of a zone." };
        var add = new Option<int?>("--add") { HelpName = "N", Description = "Adds so many hosts; needs --like." };
        var like = new Option<string>("--like") { HelpName = "HOST", Description = "The host that they are like: resources, traits, aggregates, hardware." };
        var zone = new Option<string>("--zone") { HelpName = "NAME", Description = "The zone of the added hosts; that of --like when absent." };
        var flavor = Flavor(false);
        var command = new Command(
            "what-if",
            """
            Tries on a copy of the scheduler's picture what would become of servers and room if hosts went or came. Nothing is changed.

            Examples:
              nova-host what-if --drain compute-7 --drain compute-8
              nova-host what-if --lose-zone north --flavor 2
              nova-host what-if --add 20 --like compute-7 --flavor 2
            """) { drain, lose, add, like, zone, flavor };
        command.SetAction(async (line, ct) =>
        {
            var change = new JsonObject();
            if (line.GetValue(drain) is { Length: > 0 } hosts)
                change["drain"] = new JsonArray([.. hosts.Select(h => (JsonNode)h)]);
            if (line.GetValue(lose) is { } lost)
                change["lose_zone"] = lost;
            if (line.GetValue(add) is { } count)
                change["add"] = new JsonArray(Added(count, line.GetValue(like), line.GetValue(zone)));
            if (change.Count == 0)
                throw new StartupFailure(ExitCode.Usage, "say what to try: --drain, --lose-zone or --add.");
            if (line.GetValue(flavor) is { } counted)
                change["flavor"] = counted;

            using var client = new AdminClient(options.Bind(line));
            var answer = await client.Ask(HttpMethod.Post, "/nova-host/v1/what-if", ct, new JsonObject { ["what_if"] = change });
            Show(answer["what_if"]!.AsObject(), line.InvocationConfiguration.Output);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static JsonObject Added(int count, string? like, string? zone)
    {
        var added = new JsonObject { ["count"] = count, ["like"] = like ?? throw new StartupFailure(ExitCode.Usage, "--add needs --like: the host that the new ones are like.") };
        if (zone is not null)
            added["zone"] = zone;
        return added;
    }

    private static void Show(JsonObject outcome, TextWriter output)
    {
        output.WriteLine($"hosts that can be chosen: {outcome["hosts_before"]} before, {outcome["hosts_after"]} after");
        output.WriteLine($"servers that lose their host: {outcome["displaced"]}; {outcome["placed"]} of them fit elsewhere");
        foreach (var homeless in outcome["homeless"]!.AsArray())
        {
            output.WriteLine($"no host for {homeless!["server"]}:");
            ExplainText.Refusals(homeless["refusals"]!.AsArray(), output);
        }

        if (outcome["capacity_before"] is JsonObject before)
            ExplainText.Capacity("before", before, output);
        if (outcome["capacity_after"] is JsonObject after)
            ExplainText.Capacity("after", after, output);
    }

    private static Option<string> Flavor(bool isRequired) => new("--flavor") { HelpName = "ID", Description = "The flavor whose servers are counted.", Required = isRequired };
}
