using Nova.Modules.Consoles;
using Nova.Modules.Operations;
using Nova.Modules.Retention;
using Nova.Modules.Servers;
using Nova.Modules.Servers.Create;
using Nova.Modules.Servers.Migrations;
using Nova.Modules.Shared.Http;

namespace Nova.Host.Parts;

/// <summary>What is removed when it is over for long enough.</summary>
internal static class RetentionParts
{
    /// <summary>Operations before servers, so that a sweep which is cut short leaves no actions without their server.</summary>
    public static IReadOnlyList<IRetained> Kinds { get; } = [new RetainedOperations(), new RetainedServers(), new RetainedMigrations(), new RetainedIdempotencyKeys(), new RetainedConsoleTokens(), new RetainedEvents()];

    public static void AddRetention(this IServiceCollection services)
    {
        foreach (var kind in Kinds)
            services.AddSingleton(kind);
        services.AddSingleton<RetentionSweep>().AddEndpoints<PurgeEndpoints>(NovaHostSurface.Key);
    }
}
