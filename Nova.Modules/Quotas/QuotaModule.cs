using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Nova.Modules.Quotas;

/// <summary>Registers the module.</summary>
public static class QuotaModule
{
    /// <summary>Counters and limits; whoever takes or gives quota needs them.</summary>
    public static IServiceCollection AddQuotas(this IServiceCollection services)
    {
        services.TryAddSingleton<QuotaOptions>();
        services.TryAddSingleton<QuotaLimitStore>();
        services.TryAddSingleton<QuotaStore>();
        return services;
    }
}
