namespace Nova.Host.Configuration;

/// <summary>The settings of this process, bound and checked: one instance per record, and where each written value came from.</summary>
public sealed class BoundSettings(SettingsCatalog catalog, IReadOnlyDictionary<Type, object> records, IReadOnlyDictionary<string, RawSetting> written)
{
    /// <summary>The catalogue that they were bound by.</summary>
    public SettingsCatalog Catalog => catalog;

    /// <summary>Where they came from; null in tests, which make them from nothing that could change.</summary>
    public SettingsOrigin? Origin { get; private init; }

    /// <summary>The same settings, which can be read again.</summary>
    public BoundSettings From(SettingsOrigin origin) => new(catalog, records, written) { Origin = origin };

    /// <summary>The record of a type.</summary>
    public T Get<T>() where T : class => (T)records[typeof(T)];

    /// <summary>The bound instance of a record.</summary>
    public object Of(SettingsRecord record) => records[record.Type];

    /// <summary>Where a key was written; null where it has its default.</summary>
    public RawSetting? Written(string key) => written.GetValueOrDefault(key);

    /// <summary>Registers each record as the singleton of its type.</summary>
    public void Register(IServiceCollection services)
    {
        services.AddSingleton(this);
        foreach (var (type, record) in records)
            services.AddSingleton(type, record);
    }

    /// <summary>A problem with a key that is good by itself and not in this company.</summary>
    internal SettingsProblem Problem(string key, string reason)
    {
        var setting = catalog.Find(key) ?? throw new ArgumentException($"There is no setting {key}.", nameof(key));
        var raw = Written(key);
        var value = setting.IsSecret ? "***" : raw?.Value.ToString() ?? "its default";
        return new(key, value, raw?.Source ?? "default", reason);
    }
}
