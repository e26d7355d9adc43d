using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Nova.Modules.Shared.Settings;

namespace Nova.Host.Configuration;

/// <summary>Binds what the sources say to the records, and collects everything that is wrong before it complains.</summary>
public sealed class SettingsBinder(SettingsCatalog catalog)
{
    private readonly List<SettingsProblem> _problems = [];

    /// <summary>Binds the sources, the weakest first.</summary>
    /// <exception cref="SettingsException">At least one key is unknown or one value is not allowed; the message lists all of them.</exception>
    public BoundSettings Bind(params IEnumerable<RawSetting>[] sources)
    {
        var records = catalog.Records.ToDictionary(record => record.Type, record => record.Defaults());
        var written = new Dictionary<string, RawSetting>();
        foreach (var raw in sources.SelectMany(source => source))
            if (catalog.Find(raw.Key) is null)
                _problems.Add(Unknown(raw));
            else
                written[raw.Key] = raw;

        foreach (var record in catalog.Records)
            Fill(record, records[record.Type], written);

        var bound = new BoundSettings(catalog, records, written);
        _problems.AddRange(SettingsRules.Check(bound, _problems));
        return _problems.Count == 0 ? bound : throw new SettingsException(_problems);
    }

    private void Fill(SettingsRecord record, object instance, Dictionary<string, RawSetting> written)
    {
        var before = _problems.Count;
        foreach (var setting in record.Settings)
            if (written.TryGetValue(setting.Key, out var raw))
                Assign(setting, instance, raw);

        if (instance is IValidatableObject whole && _problems.Count == before)
            _problems.AddRange(whole.Validate(new(instance)).Select(result => Of(record, result, written)));
    }

    private void Assign(SettingDefinition setting, object instance, RawSetting raw)
    {
        if (!SettingText.TryRead(raw.Value, setting.Type, out var value))
            _problems.Add(new(setting.Key, Shown(setting, raw), raw.Source, $"allowed is {setting.Allowed}."));
        else if (setting.Broken(instance, value) is not null)
            _problems.Add(new(setting.Key, Shown(setting, raw), raw.Source, $"allowed is {setting.Allowed}."));
        else
            setting.Set(instance, value);
    }

    private SettingsProblem Unknown(RawSetting raw)
    {
        var nearest = NearestName.Of(raw.Key, catalog.Keys);
        var hide = SettingDefinition.LooksSecret(raw.Key) || (nearest is not null && catalog.Find(nearest)!.IsSecret);
        var meant = nearest is null ? "see appsettings.example.json for all of them" : $"did you mean {nearest}?";
        return new(raw.Key, hide ? "***" : raw.Value.ToString(), raw.Source, $"there is no such setting; {meant}");
    }

    private static SettingsProblem Of(SettingsRecord record, ValidationResult result, Dictionary<string, RawSetting> written)
    {
        var member = result.MemberNames.FirstOrDefault();
        var key = member is null ? record.Section : $"{record.Section}.{JsonNamingPolicy.SnakeCaseLower.ConvertName(member)}";
        var setting = record.Settings.FirstOrDefault(candidate => candidate.Key == key);
        var raw = written.GetValueOrDefault(key);
        var value = setting is null || raw is null ? "its default" : Shown(setting, raw);
        return new(key, value, raw?.Source ?? "default", result.ErrorMessage ?? "not allowed.");
    }

    private static string Shown(SettingDefinition setting, RawSetting raw) => setting.IsSecret ? "***" : raw.Value.ToString();
}
