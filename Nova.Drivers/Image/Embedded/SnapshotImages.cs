using System.Text.Json;
using Nova.Modules.Identity;
using Nova.Modules.Images;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Image.Embedded;

/// <summary>Images of servers in the embedded service: their rows are written in the transactions of the operations that make them.</summary>
public sealed class SnapshotImages(Db database, ImageService images, ImageCache cache, ImageFiles files, ImageTickets tickets, TimeProvider time, Ids ids) : ISnapshotImages
{
    /// <inheritdoc />
    public ReservedImage Reserve(Caller caller, NewImage image)
    {
        var now = Now();
        var row = new ImageRow
        {
            Id = ids.Next().ToString(), Owner = caller.ProjectId ?? throw Fault.Forbidden($"You are not permitted to create images owned by ''."),
            Name = image.Name, MinDisk = image.MinDiskGb, MinRam = image.MinRamMb, DiskFormat = image.DiskFormat, ContainerFormat = image.ContainerFormat,
            Visibility = caller.ProjectId == image.ServerProject ? "private" : "shared", ServerId = image.Properties.GetValueOrDefault("instance_uuid"),
            CreatedAt = now, UpdatedAt = now,
        };
        foreach (var (name, value) in image.Properties)
            row = ImageMembers.Set(caller, row, name, JsonSerializer.SerializeToElement(value));
        return new(row.Id, tx => Insert(tx, row, image.ServerProject));
    }

    /// <inheritdoc />
    public Task<bool> Describe(string imageId, SnapshotFacts facts, IReadOnlyDictionary<string, string> properties, CancellationToken ct) => database.Write(
        tx =>
        {
            if (ImageStore.Find(tx, imageId) is not { } image)
                return false;

            var all = image.PropertyMap();
            foreach (var (name, value) in properties)
                all[name] = value;
            ImageStore.Update(tx, image with
            {
                DiskFormat = facts.DiskFormat, ContainerFormat = image.ContainerFormat ?? "bare", Properties = JsonSerializer.Serialize(all), UpdatedAt = Now(),
            });
            cache.Changed(tx, imageId);
            return true;
        }, ct);

    /// <inheritdoc />
    public string TargetFor(string imageId, Guid hostId) => tickets.AreForFiles ? ImageUploads.WithinTheProcess : tickets.UploadUrlFor(imageId, hostId);

    /// <inheritdoc />
    public void Discard(Tx tx, string imageId, bool unlessWhole)
    {
        if (ImageStore.Find(tx, imageId) is not { } image || (unlessWhole && image.Status is "active" or "deactivated"))
            return;

        ImageStore.Delete(tx, imageId);
        cache.Changed(tx, imageId);
        // After the row: a crash in between leaves a file without a row, which the next start removes.
        tx.AfterCommit(() => files.Delete(imageId));
    }

    /// <inheritdoc />
    public async Task Rotate(Caller caller, Guid serverId, string backupType, int keep, CancellationToken ct)
    {
        var made = await database.Read(rows => ImageStore.OfServer(rows, serverId.ToString()), ct);
        var backups = made
            .Where(image => ImageService.IsOwner(caller, image))
            .Where(image => image.PropertyMap() is var p && p.GetValueOrDefault("image_type") == "backup" && p.GetValueOrDefault("backup_type") == backupType)
            .OrderByDescending(image => image.CreatedAt).ThenByDescending(image => image.Id, StringComparer.Ordinal);
        foreach (var image in backups.Skip(keep))
            await TryDelete(caller, image.Id, ct);
    }

    // Protected, or deleted by somebody else a moment ago: the others go all the same.
    private async Task TryDelete(Caller caller, string imageId, CancellationToken ct)
    {
        try
        {
            await images.Delete(caller, imageId, ct);
        }
        catch (Fault fault) when (!fault.IsTransient)
        {
            // It stays, as in the original.
        }
    }

    private void Insert(Tx tx, ImageRow row, string serverProject)
    {
        ImageStore.TryInsert(tx, row);
        if (row.Visibility == "shared" && row.Owner != serverProject)
            ImageStore.TryInsert(tx, new ImageMemberRow { ImageId = row.Id, MemberId = serverProject, CreatedAt = row.CreatedAt, UpdatedAt = row.CreatedAt });
        cache.Changed(tx, row.Id);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
