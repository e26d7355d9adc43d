using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Api;

namespace Nova.Modules.Consoles;

/// <summary>Registers the module.</summary>
public static class ConsolesModule
{
    /// <summary>Consoles for users: their addresses, and the proxy that serves them.</summary>
    public static IServiceCollection AddConsoles(this IServiceCollection services) => services
        .AddSingleton<ConsoleTokens>()
        .AddSingleton<ConsoleAddresses>()
        .AddSingleton<ConsoleOrigins>()
        .AddSingleton<RemoteConsoles>()
        .AddSingleton<ConsoleProxy>()
        .AddSingleton<ConsolePages>()
        .AddComputeEndpoints<RemoteConsoleEndpoints>()
        .AddComputeEndpoints<ConsoleTokenEndpoints>();
}
