using Nova.Drivers.Hypervisor.Fake;
using Nova.Host.Configuration;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Host.Parts;

/// <summary>The hosts that the fake driver plays in this process, and their network, which is none.</summary>
internal static class FakeHosts
{
    public static void AddFakeHosts(this IServiceCollection services, BoundSettings settings, string dataDirectory)
    {
        services.AddFakeHypervisors(settings.Get<ComputeSettings>().Hosts, Path.Combine(dataDirectory, "fake"));
        services.AddSingleton<IHostNetwork, NoHostNetwork>();
        services.AddSingleton<ILocalHypervisors>(provider => new Local(provider.GetRequiredService<FakeHypervisors>(), dataDirectory, provider.GetRequiredService<Ids>()));
    }

    private sealed class Local(FakeHypervisors fake, string dataDirectory, Ids ids) : ILocalHypervisors
    {
        public IReadOnlyList<LocalHypervisor> All { get; } =
            [.. fake.Hosts.Select((host, number) => new LocalHypervisor(Identities.Host(dataDirectory, number, ids), host.Name, host))];
    }

    /// <summary>Fake guests have no interfaces: the rows of the network are all there is.</summary>
    private sealed class NoHostNetwork : IHostNetwork
    {
        public Task Plug(Guid serverId, IReadOnlyList<NicSpec> nics, CancellationToken ct) => Task.CompletedTask;

        public Task Unplug(Guid serverId, CancellationToken ct) => Task.CompletedTask;

        public Task Restore(IReadOnlyDictionary<Guid, IReadOnlyList<NicSpec>> guests, CancellationToken ct) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
