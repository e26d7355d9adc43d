using System.Collections;
using System.Text.Json;

namespace Nova.Host.Configuration;

/// <summary>Reads what the file and the environment say, without judging it.</summary>
public static class SettingsSources
{
    private const string Prefix = "NOVA__";

    private static readonly JsonDocumentOptions Relaxed = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The settings in a JSON file with comments.</summary>
    /// <exception cref="SettingsException">The file is absent, unreadable, or not what is expected.</exception>
    public static IReadOnlyList<RawSetting> File(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(System.IO.File.ReadAllText(path), Relaxed);
            return OfDocument(document.RootElement, path);
        }
        catch (JsonException e)
        {
            throw Unreadable(path, $"it is not JSON, line {e.LineNumber + 1}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e.Message);
        }
    }

    /// <summary>The settings among environment variables: <c>NOVA__SECTION__NAME</c>.</summary>
    public static IReadOnlyList<RawSetting> Environment(IDictionary variables) =>
    [
        .. from DictionaryEntry variable in variables
           let name = (string)variable.Key
           where name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
           orderby name
           select new RawSetting(
               name[Prefix.Length..].Replace("__", ".", StringComparison.Ordinal).ToLowerInvariant(), new((string?)variable.Value), $"environment {name}"),
    ];

    private static List<RawSetting> OfDocument(JsonElement root, string path)
    {
        var found = new List<RawSetting>();
        foreach (var section in Members(root, path, "the file must hold one object with a member per section"))
            foreach (var setting in Members(section.Value, path, $"the section '{section.Name}' must be an object"))
                found.Add(new($"{section.Name}.{setting.Name}".ToLowerInvariant(), Read(setting.Value), path));
        return found;
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement element, string path, string otherwise) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : throw Unreadable(path, otherwise);

    private static RawValue Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => new(null, [.. value.EnumerateArray().Select(Scalar)]),
        JsonValueKind.Object => new(null, Members: value.EnumerateObject().ToDictionary(member => member.Name, member => Scalar(member.Value))),
        JsonValueKind.Null => new((string?)null),
        _ => new(Scalar(value)),
    };

    private static string Scalar(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static SettingsException Unreadable(string path, string reason) => new([new("(the whole file)", "", path, reason)]);
}
