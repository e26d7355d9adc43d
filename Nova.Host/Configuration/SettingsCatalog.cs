using System.Reflection;
using Nova.Modules.Shared.Settings;

namespace Nova.Host.Configuration;

/// <summary>Every record of settings of our assemblies, and every setting in them. Several records may share a section.</summary>
public sealed class SettingsCatalog
{
    private readonly Dictionary<string, SettingDefinition> _byKey = [];

    /// <summary>Reads the catalogue from types; a type that does not carry the attribute is refused.</summary>
    public SettingsCatalog(IEnumerable<Type> types)
    {
        Records = [.. types.Select(type => new SettingsRecord(type)).OrderBy(record => record.Section, StringComparer.Ordinal).ThenBy(record => record.Type.Name, StringComparer.Ordinal)];
        foreach (var setting in Records.SelectMany(record => record.Settings))
            if (!_byKey.TryAdd(setting.Key, setting))
                throw new InvalidOperationException($"Two records of settings have the key {setting.Key}.");
    }

    /// <summary>The records, ordered by section.</summary>
    public IReadOnlyList<SettingsRecord> Records { get; }

    /// <summary>All keys.</summary>
    public IReadOnlyCollection<string> Keys => _byKey.Keys;

    /// <summary>The catalogue of this program. The name's end is looked at first, because attributes of thousands of types cost time at start.</summary>
    public static SettingsCatalog OfProgram() => new(
        Assemblies().SelectMany(assembly => assembly.GetTypes()).Where(type => IsNamedLikeSettings(type) && type.IsDefined(typeof(SettingsSectionAttribute), false)));

    /// <summary>True for the names that a record of settings may have.</summary>
    public static bool IsNamedLikeSettings(Type type) =>
        type.Name.EndsWith("Settings", StringComparison.Ordinal) || type.Name.EndsWith("Options", StringComparison.Ordinal);

    /// <summary>The assemblies that may hold settings.</summary>
    public static Assembly[] Assemblies() =>
        [typeof(SettingsCatalog).Assembly, typeof(Drivers.Database.Migrations.Migration).Assembly, typeof(SettingsSectionAttribute).Assembly];

    /// <summary>The setting of a key, or null.</summary>
    public SettingDefinition? Find(string key) => _byKey.GetValueOrDefault(key);
}

/// <summary>One record of settings.</summary>
public sealed class SettingsRecord
{
    internal SettingsRecord(Type type)
    {
        Type = type;
        Section = (type.GetCustomAttribute<SettingsSectionAttribute>() ?? throw new InvalidOperationException($"{type} does not say which section it is.")).Name;
        Settings = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).Select(property => new SettingDefinition(Section, property))];
    }

    /// <summary>The record's type, under which its one instance is registered.</summary>
    public Type Type { get; }

    /// <summary>The section's name.</summary>
    public string Section { get; }

    /// <summary>Its settings, in the order of the declaration.</summary>
    public IReadOnlyList<SettingDefinition> Settings { get; }

    /// <summary>A new instance with all defaults.</summary>
    public object Defaults()
    {
        var constructor = Type.GetConstructors().OrderBy(candidate => candidate.GetParameters().Length).First();
        return constructor.Invoke([.. constructor.GetParameters().Select(DefaultOf)]);
    }

    private object? DefaultOf(ParameterInfo parameter) =>
        parameter.HasDefaultValue ? parameter.DefaultValue : throw new InvalidOperationException($"{Type}.{parameter.Name} has no default.");
}
