using System.Globalization;
using System.Text.Json;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Placement.Schemas;

/// <summary>Words a refusal as Python's jsonschema 4.10 does, because clients and conformance tests read its sentences.</summary>
public static class SchemaRefusal
{
    private const int Width = 72;

    /// <summary>The whole text about the fault that matters most, or null when the value fits.</summary>
    public static string? Of(JsonElement value, Schema schema) => Best([.. Keyword.Walk(value, schema)]) is { } error ? Text(error) : null;

    // The fault nearest to the top matters most, and one of alternatives matters less than a plain one. Below alternatives it is
    // the other way round, unless the two most telling faults tell the same.
    private static SchemaError? Best(IReadOnlyList<SchemaError> errors)
    {
        if (errors.Count == 0)
            return null;

        var best = errors[0];
        foreach (var error in errors)
            if (Relevance(error).CompareTo(Relevance(best)) > 0)
                best = error;

        while (best.Context.Count > 0)
        {
            SchemaError[] least = [.. best.Context.OrderBy(Relevance).Take(2)];
            if (least.Length == 2 && Relevance(least[0]) == Relevance(least[1]))
                return best;
            best = least[0];
        }

        return best;
    }

    private static (int Depth, bool IsPlain, bool IsOtherType) Relevance(SchemaError error) =>
        (-error.Path.Count, error.Keyword != "anyOf", !FitsType(error));

    private static bool FitsType(SchemaError error) =>
        error.Schema!.Find<TypeKeyword>() is { } type && type.Types.Any(name => TypeKeyword.IsOf(error.Value, name));

    private static string Text(SchemaError error) => string.Join(
        '\n',
        [
            error.Message,
            "",
            $"Failed validating {PythonText.Quoted(error.Keyword)} in {Index("schema", error.SchemaPath.SkipLast(1))}:",
            Indented(PythonPrint.Format(error.Schema!.Document, Width)),
            "",
            $"On {Index("instance", error.Path)}:",
            Indented(PythonPrint.Format(error.Value, Width)),
        ]);

    private static string Index(string root, IEnumerable<object> steps) =>
        root + string.Concat(steps.Select(s => s is string name ? $"[{PythonText.Quoted(name)}]" : string.Create(CultureInfo.InvariantCulture, $"[{s}]")));

    private static string Indented(string text) => "    " + text.Replace("\n", "\n    ", StringComparison.Ordinal);
}
