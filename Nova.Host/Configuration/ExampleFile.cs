using System.Text;

namespace Nova.Host.Configuration;

/// <summary>Writes <c>appsettings.example.json</c>: every setting with its default and what it is for.</summary>
public static class ExampleFile
{
    private const int Width = 120;

    /// <summary>The whole text of the file.</summary>
    public static string Render(SettingsCatalog catalog)
    {
        var text = new StringBuilder(
            """
            // Every setting of nova-host, with its default. Copy what you change to appsettings.json (or any file, with --config FILE).
            // Stronger than the file is the environment (NOVA__SECTION__NAME, for example NOVA__SERVER__PORT=8780; lists with commas),
            // and stronger than that the command line. A change of what is marked "Live" is taken within seconds, anything else waits for
            // the next start. This file is generated: UPDATE_SNAPSHOTS=1 ./test.sh Settings writes it anew.
            {

            """);
        var sections = catalog.Records.GroupBy(record => record.Section).ToArray();
        foreach (var section in sections)
            Write(text, section.Key, [.. section.SelectMany(record => record.Settings.Select(setting => (setting, setting.Get(record.Defaults()))))], section == sections[^1]);
        return text.Append("}\n").ToString();
    }

    private static void Write(StringBuilder text, string section, (SettingDefinition Setting, object? Default)[] settings, bool last)
    {
        text.Append($"  \"{section}\": {{\n");
        foreach (var (setting, value) in settings)
        {
            foreach (var line in Wrap($"{setting.Description} Allowed: {setting.Allowed}.{(setting.IsLive ? " Live." : "")}"))
                text.Append($"    // {line}\n");
            text.Append($"    \"{setting.Name}\": {SettingText.Write(value)}{(setting == settings[^1].Setting ? "" : ",")}\n");
        }

        text.Append(last ? "  }\n" : "  },\n\n");
    }

    private static IEnumerable<string> Wrap(string text)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + word.Length > Width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        yield return line.ToString();
    }
}
