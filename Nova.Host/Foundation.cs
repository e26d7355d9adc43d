using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Nova.Host.Configuration;
using Nova.Host.Logging;
using Nova.Host.Parts;
using Nova.Modules.Consoles;
using Nova.Modules.Health;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Settings;

namespace Nova.Host;

/// <summary>What every process has, whatever roles it plays: settings, clock, ids, log, listeners.</summary>
public static class Foundation
{
    private static readonly TimeSpan LongestShutdown = TimeSpan.FromSeconds(20);

    /// <summary>Adds it all.</summary>
    internal static void AddFoundation(this WebApplicationBuilder builder, BoundSettings settings, RolePlan plan)
    {
        settings.Register(builder.Services);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<Ids>();
        builder.AddLog(settings.Get<LogSettings>());
        builder.AddListener(plan, settings.Get<HttpSettings>(), settings.Get<ConsoleOptions>());
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = LongestShutdown);
    }

    private static void AddLog(this WebApplicationBuilder builder, LogSettings log)
    {
        builder.Logging.ClearProviders();
        var levels = new LogLevels(log);
        builder.Services.AddSingleton<IConfigureOptions<LoggerFilterOptions>>(levels);
        builder.Services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(levels);
        builder.Services.AddSingleton(provider =>
        {
            var live = ActivatorUtilities.CreateInstance<LiveSettings>(provider);
            live.Changed += levels.Tell;
            return live;
        });
        builder.Services.AddSingleton<IReloadable>(provider => provider.GetRequiredService<LiveSettings>());
        builder.Services.AddSingleton<Reloader>();

        // Standard output belongs to the line that says where the process listens.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton<ConsoleFormatter, TextLogFormatter>().AddSingleton<ConsoleFormatter, JsonLogFormatter>();
        builder.Logging.AddConsole(console => console.FormatterName = log.Format == LogFormat.Json ? JsonLogFormatter.FormatterName : TextLogFormatter.FormatterName);
    }

    private static void AddListener(this WebApplicationBuilder builder, RolePlan plan, HttpSettings http, ConsoleOptions consoles) =>
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            Limit(kestrel.Limits, http);
            if (plan.Api)
                kestrel.Listen(new IPEndPoint(plan.Server.Address, plan.Server.Port));
            if (plan.Api && consoles.Listen is { } console)
                kestrel.Listen(ServerSettings.Endpoint(console), listen => listen.Use(next => connection =>
                {
                    ConsoleGate.MarkOwn(connection.Items);
                    return next(connection);
                }));
            kestrel.Listen(plan.Server.AdminEndpoint, admin => admin.Use(next => connection =>
            {
                HealthEndpoints.MarkAdmin(connection.Items);
                return next(connection);
            }));
        });

    // Bodies have no limit here: each surface sets its own, and answers 413 in its own form.
    private static void Limit(KestrelServerLimits limits, HttpSettings http)
    {
        limits.MaxRequestBodySize = null;
        limits.MaxRequestHeadersTotalSize = http.MaxHeaderBytes;
        limits.MaxRequestHeaderCount = http.MaxHeaders;
        limits.MaxRequestLineSize = http.MaxRequestLineBytes;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(http.HeaderSeconds);
        limits.MinRequestBodyDataRate = http.MinBodyBytesPerSecond == 0 ? null : new(http.MinBodyBytesPerSecond, TimeSpan.FromSeconds(5));
    }
}
