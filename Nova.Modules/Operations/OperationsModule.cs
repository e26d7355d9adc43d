using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Nova.Modules.Operations.Remote;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Operations;

/// <summary>Registers the module.</summary>
public static class OperationsModule
{
    /// <summary>The rows of operations, and which conductors live: what every process with a database has. Wants an <see cref="Rpc.RpcPeers"/>.</summary>
    public static IServiceCollection AddOperationRows(this IServiceCollection services) => services
        .AddSingleton<OperationStore>()
        .AddSingleton<OperationRows>()
        .AddSingleton<ConductorPeers>()
        .AddSingleton<ConductorClient>()
        .AddSingleton<ConductorNudges>()
        .AddSingleton<OperationRescue>()
        .AddEndpoints<OperationEndpoints>(NovaHostSurface.Key);

    /// <summary>Operations are given to conductors of other processes.</summary>
    public static IServiceCollection AddRemoteOperations(this IServiceCollection services) =>
        services.AddOperationRows().AddSingleton<IOperationStarter, RemoteOperations>();

    /// <summary>
    /// The runner and the conductor around it, which also starts what this process accepts. Wants a
    /// <see cref="ConductorIdentity"/>, a <see cref="SecretBox"/> and the operations of other modules.
    /// </summary>
    public static IServiceCollection AddOperations(this IServiceCollection services) => services
        .AddOperationRows()
        .AddSingleton<IOperationStarter, LocalOperations>()
        .AddSingleton<OperationIntake>()
        .AddSingleton<ConductorService>()
        .AddSingleton<Conductor>()
        .AddSingleton(provider => new OperationRunner(
            provider.GetServices<IOperation>(),
            provider.GetRequiredService<OperationStore>(),
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<SecretBox>(),
            provider.GetRequiredService<ConductorIdentity>().Incarnation,
            provider.GetRequiredService<ILogger<OperationRunner>>()));
}
