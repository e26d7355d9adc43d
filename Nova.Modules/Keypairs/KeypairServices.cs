using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Api;
using Nova.Modules.Quotas;

namespace Nova.Modules.Keypairs;

/// <summary>Registers the slice.</summary>
public static class KeypairServices
{
    /// <summary>Adds key pairs.</summary>
    public static IServiceCollection AddKeypairs(this IServiceCollection services) =>
        services.AddQuotas().AddSingleton<KeypairStore>().AddSingleton<KeypairService>().AddComputeEndpoints<KeypairEndpoints>();
}
