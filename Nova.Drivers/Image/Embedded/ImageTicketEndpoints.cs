using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Image.Embedded;

/// <summary>The bytes of an image for a host that has a ticket; no token is looked at.</summary>
public sealed class ImageTicketEndpoints(ImageTickets tickets, ImageFiles files) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes) => routes.Get("/images/{id}/data", Download).Anonymous();

    private Task<Answer> Download(RequestContext caller, CancellationToken ct)
    {
        var id = caller.Route("id");
        if (!tickets.IsGood(id, caller.Query("ticket") ?? ""))
            throw Fault.Forbidden($"The ticket is not for this image, or has ended.");

        // A ticket is for an id that this service has given: no other text gets here.
        var path = files.PathOf(id);
        return File.Exists(path) ? Task.FromResult(ImageBytesAnswer.Of(caller, path)) : throw ImageService.NotFound(id);
    }
}
