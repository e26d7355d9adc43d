using System.Text.Json;
using Nova.Drivers.Embedded;
using Nova.Modules.Identity;
using Nova.Modules.Images;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Image.Embedded;

/// <summary>Images: who may see and change them, and how their bytes come and go.</summary>
public sealed class ImageService(Db database, ImageFiles files, ImageCache cache, TimeProvider time, Ids ids)
{
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);

    /// <summary>The image, or the 404 of one that the caller may not see.</summary>
    public async Task<ImageRow> Get(Caller caller, string id, CancellationToken ct) => await cache.Find(caller, id, ct) ?? throw NotFound(id);

    /// <summary>The image, when the caller may change it.</summary>
    public async Task<ImageRow> Own(Caller caller, string id, string action, CancellationToken ct)
    {
        var image = await Get(caller, id, ct);
        return IsOwner(caller, image) ? image : throw NotAuthorized(action);
    }

    /// <summary>A new image without bytes.</summary>
    public async Task<ImageRow> Create(Caller caller, JsonBody body, CancellationToken ct)
    {
        var now = Now();
        var image = new ImageRow { Id = ids.Next().ToString(), Owner = caller.ProjectId ?? "", CreatedAt = now, UpdatedAt = now };
        foreach (var member in body.Element.EnumerateObject())
            image = member.Name == "id" ? image with { Id = CheckedId(member.Value) } : ImageMembers.Set(caller, image, member.Name, member.Value);
        if (image.Owner.Length == 0)
            throw Fault.Forbidden($"You are not permitted to create images owned by ''.");
        return await Write(image, tx => ImageStore.TryInsert(tx, image), ct) ? image : throw Fault.Conflict($"Image ID {image.Id} already exists!");
    }

    /// <summary>Applies a JSON patch.</summary>
    public async Task<ImageRow> Patch(Caller caller, string id, IReadOnlyList<ImageChange> changes, CancellationToken ct)
    {
        await Own(caller, id, "modify_image", ct);
        return await database.Write(
            tx =>
            {
                var image = ImageStore.Find(tx, id) ?? throw NotFound(id);
                foreach (var change in changes)
                    image = change.Value is { } value
                        ? ImageMembers.Set(caller, ImageMembers.CheckOp(image, change), change.Name, value)
                        : ImageMembers.Remove(image, change.Name);
                image = image with { UpdatedAt = Now() };
                ImageStore.Update(tx, image);
                cache.Changed(tx, id);
                return image;
            },
            ct);
    }

    /// <summary>Takes the bytes of an image that waits for them.</summary>
    public async Task Upload(RequestContext caller, string id, CancellationToken ct)
    {
        var image = await Own(caller.Caller, id, "upload_image", ct);
        if (image.DiskFormat is null || image.ContainerFormat is null)
            throw Fault.BadRequest($"Properties disk_format, container_format must be set prior to saving data.");

        var upload = ids.Next().ToString("N");
        if (!await Write(image, tx => ImageStore.BeginUpload(tx, id, upload, Now()), ct))
            throw Fault.Conflict($"Image status transition from {image.Status} to saving is not allowed");
        await Store(image, upload, caller.Http.Request.Body, caller.Http.Request.ContentLength, ct);
    }

    /// <summary>
    /// Takes the bytes of a server's image from the host that was told to bring them. An attempt of the same host that was cut short
    /// and does not know it yet is given up; when the bytes are there already nothing is read.
    /// </summary>
    /// <exception cref="Fault">410: the image is gone.</exception>
    public async Task Take(string id, Stream body, long? length, CancellationToken ct)
    {
        var image = await database.Read(rows => ImageStore.Find(rows, id), ct) ?? throw Gone(id);
        var upload = ids.Next().ToString("N");
        if (image.Status is "active" or "deactivated")
            return;
        if (image.DiskFormat is null || image.ContainerFormat is null)
            throw Fault.BadRequest($"Properties disk_format, container_format must be set prior to saving data.");
        if (!await Write(image, tx => ImageStore.TakeOverUpload(tx, id, upload, Now()), ct))
            throw Gone(id);
        await Store(image, upload, body, length, ct);
    }

    /// <summary>The image and its bytes are gone.</summary>
    public async Task Delete(Caller caller, string id, CancellationToken ct)
    {
        var image = await Own(caller, id, "delete_image", ct);
        if (image.Protected)
            throw Fault.Forbidden($"Image {id} is protected and cannot be deleted.");
        if (!await Write(image, tx => ImageStore.Delete(tx, id), ct))
            throw NotFound(id);

        // After the row: a crash in between leaves a file without a row, which the next start removes.
        files.Delete(id);
    }

    /// <summary>Replaces all properties of an image.</summary>
    public async Task<ImageRow> SetProperties(Caller caller, string id, IReadOnlyDictionary<string, string> properties, CancellationToken ct)
    {
        await Own(caller, id, "modify_image", ct);
        return await database.Write(
            tx =>
            {
                var image = ImageStore.Find(tx, id) ?? throw NotFound(id);
                foreach (var name in image.PropertyMap().Keys.Where(name => !properties.ContainsKey(name)))
                    image = ImageMembers.Remove(image, name);
                foreach (var (name, value) in properties)
                    image = ImageMembers.Set(caller, image, name, JsonSerializer.SerializeToElement(value));
                image = image with { UpdatedAt = Now() };
                ImageStore.Update(tx, image);
                cache.Changed(tx, id);
                return image;
            },
            ct);
    }

    /// <summary>Changes the status of an image from one to another; only admins.</summary>
    public async Task Switch(Caller caller, string id, string from, string to, CancellationToken ct)
    {
        var image = await Get(caller, id, ct);
        if (!caller.HasRole("admin"))
            throw NotAuthorized(to == "active" ? "reactivate" : "deactivate");
        if (image.Status != to && !await Write(image, tx => ImageStore.SetStatus(tx, id, from, to, Now()), ct))
            throw Fault.Forbidden($"Not allowed to {(to == "active" ? "reactivate" : "deactivate")} image in status '{image.Status}'");
    }

    /// <summary>Makes rows and files agree after a crash; to be called once at start, before uploads are accepted.</summary>
    /// <param name="isAlone">False when other processes may be uploading now: then only what nobody has touched for a day is cleaned.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>How many files belonged to nothing.</returns>
    public async Task<int> Reconcile(bool isAlone, CancellationToken ct)
    {
        var before = isAlone ? DateTimeOffset.MaxValue : time.GetUtcNow() - AbandonedAfter;
        await database.Write(tx => ImageStore.AbandonUploads(tx, before.ToUnixTimeMilliseconds()), ct);
        var rows = await database.Read(ImageStore.All, ct);
        return files.RemoveAllBut(rows.Where(r => r.Status is "active" or "deactivated").Select(r => r.Id).ToHashSet(StringComparer.Ordinal), before);
    }

    /// <summary>True when the caller may change the image.</summary>
    public static bool IsOwner(Caller caller, ImageRow image) => caller.HasRole("admin") || (caller.ProjectId == image.Owner && caller.HasRole("member"));

    /// <summary>The 403 of an action.</summary>
    public static Fault NotAuthorized(string action) => Fault.Forbidden($"You are not authorized to complete {action} action.");

    /// <summary>The 404 of an image.</summary>
    public static Fault NotFound(string id) => Fault.NotFound($"No image found with ID {id}");

    private async Task Store(ImageRow image, string upload, Stream body, long? length, CancellationToken ct)
    {
        try
        {
            await Finish(image with { Upload = upload }, upload, await files.Store(image, upload, body, length, ct));
        }
        catch
        {
            // Not cancelled with the client: whatever happened, the image waits for its bytes again and the part is gone.
            files.Discard(image.Id, upload);
            await Write(image, tx => ImageStore.AbandonUpload(tx, image.Id, upload), CancellationToken.None);
            throw;
        }
    }

    private async Task Finish(ImageRow image, string upload, StoredBytes bytes)
    {
        if (await database.Read(rows => ImageStore.Find(rows, image.Id), CancellationToken.None) is { } now && now.Upload != upload)
            throw Fault.Conflict($"Another upload of image {image.Id} has begun.");

        files.Publish(image.Id, upload);
        var done = image with
        {
            Size = bytes.Size,
            VirtualSize = bytes.VirtualSize,
            Checksum = bytes.Md5,
            OsHashAlgo = "sha512",
            OsHashValue = bytes.Sha512,
            UpdatedAt = Now(),
        };
        if (await Write(image, tx => ImageStore.FinishUpload(tx, done), CancellationToken.None))
            return;

        // Another attempt publishes the same bytes of the same copy: they are left to it.
        if (await database.Read(rows => ImageStore.Find(rows, image.Id), CancellationToken.None) is null)
            files.Delete(image.Id);
        throw new Fault(FaultKind.Gone, Message.Of($"Image {image.Id} could not be found after upload. The image may have been deleted during the upload."));
    }

    private static Fault Gone(string id) => new(FaultKind.Gone, Message.Of($"Image {id} could not be found."));

    private Task<T> Write<T>(ImageRow image, Func<Tx, T> change, CancellationToken ct) => database.Write(
        tx =>
        {
            cache.Changed(tx, image.Id);
            return change(tx);
        },
        ct);

    private Task Write(ImageRow image, Action<Tx> change, CancellationToken ct) => Write(
        image,
        tx =>
        {
            change(tx);
            return true;
        },
        ct);

    // The id names a file, so it must be a UUID.
    private static string CheckedId(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && Guid.TryParseExact(value.GetString(), "D", out var id)
            ? id.ToString()
            : throw Fault.BadRequest($"Invalid image id format");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
