using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Image.Embedded;

/// <summary>The rows of images and members.</summary>
internal static class ImageStore
{
    private const string Columns =
        """
        id, owner, name, status, visibility, disk_format, container_format, min_disk, min_ram, protected, os_hidden, size, virtual_size,
            checksum, os_hash_algo, os_hash_value, properties, tags, upload, created_at, updated_at
        """;

    public static Task<ImageRow?> Find(Rows rows, string id) => rows.Find<ImageRow>($"SELECT {Columns} FROM images WHERE id = @id", new { id });

    public static ImageRow? Find(Tx tx, string id) => tx.Find<ImageRow>($"SELECT {Columns} FROM images WHERE id = @id", new { id });

    public static Task<IReadOnlyList<ImageRow>> All(Rows rows) => rows.Query<ImageRow>($"SELECT {Columns} FROM images ORDER BY created_at, id");

    /// <summary>The images that were made of a server.</summary>
    public static Task<IReadOnlyList<ImageRow>> OfServer(Rows rows, string serverId) =>
        rows.Query<ImageRow>($"SELECT {Columns} FROM images WHERE server_id = @serverId", new { serverId });

    /// <summary>What a project may see: its own, public and community images, and those shared with it.</summary>
    public static Task<IReadOnlyList<ImageRow>> VisibleTo(Rows rows, string projectId) => rows.Query<ImageRow>(
        $"""
        SELECT {Columns} FROM images
        WHERE owner = @projectId OR visibility IN ('public', 'community')
            OR (visibility = 'shared' AND id IN (SELECT image_id FROM image_members WHERE member_id = @projectId))
        ORDER BY created_at, id
        """,
        new { projectId });

    public static Task<IReadOnlyList<ImageMemberRow>> Members(Rows rows, string imageId) => rows.Query<ImageMemberRow>(
        "SELECT image_id, member_id, status, created_at, updated_at FROM image_members WHERE image_id = @imageId ORDER BY member_id", new { imageId });

    public static Task<IReadOnlyList<ImageMemberRow>> MembershipsOf(Rows rows, string projectId) => rows.Query<ImageMemberRow>(
        "SELECT image_id, member_id, status, created_at, updated_at FROM image_members WHERE member_id = @projectId ORDER BY image_id", new { projectId });

    /// <summary>False when the id is taken.</summary>
    public static bool TryInsert(Tx tx, ImageRow image) =>
        tx.Execute(
            """
            INSERT INTO images (id, owner, name, status, visibility, disk_format, container_format, min_disk, min_ram, protected, os_hidden,
                properties, tags, server_id, created_at, updated_at)
            VALUES (@Id, @Owner, @Name, @Status, @Visibility, @DiskFormat, @ContainerFormat, @MinDisk, @MinRam, @Protected, @OsHidden,
                @Properties, @Tags, @ServerId, @CreatedAt, @UpdatedAt)
            ON CONFLICT DO NOTHING
            """,
            image) == 1;

    /// <summary>Writes what a client may change.</summary>
    public static void Update(Tx tx, ImageRow image) =>
        tx.Execute(
            """
            UPDATE images SET owner = @Owner, name = @Name, visibility = @Visibility, disk_format = @DiskFormat, container_format = @ContainerFormat,
                min_disk = @MinDisk, min_ram = @MinRam, protected = @Protected, os_hidden = @OsHidden, properties = @Properties, tags = @Tags,
                updated_at = @UpdatedAt
            WHERE id = @Id
            """,
            image);

    /// <summary>False when the image does not wait for its bytes.</summary>
    public static bool BeginUpload(Tx tx, string id, string upload, long now) =>
        tx.Execute(
            "UPDATE images SET status = 'saving', upload = @upload, updated_at = @now WHERE id = @id AND status = 'queued'",
            new { id, upload, now }) == 1;

    /// <summary>A host brings the bytes; an earlier attempt that has not ended is given up. False when the image is gone or whole.</summary>
    public static bool TakeOverUpload(Tx tx, string id, string upload, long now) =>
        tx.Execute(
            "UPDATE images SET status = 'saving', upload = @upload, updated_at = @now WHERE id = @id AND status IN ('queued', 'saving')",
            new { id, upload, now }) == 1;

    /// <summary>False when the image was deleted meanwhile.</summary>
    public static bool FinishUpload(Tx tx, ImageRow image) =>
        tx.Execute(
            """
            UPDATE images SET status = 'active', upload = NULL, size = @Size, virtual_size = @VirtualSize, checksum = @Checksum,
                os_hash_algo = @OsHashAlgo, os_hash_value = @OsHashValue, updated_at = @UpdatedAt
            WHERE id = @Id AND upload = @Upload
            """,
            image) == 1;

    /// <summary>The image waits for its bytes again.</summary>
    public static void AbandonUpload(Tx tx, string id, string upload) =>
        tx.Execute("UPDATE images SET status = 'queued', upload = NULL WHERE id = @id AND upload = @upload", new { id, upload });

    public static int AbandonUploads(Tx tx, long before) =>
        tx.Execute("UPDATE images SET status = 'queued', upload = NULL WHERE status = 'saving' AND updated_at <= @before", new { before });

    /// <summary>False when the image is not in the expected status.</summary>
    public static bool SetStatus(Tx tx, string id, string from, string to, long now) =>
        tx.Execute("UPDATE images SET status = @to, updated_at = @now WHERE id = @id AND status = @from", new { id, from, to, now }) == 1;

    public static bool Delete(Tx tx, string id) => tx.Execute("DELETE FROM images WHERE id = @id", new { id }) == 1;

    public static bool TryInsert(Tx tx, ImageMemberRow member) =>
        tx.Execute(
            """
            INSERT INTO image_members (image_id, member_id, status, created_at, updated_at)
            VALUES (@ImageId, @MemberId, @Status, @CreatedAt, @UpdatedAt) ON CONFLICT DO NOTHING
            """,
            member) == 1;

    public static bool SetStatus(Tx tx, ImageMemberRow member) =>
        tx.Execute(
            "UPDATE image_members SET status = @Status, updated_at = @UpdatedAt WHERE image_id = @ImageId AND member_id = @MemberId", member) == 1;

    public static bool DeleteMember(Tx tx, string imageId, string memberId) =>
        tx.Execute("DELETE FROM image_members WHERE image_id = @imageId AND member_id = @memberId", new { imageId, memberId }) == 1;
}
