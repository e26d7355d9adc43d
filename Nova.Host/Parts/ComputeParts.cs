using Nova.Host.Configuration;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Link;
using Nova.Modules.Images;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;

namespace Nova.Host.Parts;

/// <summary>The compute role: the hosts of this process, and the way in which they get their commands.</summary>
internal static class ComputeParts
{
    public static void AddCompute(this IServiceCollection services, BoundSettings settings, RolePlan plan, string dataDirectory)
    {
        services.AddSingleton(provider => new HostJournal(
            Path.Combine(dataDirectory, "host"), provider.GetRequiredService<SecretBox>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<HostJournal>>()));
        services.AddSingleton(new HostBoot(settings.Get<ComputeSettings>().ResumeGuestsStateOnHostBoot));
        services.AddSingleton(provider => new HostCopies(
            provider.GetService<IImageUploads>() ?? new HttpImageUploads(new HttpClient { Timeout = Timeout.InfiniteTimeSpan }), settings.Get<ComputeSettings>().MaxConcurrentSnapshots));
        if (plan.HasLocalHosts)
            services.AddSingleton<LocalHosts>();
        else
            services.AddSingleton(provider => Role(provider, plan));
        if (settings.Get<ComputeSettings>().Driver == DriverKind.Libvirt)
            services.AddLibvirtHost(settings, plan, dataDirectory);
        else
            services.AddFakeHosts(settings, dataDirectory);
    }

    private static ComputeRole Role(IServiceProvider provider, RolePlan plan)
    {
        string[] own = plan.Conductor ? [provider.GetRequiredService<RoleListener>().Address] : [];
        return new(
            provider.GetRequiredService<ILocalHypervisors>(), provider.GetRequiredService<IHostNetwork>(), provider.GetRequiredService<HostJournal>(),
            new(provider.GetRequiredService<RpcPeers>().To), [.. own, .. plan.Server.Conductors], provider.GetRequiredService<HostBoot>(),
            provider.GetRequiredService<Ids>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<HostCopies>(), provider.GetService<LinkedGuestPasswords>());
    }
}
