using Nova.Modules.Policy;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Settings;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Parts;

/// <summary>The operator's policy.yaml.</summary>
internal static class PolicyParts
{
    public static void AddPolicy(this IServiceCollection services, PolicyOptions options, string dataDirectory)
    {
        services.AddSingleton(provider => Load(options, dataDirectory, provider.GetRequiredService<ILogger<LivePolicy>>()));
        services.AddSingleton<IPolicy>(provider => provider.GetRequiredService<LivePolicy>());
        services.AddSingleton<IReloadable>(provider => provider.GetRequiredService<LivePolicy>());
    }

    /// <summary>Why the file cannot be used; null when it can, or is not there.</summary>
    public static string? Problem(PolicyOptions options, string dataDirectory)
    {
        try
        {
            var path = PathOf(options, dataDirectory);
            if (options.File is not null || File.Exists(path))
                PolicyFile.Load(path, options.File is not null, options.EnforceNewDefaults, options.EnforceScope);
            return null;
        }
        catch (PolicyException e)
        {
            return e.Message;
        }
    }

    // The settings' check has read the file already: only an edit in between can fail here.
    private static LivePolicy Load(PolicyOptions options, string dataDirectory, ILogger<LivePolicy> logger)
    {
        try
        {
            return new(PathOf(options, dataDirectory), options.File is not null, options.EnforceNewDefaults, options.EnforceScope, logger);
        }
        catch (PolicyException e)
        {
            throw new StartupFailure(ExitCode.Usage, $"policy.file: {e.Message}", e);
        }
    }

    private static string PathOf(PolicyOptions options, string dataDirectory) => Path.GetFullPath(options.File ?? Path.Combine(dataDirectory, "policy.yaml"));
}
