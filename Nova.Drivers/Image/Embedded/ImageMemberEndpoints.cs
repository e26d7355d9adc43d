using Nova.Drivers.Embedded;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Image.Embedded;

/// <summary>Projects with which an image is shared: https://docs.openstack.org/api-ref/image/v2/#sharing</summary>
public sealed class ImageMemberEndpoints(ImageService images, ImageCache cache, Db database, TimeProvider time) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v2/images/{id}/members", List).AnyCaller();
        routes.Post("/v2/images/{id}/members", Add).AnyCaller();
        routes.Get("/v2/images/{id}/members/{member}", Show).AnyCaller();
        routes.Put("/v2/images/{id}/members/{member}", Update).AnyCaller();
        routes.Delete("/v2/images/{id}/members/{member}", Remove).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var image = await Shared(caller, ct);
        var members = (await database.Read(rows => ImageStore.Members(rows, image.Id), ct))
            .Where(m => ImageService.IsOwner(caller.Caller, image) || m.MemberId == caller.Caller.ProjectId);
        return Answer.Json(new { members = members.Select(ImageWire.Of), schema = "/v2/schemas/members" });
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var image = await Shared(caller, ct);
        return Answer.Json(ImageWire.Of(await Find(caller, image, ct)));
    }

    private async Task<Answer> Add(RequestContext caller, CancellationToken ct)
    {
        var image = await Shared(caller, ct);
        if (!ImageService.IsOwner(caller.Caller, image))
            throw ImageService.NotAuthorized("add_member");

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var member = new ImageMemberRow { ImageId = image.Id, MemberId = (await JsonBody.Read(caller, ct)).Required("member"), CreatedAt = now, UpdatedAt = now };
        return await Write(image, tx => ImageStore.TryInsert(tx, member), ct)
            ? Answer.Json(ImageWire.Of(member))
            : throw Fault.Conflict($"The target member {member.MemberId} is already associated with image {image.Id}.");
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var image = await Shared(caller, ct);
        var member = await Find(caller, image, ct);

        // Accepting is the member's own decision: the owner cannot push an image into another project's list.
        if (member.MemberId != caller.Caller.ProjectId && !caller.Caller.HasRole("admin"))
            throw ImageService.NotAuthorized("modify_member");

        var status = (await JsonBody.Read(caller, ct)).Required("status");
        if (status is not ("pending" or "accepted" or "rejected"))
            throw Fault.BadRequest($"Incorrect request: '{status}' is not one of ['pending', 'accepted', 'rejected']");
        var changed = member with { Status = status, UpdatedAt = time.GetUtcNow().ToUnixTimeMilliseconds() };
        await Write(image, tx => ImageStore.SetStatus(tx, changed), ct);
        return Answer.Json(ImageWire.Of(changed));
    }

    private async Task<Answer> Remove(RequestContext caller, CancellationToken ct)
    {
        var image = await Shared(caller, ct);
        if (!ImageService.IsOwner(caller.Caller, image))
            throw ImageService.NotAuthorized("delete_member");

        var member = await Find(caller, image, ct);
        await Write(image, tx => ImageStore.DeleteMember(tx, image.Id, member.MemberId), ct);
        return Answer.Empty();
    }

    private async Task<ImageRow> Shared(RequestContext caller, CancellationToken ct)
    {
        var image = await images.Get(caller.Caller, caller.Route("id"), ct);
        return image.Visibility == "shared" ? image : throw Fault.Forbidden($"Only shared images have members.");
    }

    private async Task<ImageMemberRow> Find(RequestContext caller, ImageRow image, CancellationToken ct)
    {
        var id = caller.Route("member");
        var mayAsk = ImageService.IsOwner(caller.Caller, image) || id == caller.Caller.ProjectId;
        var member = mayAsk ? (await database.Read(rows => ImageStore.Members(rows, image.Id), ct)).FirstOrDefault(m => m.MemberId == id) : null;
        return member ?? throw Fault.NotFound($"{id} not found in the member list of the image {image.Id}.");
    }

    private Task<T> Write<T>(ImageRow image, Func<Tx, T> change, CancellationToken ct) => database.Write(
        tx =>
        {
            cache.Changed(tx, image.Id);
            return change(tx);
        },
        ct);
}
