using Nova.Modules.Shared.Settings;

namespace Nova.Host.Configuration;

/// <summary>Where settings came from, to read them again.</summary>
/// <param name="File">Full path of the file of settings, which need not exist; null when none is read.</param>
/// <param name="Read">Binds file, environment and command line again.</param>
public sealed record SettingsOrigin(string? File, Func<BoundSettings> Read);

/// <summary>Gives the settings that can change at run time their new values. Of others it says that they wait for a restart.</summary>
public sealed class LiveSettings(BoundSettings settings, ILogger<LiveSettings> logger) : IReloadable
{
    /// <summary>Raised when at least one value changed.</summary>
    public event Action? Changed;

    /// <inheritdoc />
    public IReadOnlyList<string> Files => settings.Origin?.File is { } file ? [file] : [];

    /// <inheritdoc />
    public void Reload()
    {
        if (settings.Origin is null)
            return;

        try
        {
            Take(settings.Origin.Read());
        }
        catch (SettingsException e)
        {
            throw new ReloadException(e.Message, e);
        }
    }

    private void Take(BoundSettings next)
    {
        var changed = false;
        foreach (var record in settings.Catalog.Records)
            foreach (var setting in record.Settings)
                changed |= Take(setting, settings.Of(record), next.Of(record));
        if (changed)
            Changed?.Invoke();
    }

    private bool Take(SettingDefinition setting, object present, object next)
    {
        var (old, value) = (setting.Get(present), setting.Get(next));
        if (SettingText.Same(old, value))
            return false;

        if (!setting.IsLive)
        {
            logger.WaitsForRestart(setting.Key);
            return false;
        }

        setting.Set(present, value);
        logger.Changed(setting.Key, setting.Shown(value), setting.Shown(old));
        return true;
    }
}

internal static partial class LiveSettingsLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Key} is {Value} now; it was {Old}")]
    public static partial void Changed(this ILogger logger, string key, string value, string old);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Key} was changed and keeps its old value until the next start")]
    public static partial void WaitsForRestart(this ILogger logger, string key);
}
