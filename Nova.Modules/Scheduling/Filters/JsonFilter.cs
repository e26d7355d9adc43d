using System.Text.Json;
using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>
/// Only hosts for which the expression of the hint <c>query</c> is true: JSON lists of an operator and its operands, where
/// <c>$name</c> is a fact of the host, as in <c>["and", [">=", "$free_ram_mb", 1024], ["=", "$hypervisor_type", "QEMU"]]</c>.
/// </summary>
internal sealed class JsonFilter : IHostFilter
{
    private const int Deepest = 32;

    public string Name => "JsonFilter";

    /// <summary>Whether the text is an expression that the filter understands.</summary>
    public static bool IsUnderstood(string query)
    {
        try
        {
            using var document = JsonDocument.Parse(query, new() { MaxDepth = Deepest });
            return IsUnderstood(document.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (request.Hints?.Query is not { Length: > 0 } query)
            return;
        if (!IsUnderstood(query))
        {
            alive.Clear();
            return;
        }

        using var document = JsonDocument.Parse(query);
        for (var slot = alive.Next(0); slot >= 0; slot = alive.Next(slot + 1))
            alive[slot] = IsTrue(Value(document.RootElement, picture, slot));
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return IsUnderstood(request.Hints!.Query!)
            ? Message.Of($"{hosts} hosts are not as the query wants")
            : Message.Of($"the query is no expression of lists that begin with an operator");
    }

    private static bool IsUnderstood(JsonElement expression) => expression.ValueKind switch
    {
        JsonValueKind.Array when expression.GetArrayLength() == 0 => true,
        JsonValueKind.Array => expression[0].ValueKind == JsonValueKind.String
            && expression[0].GetString() is "=" or "<" or ">" or "in" or "<=" or ">=" or "not" or "or" or "and"
            && expression.EnumerateArray().Skip(1).All(IsUnderstood),
        JsonValueKind.Object => false,
        _ => true,
    };

    private static object? Value(JsonElement expression, Picture picture, int slot)
    {
        switch (expression.ValueKind)
        {
            case JsonValueKind.Array when expression.GetArrayLength() == 0:
                return true;
            case JsonValueKind.Array:
                var operands = new object?[expression.GetArrayLength() - 1];
                for (var i = 0; i < operands.Length; i++)
                    operands[i] = Value(expression[i + 1], picture, slot);
                return Apply(expression[0].GetString()!, operands);
            case JsonValueKind.String:
                var text = expression.GetString()!;
                return text.StartsWith('$') ? HostFacts.Find(picture, slot, text[1..].Split('.')) : text;
            case JsonValueKind.Number:
                return expression.GetDouble();
            case JsonValueKind.True or JsonValueKind.False:
                return expression.GetBoolean();
            default:
                return null;
        }
    }

    private static bool Apply(string name, object?[] operands) => name switch
    {
        "not" => Array.TrueForAll(operands, o => !IsTrue(o)),
        "or" => Array.Exists(operands, IsTrue),
        "and" => Array.TrueForAll(operands, IsTrue),
        _ when operands.Length < 2 => false,
        "in" => operands[1..].Contains(operands[0]),
        _ => Array.TrueForAll(operands[1..], operand => Compare(name, operands[0], operand)),
    };

    private static bool Compare(string how, object? a, object? b)
    {
        int? order = (a, b) switch
        {
            (double x, double y) => x.CompareTo(y),
            (string x, string y) => string.CompareOrdinal(x, y),
            (bool x, bool y) => x.CompareTo(y),
            (null, null) => 0,
            _ => null,
        };
        return order is { } known && how switch { "=" => known == 0, "<" => known < 0, ">" => known > 0, "<=" => known <= 0, _ => known >= 0 };
    }

    private static bool IsTrue(object? value) => value switch { bool flag => flag, double number => number != 0, string text => text.Length > 0, _ => false };
}
