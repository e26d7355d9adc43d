using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Image.Embedded;

/// <summary>The bytes of an image for a host that has a ticket, and from one; no token is looked at.</summary>
public sealed class ImageTicketEndpoints(ImageTickets tickets, ImageFiles files, ImageService images) : IEndpoints
{
    private const string Address = "/images/{id}/data";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(Address, Download).Anonymous();
        routes.Put(Address, Upload).Anonymous();
    }

    private Task<Answer> Download(RequestContext caller, CancellationToken ct)
    {
        var id = caller.Route("id");
        if (!tickets.IsGood(id, caller.Query("ticket") ?? ""))
            throw NoTicket();

        // A ticket is for an id that this service has given: no other text gets here.
        var path = files.PathOf(id);
        return File.Exists(path) ? Task.FromResult(ImageBytesAnswer.Of(caller, path)) : throw ImageService.NotFound(id);
    }

    private async Task<Answer> Upload(RequestContext caller, CancellationToken ct)
    {
        var id = caller.Route("id");
        if (!tickets.IsGoodForUpload(id, caller.Query("ticket") ?? ""))
            throw NoTicket();

        UploadLimits.Lift(caller.Http);
        await images.Take(id, caller.Http.Request.Body, caller.Http.Request.ContentLength, ct);
        return Answer.Empty();
    }

    private static Fault NoTicket() => Fault.Forbidden($"The ticket is not for this image, or has ended.");
}
