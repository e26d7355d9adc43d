using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Nova.Modules.Images;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Image.Embedded;

/// <summary>What the host program calls.</summary>
public static class EmbeddedImagesRegistration
{
    /// <summary>The embedded image service; settings are those registered before, or the defaults.</summary>
    public static IServiceCollection AddEmbeddedImages(this IServiceCollection services)
    {
        services.TryAddSingleton<ImageSettings>();
        services.TryAddSingleton(s => new ImageTickets(s.GetRequiredService<SecretBox>(), s.GetRequiredService<TimeProvider>(), address: null));
        services.AddEndpoints<ImageTicketEndpoints>(NovaHostSurface.Key);
        services.AddSingleton<ImageFiles>();
        services.AddSingleton<ImageCache>();
        services.AddSingleton<ImageService>();
        services.AddSingleton<ImageList>();
        services.AddSingleton<EmbeddedImages>();
        services.AddSingleton<IImageStore>(s => s.GetRequiredService<EmbeddedImages>());
        services.AddSingleton<IImageCatalog, ImageCatalog>();
        services.AddSingleton<ISnapshotImages, SnapshotImages>();
        services.AddSingleton<IImageUploads, ImageUploads>();
        services.AddSingleton<ImageSurface>();
        services.AddSingleton<ImageEndpoints>();
        services.AddSingleton<ImageMemberEndpoints>();
        services.AddSingleton<ImageSchemaEndpoints>();
        return services;
    }

    /// <summary>Adds its routes below <c>/image</c>.</summary>
    public static void AddEmbeddedImages(this RouteTable routes, IServiceProvider services) => routes.Add(
        services.GetRequiredService<ImageSurface>(),
        "/image",
        [
            services.GetRequiredService<ImageEndpoints>(),
            services.GetRequiredService<ImageMemberEndpoints>(),
            services.GetRequiredService<ImageSchemaEndpoints>(),
        ]);
}
