using Microsoft.Extensions.DependencyInjection;

namespace Nova.Drivers.Hypervisor.Fake;

/// <summary>Registers the driver.</summary>
public static class FakeModule
{
    /// <summary>So many fake hosts, with their guests in <paramref name="directory"/>. Wants <see cref="FakeOptions"/> and a TimeProvider.</summary>
    public static IServiceCollection AddFakeHypervisors(this IServiceCollection services, int hosts, string directory) => services
        .AddSingleton(provider => new FakeHypervisors(
            provider.GetRequiredService<FakeOptions>(), hosts, directory, provider.GetRequiredService<TimeProvider>()));
}
