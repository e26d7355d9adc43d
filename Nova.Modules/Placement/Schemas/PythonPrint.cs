using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Placement.Schemas;

/// <summary>Writes JSON as Python's pprint does: members sorted, on one line when it fits, else one part a line.</summary>
internal sealed partial class PythonPrint(int width)
{
    private readonly StringBuilder _text = new();

    public static string Format(JsonElement value, int width)
    {
        var print = new PythonPrint(width);
        print.Write(value, indent: 0, allowance: 0, level: 1);
        return print._text.ToString();
    }

    // allowance: how many characters must stay free behind the value, for the brackets that follow it.
    private void Write(JsonElement value, int indent, int allowance, int level)
    {
        var line = Line(value);
        if (line.Length <= width - indent - allowance)
            _text.Append(line);
        else if (value.ValueKind == JsonValueKind.Object)
            WriteMembers(value, indent + 1, allowance + 1, level + 1);
        else if (value.ValueKind == JsonValueKind.Array)
            WriteItems(value, indent + 1, allowance + 1, level + 1);
        else if (value.ValueKind == JsonValueKind.String)
            WriteText(value.GetString()!, indent, allowance, level);
        else
            _text.Append(line);
    }

    private void WriteMembers(JsonElement value, int indent, int allowance, int level)
    {
        JsonProperty[] members = [.. Sorted(value)];
        _text.Append('{');
        for (var i = 0; i < members.Length; i++)
        {
            var (name, isLast) = (PythonText.Quoted(members[i].Name), i == members.Length - 1);
            _text.Append(name).Append(": ");
            Write(members[i].Value, indent + name.Length + 2, isLast ? allowance : 1, level);
            Separate(isLast, indent);
        }

        _text.Append('}');
    }

    private void WriteItems(JsonElement value, int indent, int allowance, int level)
    {
        var count = value.GetArrayLength();
        _text.Append('[');
        for (var i = 0; i < count; i++)
        {
            var isLast = i == count - 1;
            Write(value[i], indent, isLast ? allowance : 1, level);
            Separate(isLast, indent);
        }

        _text.Append(']');
    }

    private void WriteText(string text, int indent, int allowance, int level)
    {
        var isWhole = level == 1;
        if (isWhole)
            (indent, allowance) = (indent + 1, allowance + 1);

        var chunks = Chunks(text, width - indent, allowance);
        var written = string.Join("\n" + new string(' ', indent), chunks);
        _text.Append(isWhole && chunks.Count > 1 ? $"({written})" : written);
    }

    // Broken at line ends first, then behind white space.
    private static List<string> Chunks(string text, int room, int allowance)
    {
        var chunks = new List<string>();
        string[] lines = [.. LineEnds().Matches(text).Select(m => m.Value)];
        for (var i = 0; i < lines.Length; i++)
        {
            var isLast = i == lines.Length - 1;
            if (PythonText.Quoted(lines[i]).Length <= (isLast ? room - allowance : room))
                chunks.Add(PythonText.Quoted(lines[i]));
            else
                AddWords(chunks, lines[i], room, isLast ? allowance : 0);
        }

        return chunks;
    }

    private static void AddWords(List<string> chunks, string line, int room, int allowance)
    {
        string[] words = [.. Words().Matches(line).Select(m => m.Value)];
        var current = "";
        for (var i = 0; i < words.Length; i++)
        {
            var candidate = current + words[i];
            if (PythonText.Quoted(candidate).Length <= (i == words.Length - 1 ? room - allowance : room))
            {
                current = candidate;
                continue;
            }

            if (current.Length > 0)
                chunks.Add(PythonText.Quoted(current));
            current = words[i];
        }

        if (current.Length > 0)
            chunks.Add(PythonText.Quoted(current));
    }

    private void Separate(bool isLast, int indent)
    {
        if (!isLast)
            _text.Append(",\n").Append(' ', indent);
    }

    private static string Line(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(", ", Sorted(value).Select(m => $"{PythonText.Quoted(m.Name)}: {Line(m.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Line))}]",
        _ => PythonText.Quoted(value),
    };

    private static IEnumerable<JsonProperty> Sorted(JsonElement value) => PythonText.Members(value).OrderBy(m => m.Name, StringComparer.Ordinal);

    [GeneratedRegex(@"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")]
    private static partial Regex LineEnds();

    [GeneratedRegex(@"\S+\s*|\s+")]
    private static partial Regex Words();
}
