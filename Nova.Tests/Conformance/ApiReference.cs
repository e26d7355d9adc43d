using System.Text.Json;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Conformance;

/// <summary>The published facts of the Compute API; only for tests that need <see cref="Need.Reference"/>.</summary>
internal static class ApiReference
{
    private static readonly Lazy<IReadOnlyList<ApiOperation>> AllOperations = new(LoadOperations);
    private static readonly Lazy<JsonElement> Requests = new(() => Json("request-schemas.json"));
    private static readonly Lazy<JsonElement> Responses = new(() => Json("response-schemas.json"));

    /// <summary>Every operation below <c>/v2.1</c>.</summary>
    public static IReadOnlyList<ApiOperation> Operations => AllOperations.Value;

    /// <summary>Where the files are.</summary>
    public static string Folder => Path.Combine(Machine.ReferenceFolder, "compute-api");

    /// <summary>The schemas of an operation's body and query; <c>part</c> says which.</summary>
    public static IReadOnlyList<ApiSchema> RequestSchemas(string operation) => Schemas(Requests.Value, operation);

    /// <summary>The schemas of an operation's answer.</summary>
    public static IReadOnlyList<ApiSchema> ResponseSchemas(string operation) => Schemas(Responses.Value, operation);

    /// <summary>The rows of a table, by the names of its columns.</summary>
    public static IEnumerable<IReadOnlyDictionary<string, string>> Table(string path)
    {
        var lines = File.ReadLines(Path.Combine(Machine.ReferenceFolder, path)).Select(line => line.Split('\t'));
        var names = lines.First();
        return lines.Skip(1).Select(cells => names.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    private static List<ApiSchema> Schemas(JsonElement file, string operation) => !file.TryGetProperty(operation, out var schemas) ? [] :
    [
        .. schemas.EnumerateArray().Select(s => new ApiSchema(
            s.GetProperty("part").GetString()!, Bound(s, "min", Microversion.Min), Bound(s, "max", Microversion.Max), s.GetProperty("schema"))),
    ];

    private static Microversion Bound(JsonElement range, string name, Microversion open) =>
        range.GetProperty(name).GetString() is { } text && Microversion.TryParse(text, out var version) ? version : open;

    private static JsonElement Json(string file) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(Folder, file)));

    private static List<ApiOperation> LoadOperations() =>
    [
        .. Table("compute-api/operations.tsv").Where(row => row["path"].StartsWith('/') && !row["path"].Contains(' ', StringComparison.Ordinal))
            .Select(row => new ApiOperation(
                row["operation_id"], row["method"], row["path"], row["action"], Minor(row["min_version"]) ?? 1, Minor(row["max_version"]) ?? Microversion.Max.Minor,
                row["status"], row["primary_policy"], row["other_policies"].Split(' ', StringSplitOptions.RemoveEmptyEntries))),
    ];

    private static int? Minor(string version) => Microversion.TryParse(version, out var parsed) ? parsed.Minor : null;
}

/// <summary>One operation of the reference.</summary>
/// <param name="Id">The key of every other table.</param>
/// <param name="Method">GET, POST …</param>
/// <param name="Path">Below <c>/v2.1</c>.</param>
/// <param name="Action">The key of the body, or empty.</param>
/// <param name="First">The first minor version.</param>
/// <param name="Last">The last minor version.</param>
/// <param name="Status">current, deprecated-proxy:…, removed-410 …</param>
/// <param name="Rule">The rule that guards it, or empty.</param>
/// <param name="OtherRules">Rules for parts of it.</param>
internal sealed record ApiOperation(
    string Id, string Method, string Path, string Action, int First, int Last, string Status, string Rule, IReadOnlyList<string> OtherRules)
{
    /// <summary>True when the address is there only to say that the operation is gone.</summary>
    public bool IsGone => Status.StartsWith("removed-410", StringComparison.Ordinal);

    /// <summary>Method, address with nameless parts, and action: equal for a route and its operation.</summary>
    public string Key => KeyOf(Method, Path, Action);

    /// <summary>The key of any method, address and action.</summary>
    public static string KeyOf(string method, string path, string? action) =>
        $"{method} /{string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(p => p[0] == '{' ? "{}" : p))} {action}".TrimEnd();
}

/// <summary>One schema with the versions in which it holds, inclusive.</summary>
internal sealed record ApiSchema(string Part, Microversion Min, Microversion Max, JsonElement Schema)
{
    /// <summary>True when it holds in the version.</summary>
    public bool Holds(Microversion version) => Min <= version && version <= Max;
}
