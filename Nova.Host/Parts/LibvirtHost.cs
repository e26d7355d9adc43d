using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Drivers.Network.LinuxBridge;
using Nova.Host.Configuration;
using Nova.Host.Tls;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Link;
using Nova.Modules.Metadata;
using Nova.Modules.Servers.Password;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Parts;

/// <summary>This machine as a host: libvirt, its network, and the metadata service of its guests.</summary>
internal static class LibvirtHost
{
    public static void AddLibvirtHost(this IServiceCollection services, BoundSettings settings, RolePlan plan, string dataDirectory)
    {
        var (libvirt, network) = (settings.Get<LibvirtSettings>(), settings.Get<HostNetworkSettings>());
        services.AddSingleton(new MetadataOptions { DhcpDomain = network.DhcpDomain, VendorData = network.VendorData });
        services.AddSingleton<IMetadataDocuments, MetadataDocuments>();
        services.AddSingleton<IGuestDirectory>(provider => provider.GetRequiredService<HostJournal>());
        services.AddGuestPasswords(plan);
        services.AddSingleton<MetadataService>();
        services.AddSingleton(RealHost.Network(dataDirectory) with
        {
            TransferNetwork = network.TransferNetwork,
            DnsmasqPath = network.Dnsmasq,
            ForwardIpv6 = network.ForwardIpv6,
        });
        services.AddSingleton<LinuxBridgeNetwork>();
        services.AddSingleton<IHostNetwork>(provider => provider.GetRequiredService<LinuxBridgeNetwork>());
        services.AddSingleton<ILocalHypervisors>(provider => new Local(provider, libvirt, dataDirectory));
    }

    // Who has the database keeps them; a compute of its own asks a conductor.
    private static void AddGuestPasswords(this IServiceCollection services, RolePlan plan)
    {
        if (plan.Accepts && plan.HasLocalHosts)
            services.AddSingleton<IGuestPasswords>(provider => provider.GetRequiredService<StoredPasswords>());
        else
            services.AddSingleton<LinkedGuestPasswords>().AddSingleton<IGuestPasswords>(provider => provider.GetRequiredService<LinkedGuestPasswords>());
    }

    private sealed class Local(IServiceProvider provider, LibvirtSettings settings, string dataDirectory) : ILocalHypervisors
    {
        private readonly Lazy<IReadOnlyList<LocalHypervisor>> _all = new(() => [Connect(provider, settings, dataDirectory)]);

        public IReadOnlyList<LocalHypervisor> All => _all.Value;

        private static LocalHypervisor Connect(IServiceProvider provider, LibvirtSettings settings, string dataDirectory)
        {
            var options = RealHost.Libvirt(dataDirectory) with
            {
                Uri = settings.Uri,
                VirtType = settings.VirtType,
                RootDiskFormat = settings.RootDiskFormat,
                ConsoleLogBytes = settings.ConsoleLogBytes,
                ImageCacheBytes = (long)settings.ImageCacheGib << 30,
                Vnc = settings.Vnc,
                HostIp = settings.HostIp,
            };
            try
            {
                var hypervisor = LibvirtHypervisor.Start(
                    options, provider.GetRequiredService<IMetadataDocuments>(), Http(provider), provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILoggerFactory>(), CancellationToken.None).GetAwaiter().GetResult();
                return new(Identities.Host(dataDirectory, 0, provider.GetRequiredService<Ids>()), settings.Host ?? Environment.MachineName, hypervisor);
            }
            catch (Fault fault)
            {
                throw new StartupFailure(ExitCode.Machine, $"{fault.Message} {fault.Details}", fault);
            }
        }

        private static HttpClient Http(IServiceProvider provider)
        {
            var http = TlsTrust.Client(provider.GetRequiredService<TlsSettings>());
            http.Timeout = Timeout.InfiniteTimeSpan;
            return http;
        }
    }
}
