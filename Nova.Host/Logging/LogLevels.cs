using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Nova.Host.Configuration;

namespace Nova.Host.Logging;

/// <summary>Which lines are logged, from <see cref="LogSettings.Level"/>; told anew when it changes.</summary>
internal sealed class LogLevels : IConfigureOptions<LoggerFilterOptions>, IOptionsChangeTokenSource<LoggerFilterOptions>
{
    private readonly LogSettings _settings;
    private CancellationTokenSource _changed = new();

    public LogLevels(LogSettings settings) => _settings = settings;

    /// <inheritdoc />
    public string Name => Options.DefaultName;

    /// <inheritdoc />
    public void Configure(LoggerFilterOptions options)
    {
        options.MinLevel = _settings.Level;
        if (_settings.Level >= LogLevel.Information)
            options.AddFilter("Microsoft", LogLevel.Warning);

        // It logs whole addresses, and those of consoles and images hold what opens them.
        options.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);

        // A start that fails is told by the command line in one sentence; the framework would log it with a stack trace as well.
        options.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    }

    /// <inheritdoc />
    public IChangeToken GetChangeToken() => new CancellationChangeToken(_changed.Token);

    /// <summary>The settings changed.</summary>
    public void Tell() => Interlocked.Exchange(ref _changed, new()).Cancel();
}
