using Nova.Drivers.Identity.Embedded;
using Nova.Drivers.Identity.Keystone;
using Nova.Drivers.Identity.Test;
using Nova.Drivers.Image.Embedded;
using Nova.Drivers.Network.Embedded;
using Nova.Host.Configuration;
using Nova.Host.Parts;
using Nova.Modules.Api;
using Nova.Modules.Consoles;
using Nova.Modules.Flavors;
using Nova.Modules.Health;
using Nova.Modules.Identity;
using Nova.Modules.Keypairs;
using Nova.Modules.Placement.Api;
using Nova.Modules.Policy;
using Nova.Modules.Services;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared;

namespace Nova.Host;

/// <summary>What the process is made of: configuration, database, roles, routes. A page that shows the whole.</summary>
public static class NovaApp
{
    /// <summary>Builds the application; nothing listens before it is started.</summary>
    /// <param name="settings">Checked.</param>
    /// <param name="dataDirectory">Full path of a directory that can be written.</param>
    public static WebApplication Build(BoundSettings settings, string dataDirectory)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var plan = new RolePlan(settings.Get<ServerSettings>(), settings.Get<DatabaseSettings>().Kind);
        builder.AddFoundation(settings, plan);
        var services = builder.Services;
        services.AddSingleton(plan);
        services.AddSingleton(InstallationKey.Open(dataDirectory));
        services.AddPolicy(settings.Get<PolicyOptions>(), dataDirectory);
        services.AddRpc(settings.Get<RpcSettings>());
        if (plan.HasDatabase)
            services.AddStorage(settings.Get<DatabaseSettings>(), dataDirectory);
        if (plan.Accepts)
            services.AddNeighbours(settings, plan, dataDirectory);
        services.AddControl(settings, plan, dataDirectory);
        if (plan.Compute)
            services.AddCompute(settings, plan, dataDirectory);
        if (plan.Api)
            services.AddApi(settings.Get<Configuration.IdentitySettings>());
        else
            services.AddAdmin(plan.HasDatabase);
        services.AddHostedService<Startup>();

        var app = builder.Build();
        if (plan.Api)
            app.MapApi();
        else
            app.MapAdmin();
        return app;
    }

    private static void AddApi(this IServiceCollection services, Configuration.IdentitySettings identity)
    {
        services.AddIdentity(identity);
        services.AddWire().AddFlavors().AddKeypairs().AddOperatorViews().AddPlacementApi().AddConsoles();
    }

    private static void AddIdentity(this IServiceCollection services, Configuration.IdentitySettings identity)
    {
        switch (identity.Kind)
        {
            case IdentityKind.Test: services.AddSingleton<IIdentityProvider, TestIdentity>(); break;
            case IdentityKind.Keystone: services.AddKeystone(); break;
            default: services.AddEmbeddedIdentity(); break;
        }

        services.AddSingleton<FirstStart>();
    }

    private static void AddNeighbours(this IServiceCollection services, BoundSettings settings, RolePlan plan, string dataDirectory)
    {
        var images = settings.Get<ImageSettings>();
        if (!plan.HasLocalHosts)
            services.AddSingleton(provider => new ImageTickets(
                provider.GetRequiredService<SecretBox>(), provider.GetRequiredService<TimeProvider>(),
                () => images.Url ?? provider.GetRequiredService<HttpSettings>().PublicUrl ?? OwnAddress.Of(provider, plan)));
        services.AddSingleton(images with { Directory = Path.Combine(dataDirectory, images.Directory) });
        services.AddEmbeddedImages().AddEmbeddedNetwork();
    }

    private static void MapApi(this WebApplication app)
    {
        app.MapNeighbours();
        app.MapWire();
    }

    private static void MapNeighbours(this WebApplication app)
    {
        var routes = app.Services.GetRequiredService<RouteTable>();
        if (app.Services.GetService<EmbeddedIdentity>() is not null)
            routes.AddEmbeddedIdentity(app.Services);
        routes.AddEmbeddedImages(app.Services);
        routes.AddEmbeddedNetwork(app.Services);
        routes.AddPlacement(app.Services);
    }
}
