using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Nova.Modules.Identity;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>What the host program calls.</summary>
public static class EmbeddedIdentityRegistration
{
    /// <summary>
    /// The embedded identity service, with the catalog of an installation that embeds everything. Needs a
    /// <see cref="Nova.Modules.Shared.SecretBox"/>; settings are those registered before, or the defaults.
    /// </summary>
    public static IServiceCollection AddEmbeddedIdentity(this IServiceCollection services)
    {
        services.TryAddSingleton<IdentitySettings>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<TokenKeys>();
        services.AddSingleton<Revocations>();
        services.AddSingleton<EmbeddedIdentity>();
        services.AddSingleton<IIdentityProvider>(s => s.GetRequiredService<EmbeddedIdentity>());
        services.AddSingleton<IProjectDirectory, ProjectDirectory>();
        services.AddSingleton<TokenService>();
        services.AddSingleton<IdentityService>();
        services.AddSingleton<ServiceCatalog>();
        services.AddSingleton<IdentityBootstrap>();
        services.AddSingleton<IdentitySurface>();
        services.AddSingleton<IdentityVersionEndpoints>();
        services.AddSingleton<TokenEndpoints>();
        services.AddSingleton<ProjectEndpoints>();
        services.AddSingleton<RoleEndpoints>();
        services.AddSingleton<CatalogEndpoints>();
        foreach (var service in (ReadOnlySpan<CatalogService>)
            [
                new("compute", "nova", "/compute/v2.1"),
                new("placement", "placement", "/placement"),
                new("identity", "keystone", "/identity"),
                new("image", "glance", "/image"),
                new("network", "neutron", "/network"),
            ])
            services.AddSingleton(service);
        return services;
    }

    /// <summary>Adds its routes below <c>/identity</c>.</summary>
    public static void AddEmbeddedIdentity(this RouteTable routes, IServiceProvider services) => routes.Add(
        services.GetRequiredService<IdentitySurface>(),
        "/identity",
        [
            services.GetRequiredService<IdentityVersionEndpoints>(),
            services.GetRequiredService<TokenEndpoints>(),
            services.GetRequiredService<ProjectEndpoints>(),
            services.GetRequiredService<RoleEndpoints>(),
            services.GetRequiredService<CatalogEndpoints>(),
        ]);
}
