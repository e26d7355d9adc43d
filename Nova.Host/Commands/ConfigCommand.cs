using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nova.Host.Configuration;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Commands;

/// <summary><c>nova-host config …</c>: which settings an instance started with the same options would have, and why.</summary>
internal static class ConfigCommand
{
    private static readonly string[] Columns = ["setting", "value", "from", "default", "live"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(SettingOptions options)
    {
        var config = new Command("config", "The settings that an instance started with the same options would have.");
        config.Add(Show(options));
        config.Add(Check(options));
        return config;
    }

    private static Command Show(SettingOptions options)
    {
        var prefix = new Argument<string[]>("setting") { Description = "Only a section (scheduler), or settings that begin so (server.port).", Arity = ArgumentArity.ZeroOrMore };
        prefix.CompletionSources.Add(_ => Names());
        var changed = new Option<bool>("--changed") { Description = "Only settings that differ from their default." };
        var json = new Option<bool>("--json") { Description = "As a JSON array." };
        var show = new Command("show", "Lists settings: value, where it was written, default, and whether a change is taken without a restart. Secrets are masked.") { prefix, changed, json };
        options.AddRest(show);
        show.SetAction(line =>
        {
            var shown = Selected(options.Bind(line), line.GetValue(prefix) ?? [], line.GetValue(changed)).ToList();
            if (shown.Count == 0 && line.GetValue(prefix) is { Length: > 0 } wanted && !line.GetValue(changed))
                throw new StartupFailure(ExitCode.Usage, $"no setting begins with {string.Join(" or ", wanted)}; nova-host config show lists all of them.");

            if (line.GetValue(json))
                line.InvocationConfiguration.Output.WriteLine(new JsonArray([.. shown.Select(Document)]).ToJsonString(Indented));
            else
                TextTable.Write(line.InvocationConfiguration.Output, Columns, shown.Select(Cells));
            return (int)ExitCode.Done;
        });
        return show;
    }

    private static Command Check(SettingOptions options)
    {
        var check = new Command("check", "Says whether the settings can be used, without starting anything; exit code 2 and all problems when they cannot.");
        options.AddRest(check);
        check.SetAction(line =>
        {
            var settings = options.Bind(line);
            var written = settings.Catalog.Keys.Select(settings.Written).OfType<RawSetting>().GroupBy(raw => raw.Source).OrderBy(source => source.Key, StringComparer.Ordinal);
            foreach (var source in written)
                line.InvocationConfiguration.Output.WriteLine($"{source.Key}: {string.Join(", ", source.Select(raw => raw.Key).Order(StringComparer.Ordinal))}");
            line.InvocationConfiguration.Output.WriteLine("The settings can be used.");
            return (int)ExitCode.Done;
        });
        return check;
    }

    private static IEnumerable<ShownSetting> Selected(BoundSettings settings, string[] prefixes, bool changed) =>
        from record in settings.Catalog.Records
        from setting in record.Settings
        where prefixes.Length == 0 || Array.Exists(prefixes, prefix => IsMeant(setting, prefix))
        let value = setting.Get(settings.Of(record))
        let usual = setting.Get(record.Defaults())
        where !changed || !SettingText.Same(value, usual)
        select new ShownSetting(setting.Key, setting.Shown(value), settings.Written(setting.Key)?.Source ?? "default", setting.Shown(usual), setting.IsLive);

    private static bool IsMeant(SettingDefinition setting, string prefix) => prefix.Contains('.', StringComparison.Ordinal)
        ? setting.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        : setting.Section.Equals(prefix, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<CompletionItem> Names()
    {
        var catalog = SettingsCatalog.OfProgram();
        return catalog.Records.Select(record => record.Section).Concat(catalog.Keys).Distinct().Select(name => new CompletionItem(name));
    }

    private static string[] Cells(ShownSetting setting) => [setting.Key, setting.Value, setting.From, setting.Default, setting.IsLive ? "live" : "restart"];

    private static JsonObject Document(ShownSetting setting) => new()
    {
        ["setting"] = setting.Key, ["value"] = setting.Value == "***" ? setting.Value : JsonNode.Parse(setting.Value), ["from"] = setting.From,
        ["default"] = setting.Default == "***" ? setting.Default : JsonNode.Parse(setting.Default), ["live"] = setting.IsLive,
    };

    private sealed record ShownSetting(string Key, string Value, string From, string Default, bool IsLive);
}
