using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Nova.Drivers.Identity.Embedded.ApplicationCredentials;
using Nova.Drivers.Identity.Embedded.Catalog;
using Nova.Drivers.Identity.Embedded.Credentials;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Groups;
using Nova.Drivers.Identity.Embedded.Limits;
using Nova.Drivers.Identity.Embedded.Projects;
using Nova.Drivers.Identity.Embedded.Roles;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Identity;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>What the host program calls.</summary>
public static class EmbeddedIdentityRegistration
{
    private static readonly CatalogService[] Own =
    [
        new("compute", "nova", "/compute/v2.1"),
        new("placement", "placement", "/placement"),
        new("identity", "keystone", "/identity"),
        new("image", "glance", "/image"),
        new("network", "neutron", "/network"),
    ];

    /// <summary>
    /// The embedded identity service, with the catalog of an installation that embeds everything. Needs a
    /// <see cref="Nova.Modules.Shared.SecretBox"/>; settings are those registered before, or the defaults.
    /// </summary>
    public static IServiceCollection AddEmbeddedIdentity(this IServiceCollection services)
    {
        services.TryAddSingleton<IdentitySettings>();
        foreach (var service in Own)
            services.AddSingleton(service);
        services.AddSingleton<Passwords>().AddSingleton<TokenKeys>().AddSingleton<Revocations>();
        services.AddSingleton<EmbeddedIdentity>().AddSingleton<IIdentityProvider>(s => s.GetRequiredService<EmbeddedIdentity>());
        services.AddSingleton<EmbeddedLimits>().AddSingleton<ILimitSource>(s => s.GetRequiredService<EmbeddedLimits>());
        services.AddSingleton<IProjectDirectory, ProjectDirectory>();
        services.AddSingleton<Authentication>().AddSingleton<TokenService>();
        services.AddSingleton<ProjectService>().AddSingleton<UserService>().AddSingleton<ApplicationCredentialService>();
        services.AddSingleton<ServiceCatalog>().AddSingleton<IdentityBootstrap>().AddSingleton<IdentitySurface>();
        return services
            .With<IdentityVersionEndpoints>().With<TokenEndpoints>().With<DomainEndpoints>().With<ProjectEndpoints>().With<ProjectTagEndpoints>()
            .With<UserEndpoints>().With<GroupEndpoints>().With<RoleEndpoints>().With<ImpliedRoleEndpoints>().With<GrantEndpoints>().With<AssignmentEndpoints>()
            .With<ApplicationCredentialEndpoints>().With<CredentialEndpoints>().With<RegionEndpoints>().With<CatalogEndpoints>()
            .With<RegisteredLimitEndpoints>().With<LimitEndpoints>();
    }

    /// <summary>Adds its routes below <c>/identity</c>.</summary>
    public static void AddEmbeddedIdentity(this RouteTable routes, IServiceProvider services) => routes.Add(
        services.GetRequiredService<IdentitySurface>(), "/identity", services.GetServices<IdentityEndpoints>().Select(e => e.Of(services)));

    private static IServiceCollection With<T>(this IServiceCollection services) where T : class, IEndpoints =>
        services.AddSingleton<T>().AddSingleton(new IdentityEndpoints(provider => provider.GetRequiredService<T>()));

    /// <summary>One part of the API; other APIs register parts of their own in the same container.</summary>
    private sealed record IdentityEndpoints(Func<IServiceProvider, IEndpoints> Of);
}
