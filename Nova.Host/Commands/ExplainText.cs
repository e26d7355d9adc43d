using System.Text.Json.Nodes;

namespace Nova.Host.Commands;

/// <summary>Answers about placement as text.</summary>
internal static class ExplainText
{
    /// <summary>How many hosts each filter refused; nothing when none did.</summary>
    public static void Refusals(JsonArray refusals, TextWriter output)
    {
        if (refusals.Count > 0)
            TextTable.Write(output, ["filter", "refused", "not examined", "nearest miss"], refusals.Select(r => new[] { Cell(r, "filter"), Cell(r, "hosts"), Cell(r, "not_examined"), Cell(r, "nearest_miss") }));
    }

    /// <summary>How much room there is.</summary>
    public static void Capacity(string what, JsonObject capacity, TextWriter output)
    {
        var least = capacity["is_at_least"]?.GetValue<bool>() == true ? "at least " : "";
        output.WriteLine($"{what}: {least}{capacity["servers"]} more servers, on {capacity["hosts_fit"]} of {capacity["hosts_seen"]} hosts");
        foreach (var (name, hosts) in capacity["runs_out"]!.AsObject())
            output.WriteLine($"  {name} runs out first on {hosts} hosts");
    }

    private static string Cell(JsonNode? row, string name) => row?[name]?.ToString() ?? "-";
}
