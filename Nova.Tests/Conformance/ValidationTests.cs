using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nova.Modules.Shared;
using Nova.Tests.Support;
using Xunit.Abstractions;

namespace Nova.Tests.Conformance;

/// <summary>
/// Every published request schema in every version in which something begins or ends, with whole and mutated bodies and
/// queries: what the schema accepts, the handler accepts, and nothing else.
/// </summary>
public sealed class ValidationTests(ITestOutputHelper output)
{
    [NeedsFact(Need.Reference)]
    public async Task Requests_are_accepted_or_refused_as_the_published_schemas_say()
    {
        var routes = RequestProbe.Routes.ToLookup(RouteCoverageTests.KeyOf);
        var wrong = new ConcurrentBag<string>();
        var judged = 0;
        var cases = from operation in ApiReference.Operations.Where(o => !o.IsGone)
                    from schema in ApiReference.RequestSchemas(operation.Id)
                    let mapped = Versions(operation, schema).Select(minor => (minor, Route: routes[operation.Key].FirstOrDefault(r => IsThere(r, minor)))).Where(m => m.Route is not null).ToList()
                    where mapped.Count > 0
                    select (operation, schema, mapped);

        await Parallel.ForEachAsync(cases, async (c, _) =>
        {
            var soft = c.mapped[0].minor == 0 ? WithoutUnknown(c.schema.Schema) : default;
            foreach (var (body, query, verdict) in Requests(c.schema, c.operation))
                foreach (var (minor, route) in c.mapped)
                {
                    Interlocked.Increment(ref judged);
                    var refusal = await RequestProbe.Refusal(route!, minor, body, query);
                    var isGood = minor == 0 && c.schema.Part == "body" ? Fits(soft, body is null ? null : JsonNode.Parse(body)) : verdict;
                    if (refusal is null != isGood)
                        wrong.Add($"{c.operation.Id} 2.{minor} {c.schema.Part}: {(isGood ? $"must be accepted, refused with \"{Short(refusal)}\"" : "must be refused")}: {Short(body ?? query)}");
                }
        });

        output.WriteLine($"{judged} requests judged, {wrong.Count} differently.");
        foreach (var group in wrong.GroupBy(w => w[..w.IndexOf(':', StringComparison.Ordinal)]).OrderBy(g => g.Key, StringComparer.Ordinal))
            output.WriteLine($"{group.Key} ({group.Count()})\n  {string.Join("\n  ", group.Order(StringComparer.Ordinal).Take(4).Select(w => w[group.Key.Length..]))}");
        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {judged} requests are judged differently; the output lists examples. First: {wrong.Order(StringComparer.Ordinal).FirstOrDefault()}");
    }

    [NeedsFact(Need.Reference, Need.PythonJsonSchema)]
    public async Task The_oracle_judges_as_the_standard_validator_of_Python()
    {
        var pairs = (from operation in ApiReference.Operations
                     from schema in ApiReference.RequestSchemas(operation.Id)
                     from instance in schema.Part == "body" ? Mutations.Bodies(schema.Schema) : Mutations.Queries(schema.Schema).Select(q => JsonSerializer.SerializeToNode(q))
                     select (schema.Schema, Instance: instance)).Where((_, i) => i % 29 == 0).ToList();
        var verdicts = await AskPython(pairs.Select(p => $$"""{"schema": {{p.Schema.GetRawText().ReplaceLineEndings(" ")}}, "instance": {{p.Instance?.ToJsonString() ?? "null"}}}"""));

        Assert.Equal(pairs.Count, verdicts.Count);
        Assert.Empty(pairs.Zip(verdicts).Where(p => JsonSchema.Problems(p.First.Schema, JsonSerializer.SerializeToElement(p.First.Instance)).Count == 0 != p.Second)
            .Select(p => $"Python says {p.Second}: {Short(p.First.Instance?.ToJsonString())} {Short(p.First.Schema.GetRawText())}"));
    }

    private static bool IsThere(Nova.Modules.Shared.Http.Route route, int minor) => route.FirstMinor <= Math.Max(1, minor) && Math.Max(1, minor) <= route.LastMinor;

    private static IEnumerable<int> Versions(ApiOperation operation, ApiSchema schema)
    {
        var (first, last) = (Math.Max(operation.First, schema.Min.Minor), Math.Min(operation.Last, schema.Max.Minor));
        return (schema.Min.Minor == 0 ? [0] : Array.Empty<int>()).Concat(first <= last ? new[] { first, last }.Distinct() : []);
    }

    // In the tree without microversions members that a schema does not know are dropped before it is asked.
    private static JsonElement WithoutUnknown(JsonElement schema)
    {
        var node = JsonNode.Parse(schema.GetRawText())!;
        Soften(node);
        return JsonSerializer.SerializeToElement(node);
    }

    private static void Soften(JsonNode node)
    {
        if (node is JsonObject { } members)
        {
            if (members["additionalProperties"]?.GetValueKind() == JsonValueKind.False && members["patternProperties"] is null)
                members.Remove("additionalProperties");
            foreach (var member in members.Select(m => m.Value).OfType<JsonNode>())
                Soften(member);
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items.OfType<JsonNode>())
                Soften(item);
        }
    }

    private static IEnumerable<(string? Body, string Query, bool Verdict)> Requests(ApiSchema schema, ApiOperation operation)
    {
        if (schema.Part == "query")
            return Mutations.Queries(schema.Schema).Select(q => (GoodBody(schema, operation), QueryOf(q), Fits(schema.Schema, JsonSerializer.SerializeToNode(q))));

        // The key of an action names the handler, so that a body without it never comes there.
        return Mutations.Bodies(schema.Schema)
            .Where(b => operation.Action.Length == 0 || b is JsonObject { Count: 1 } members && members.ContainsKey(operation.Action))
            .Select(b => (b?.ToJsonString() ?? "null", "", Fits(schema.Schema, b)))!;
    }

    // A query is judged beside a body that is good in the same versions.
    private static string? GoodBody(ApiSchema query, ApiOperation operation) =>
        ApiReference.RequestSchemas(operation.Id).FirstOrDefault(s => s.Part == "body" && s.Max >= query.Max) is { } body
            ? Mutations.Bodies(body.Schema).FirstOrDefault(b => Fits(body.Schema, b))?.ToJsonString()
            : null;

    private static bool Fits(JsonElement schema, JsonNode? instance) => JsonSchema.Problems(schema, JsonSerializer.SerializeToElement(instance)).Count == 0;

    private static string QueryOf(IReadOnlyDictionary<string, string[]> query) =>
        query.Count == 0 ? "" : "?" + string.Join('&', query.SelectMany(p => p.Value.Select(v => $"{UrlEncoder.Default.Encode(p.Key)}={UrlEncoder.Default.Encode(v)}")));

    private static string Short(string? text) => text is null ? "" : text.Length <= 300 ? text : string.Concat(text.AsSpan(0, 300), "…");

    private static async Task<List<bool>> AskPython(IEnumerable<string> lines)
    {
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Conformance", "check_schemas.py")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" },
        })!;
        var (answers, errors) = (python.StandardOutput.ReadToEndAsync(), python.StandardError.ReadToEndAsync());
        foreach (var line in lines)
            await python.StandardInput.WriteLineAsync(line);
        python.StandardInput.Close();
        await python.WaitForExitAsync();
        Assert.True(python.ExitCode == 0, await errors);
        return [.. (await answers).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(a => a == "1")];
    }
}
