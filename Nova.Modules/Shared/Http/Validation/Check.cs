using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Nova.Modules.Shared.Http.Validation;

/// <summary>One rule about a value: it judges, and it says itself in the words of JSON Schema, so that both are one.</summary>
/// <param name="judge">Null when the value is good, else why not.</param>
/// <param name="describe">Puts the rule into a schema.</param>
public sealed class Check(Func<JsonElement, Refusal?> judge, Action<JsonObject> describe)
{
    /// <summary>Null when the value is good, else why not.</summary>
    public Refusal? Judge(JsonElement value) => judge(value);

    /// <summary>Puts the rule into a schema.</summary>
    public void Describe(JsonObject schema) => describe(schema);
}

/// <summary>JSON schemas (2020-12) of checks.</summary>
public static class JsonSchemas
{
    private const string Special = @"^$\.*+?()[]{}|/";

    /// <summary>The schema that accepts what passes all checks.</summary>
    public static JsonObject Of(IReadOnlyList<Check> checks)
    {
        var schema = new JsonObject();
        foreach (var check in checks)
            check.Describe(schema);
        return schema;
    }

    /// <summary>
    /// An expression in the dialect of JSON Schema (ECMA 262): there a backslash stands before nothing that needs none, and the
    /// end is <c>$</c>, also in the middle of an expression.
    /// </summary>
    internal static string Standard(string expression)
    {
        var text = new StringBuilder(expression.Length);
        var isInClass = false;
        for (var i = 0; i < expression.Length; i++)
        {
            var c = expression[i];
            isInClass = c == '[' || (isInClass && c != ']');
            if (c != '\\' || i + 1 == expression.Length)
            {
                text.Append(c);
                continue;
            }

            var next = expression[++i];
            if (next is 'Z' or 'z' && !isInClass)
                text.Append('$');
            else if (char.IsAsciiLetterOrDigit(next) || Special.Contains(next, StringComparison.Ordinal) || (next == '-' && isInClass))
                text.Append(c).Append(next);
            else
                text.Append(next);
        }

        return text.ToString();
    }

    /// <summary>Adds a keyword; a second one of the same name holds beside the first.</summary>
    internal static void Put(this JsonObject schema, string keyword, JsonNode value)
    {
        if (schema.TryAdd(keyword, value))
            return;
        if (schema["allOf"] is not JsonArray both)
            schema["allOf"] = both = [];
        both.Add(new JsonObject { [keyword] = value });
    }

    /// <summary>Adds <c>min…</c> and <c>max…</c> where they bound anything.</summary>
    internal static void PutBounds(this JsonObject schema, string what, int min, int max)
    {
        if (min > 0)
            schema.Put("min" + what, min);
        if (max < int.MaxValue)
            schema.Put("max" + what, max);
    }
}
