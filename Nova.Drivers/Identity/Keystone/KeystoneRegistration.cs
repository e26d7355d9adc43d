using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Identity;

namespace Nova.Drivers.Identity.Keystone;

/// <summary>What the host program calls.</summary>
public static class KeystoneRegistration
{
    /// <summary>Tokens and projects are those of the site's Keystone.</summary>
    public static IServiceCollection AddKeystone(this IServiceCollection services) => services
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<KeystoneClient>(provider))
        .AddSingleton<IIdentityProvider, KeystoneIdentity>()
        .AddSingleton<IProjectDirectory, KeystoneProjects>();
}
