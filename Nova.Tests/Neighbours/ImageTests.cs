using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Nova.Drivers.Image.Embedded;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours;

public class ImageTests
{
    private const string Images = "/image/v2/images";

    [Fact]
    public async Task An_image_is_made_uploaded_shown_downloaded_and_deleted_without_a_trace()
    {
        await using var cloud = await NeighbourCloud.Start();
        var id = await Create(cloud.Demo, "cirros", new() { ["hw_disk_bus"] = "virtio" });
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);

        await Upload(cloud.Demo, id, bytes, 204);

        var image = await cloud.Demo.Json($"{Images}/{id}");
        Assert.Equal(("active", "3000000", "virtio"), (image.Text("status"), image.Text("size"), image.Text("hw_disk_bus")));
        Assert.Equal(Convert.ToHexStringLower(SHA512.HashData(bytes)), image.Text("os_hash_value"));
        Assert.Equal(Convert.ToHexStringLower(MD5.HashData(bytes)), image.Text("checksum"));
        Assert.Equal(bytes, await cloud.Demo.GetByteArrayAsync($"{Images}/{id}/file"));
        Assert.Contains("saving is not allowed", await Upload(cloud.Demo, id, bytes, 409), StringComparison.Ordinal);

        await cloud.Demo.Send(HttpMethod.Delete, $"{Images}/{id}", null, 204);
        Assert.Empty(Files(cloud));
        Assert.Contains($"No image found with ID {id}", await (await cloud.Demo.GetAsync($"{Images}/{id}")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_inspector_refuses_leaves_the_image_queued_and_no_file()
    {
        await using var cloud = await NeighbourCloud.Start();
        var id = await Create(cloud.Demo, "bad", diskFormat: "qcow2");

        Assert.Contains("is unacceptable", await Upload(cloud.Demo, id, new byte[100_000], 400), StringComparison.Ordinal);
        Assert.Equal("queued", (await cloud.Demo.Json($"{Images}/{id}")).Text("status"));
        Assert.Empty(Files(cloud));
        await Upload(cloud.Demo, await Create(cloud.Demo, "large"), new byte[17 << 20], 413);
        Assert.Empty(Files(cloud));
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_nothing()
    {
        await using var cloud = await NeighbourCloud.Start();
        var id = await Create(cloud.Demo, "half");
        using var gone = new CancellationTokenSource();
        var content = new StreamContent(new EndlessStream(gone));
        content.Headers.ContentType = new("application/octet-stream");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cloud.Demo.PutAsync($"{Images}/{id}/file", content, gone.Token));

        // The server notices in its own time; each look asks it.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await TryUpload(cloud.Demo, id, [1, 2, 3]))
            limit.Token.ThrowIfCancellationRequested();
        Assert.Equal(id, Path.GetFileName(Assert.Single(Files(cloud))));
    }

    [Fact]
    public async Task The_start_after_a_crash_removes_what_belongs_to_nothing()
    {
        await using var cloud = await NeighbourCloud.Start();
        var (kept, interrupted) = (await Create(cloud.Demo, "kept"), await Create(cloud.Demo, "interrupted"));
        await Upload(cloud.Demo, kept, [1, 2, 3], 204);
        var directory = Path.Combine(cloud.DataDirectory, "images");
        await File.WriteAllTextAsync(Path.Combine(directory, interrupted + ".abc.part"), "x");
        await File.WriteAllTextAsync(Path.Combine(directory, interrupted), "renamed, but its row was not written");
        await File.WriteAllTextAsync(Path.Combine(directory, Guid.Empty.ToString()), "x");
        await cloud.Services.GetRequiredService<Database>().Write(
            tx => tx.Execute("UPDATE images SET status = 'saving', upload = 'abc' WHERE id = @interrupted", new { interrupted }), default);

        Assert.Equal(0, await cloud.Services.GetRequiredService<ImageService>().Reconcile(isAlone: false, default));
        Assert.Equal(3, await cloud.Services.GetRequiredService<ImageService>().Reconcile(isAlone: true, default));

        Assert.Equal([Path.Combine(directory, kept)], Files(cloud));
        await Upload(cloud.Demo, interrupted, [1], 204);
    }

    [Fact]
    public async Task Who_sees_an_image_depends_on_its_visibility()
    {
        await using var cloud = await NeighbourCloud.Start();
        var id = await Create(cloud.Admin, "secret");
        await cloud.Demo.Json($"{Images}/{id}", 404);
        await Patch(cloud.Demo, await Create(cloud.Demo, "mine"), 403, new { op = "replace", path = "/visibility", value = "public" });

        var project = (await cloud.Demo.Json("/identity/v3/auth/projects")).Text("projects.0.id");
        await cloud.Admin.Send(HttpMethod.Post, $"{Images}/{id}/members", new { member = project }, 200);
        await cloud.Demo.Json($"{Images}/{id}");
        Assert.DoesNotContain("secret", (await cloud.Demo.Json(Images)).At("images").Names());
        await cloud.Demo.Send(HttpMethod.Put, $"{Images}/{id}/members/{project}", new { status = "accepted" }, 200);
        Assert.Contains("secret", (await cloud.Demo.Json(Images)).At("images").Names());
        await Patch(cloud.Demo, id, 403, new { op = "replace", path = "/name", value = "stolen" });

        await Patch(cloud.Admin, id, 200, new { op = "replace", path = "/visibility", value = "private" });
        await cloud.Demo.Json($"{Images}/{id}", 404);
        await Patch(cloud.Admin, id, 200, new { op = "replace", path = "/visibility", value = "public" });
        Assert.Contains("secret", (await cloud.Demo.Json(Images + "?visibility=public")).At("images").Names());
        await cloud.Demo.Send(HttpMethod.Delete, $"{Images}/{id}", null, 403);
    }

    [Fact]
    public async Task A_patch_adds_replaces_and_removes_and_keeps_its_hands_off_the_rest()
    {
        await using var cloud = await NeighbourCloud.Start();
        var id = await Create(cloud.Demo, "image");

        var image = await Patch(cloud.Demo, id, 200, new { op = "add", path = "/a", value = "1" }, new { op = "replace", path = "/name", value = "new" }, new { op = "add", path = "/protected", value = true });
        Assert.Equal(("1", "new", "True"), (image.Text("a"), image.Text("name"), image.Text("protected")));
        await cloud.Demo.Send(HttpMethod.Delete, $"{Images}/{id}", null, 403);
        await Patch(cloud.Demo, id, 200, new { op = "remove", path = "/a" });
        await Patch(cloud.Demo, id, 409, new { op = "remove", path = "/a" });
        await Patch(cloud.Demo, id, 403, new { op = "replace", path = "/status", value = "active" });
        await Patch(cloud.Demo, id, 400, new { op = "move", path = "/status" });
        await cloud.Demo.Send(HttpMethod.Patch, $"{Images}/{id}", new[] { new { op = "remove", path = "/a" } }, 415);
        await cloud.Demo.Send(HttpMethod.Put, $"{Images}/{id}/tags/blue", null, 204);
        Assert.Equal("blue", (await cloud.Demo.Json($"{Images}?tag=blue")).Text("images.0.tags.0"));
    }

    [Fact]
    public async Task A_list_is_sorted_and_comes_in_pages()
    {
        await using var cloud = await NeighbourCloud.Start();
        foreach (var name in (IEnumerable<string>)["b", "d", "a", "c"])
            await Create(cloud.Demo, name);

        var names = new List<string>();
        for (var next = "/v2/images?limit=3&sort=name:asc"; next is not null;)
        {
            var page = await cloud.Demo.Json("/image" + next);
            names.AddRange(page.At("images").Names());
            next = page.TryGetProperty("next", out var link) ? link.GetString() : null;
        }

        Assert.Equal(["a", "b", "c", "d"], names);
        Assert.Equal(["c"], (await cloud.Demo.Json(Images + "?name=c")).At("images").Names());
        await cloud.Demo.Json(Images + "?marker=nothing", 400);
        await cloud.Demo.Json(Images + "?sort_key=nothing", 400);
    }

    [Fact]
    public async Task A_change_is_taken_in_its_older_form_too()
    {
        const string older = "application/openstack-images-v2.0-json-patch";
        await using var cloud = await NeighbourCloud.Start();
        var id = await Create(cloud.Demo, "image");

        var image = await PatchAs(older, cloud.Demo, id, 200, new { add = "/hw_rescue_bus", value = "scsi" }, new { replace = "/name", value = "new" });
        Assert.Equal(("scsi", "new"), (image.Text("hw_rescue_bus"), image.Text("name")));
        Assert.False((await PatchAs(older, cloud.Demo, id, 200, new { remove = "/hw_rescue_bus" })).TryGetProperty("hw_rescue_bus", out _));
        await PatchAs(older, cloud.Demo, id, 400, new { op = "add", path = "/a", value = "1" });
        await PatchAs(older, cloud.Demo, id, 400, new { add = "/a", replace = "/b", value = "1" });
        await PatchAs(older, cloud.Demo, id, 400, new { add = "/a" });
        await PatchAs(older, cloud.Demo, id, 400, new { add = "a", value = "1" });
        await Patch(cloud.Demo, id, 400, new { add = "/a", value = "1" });
        await PatchAs("application/json", cloud.Demo, id, 415, new { op = "add", path = "/a", value = "1" });
    }

    [Fact]
    public async Task A_boot_finds_its_image_in_memory()
    {
        await using var cloud = await NeighbourCloud.Start();
        var id = await Create(cloud.Admin, "image");
        await Upload(cloud.Admin, id, [1, 2, 3], 204);
        var images = cloud.Services.GetRequiredService<EmbeddedImages>();
        var admin = new Caller { UserId = "u", ProjectId = "p", Roles = ["admin"] };

        var info = await images.Find(admin, id, default);
        Assert.Equal(("active", 3L, "raw", "sha512"), (info!.Status, info.Size, info.DiskFormat, info.HashAlgorithm));
        Assert.Null(await images.Find(admin with { Roles = [] }, id, default));
        Assert.Equal(3, new FileInfo(await images.SourceFor(id, default, default)).Length);
        await Assert.ThrowsAsync<Fault>(async () => await images.SourceFor("../nova.db", default, default));
        await Patch(cloud.Admin, id, 200, new { op = "replace", path = "/name", value = "new" });
        Assert.Equal("new", (await images.Find(admin, id, default))!.Name);
    }

    [NeedsFact(Need.OpenStackClient)]
    public async Task The_stock_client_works()
    {
        await using var cloud = await NeighbourCloud.Start();
        var path = Path.Combine(cloud.DataDirectory, "disk.img");
        await File.WriteAllBytesAsync(path, RandomNumberGenerator.GetBytes(100_000));
        var image = await cloud.OpenStack("image", "create", "--disk-format", "raw", "--container-format", "bare", "--public", "--property", "a=b", "--file", path, "disk");
        Assert.Equal("active", (await cloud.OpenStack("image", "show", "disk")).Text("status"));
        Assert.Equal("disk", (await cloud.OpenStack("image", "list")).Text("0.Name"));
        await cloud.Run("image", "set", "--name", "renamed", "--tag", "t", image.Text("id"));
        var copy = Path.Combine(cloud.DataDirectory, "copy.img");
        await cloud.Run("image", "save", "--file", copy, "renamed");
        Assert.Equal(await File.ReadAllBytesAsync(path), await File.ReadAllBytesAsync(copy));
        await cloud.Run("image", "delete", "renamed");
        Assert.Empty((await cloud.OpenStack("image", "list")).EnumerateArray());
    }

    private static async Task<string> Create(HttpClient client, string name, Dictionary<string, string>? properties = null, string diskFormat = "raw")
    {
        var body = new Dictionary<string, string>(properties ?? []) { ["name"] = name, ["disk_format"] = diskFormat, ["container_format"] = "bare" };
        return (await client.Send(HttpMethod.Post, Images, body, 201)).Text("id");
    }

    // 409 while the server still holds the upload of the client that went away.
    private static async Task<bool> TryUpload(HttpClient client, string id, byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("application/octet-stream");
        using var response = await client.PutAsync($"{Images}/{id}/file", content);
        return response.StatusCode == HttpStatusCode.NoContent;
    }

    private static async Task<string> Upload(HttpClient client, string id, byte[] bytes, int status)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("application/octet-stream");
        var response = await client.PutAsync($"{Images}/{id}/file", content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, text);
        return text;
    }

    private static Task<JsonElement> Patch(HttpClient client, string id, int status, params object[] changes) =>
        PatchAs("application/openstack-images-v2.1-json-patch", client, id, status, changes);

    private static async Task<JsonElement> PatchAs(string type, HttpClient client, string id, int status, params object[] changes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{Images}/{id}") { Content = new StringContent(JsonSerializer.Serialize(changes)) };
        request.Content.Headers.ContentType = new(type);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return await (await client.SendAsync(request)).Json(status);
    }

    private static string[] Files(NeighbourCloud cloud) =>
        Directory.Exists(Path.Combine(cloud.DataDirectory, "images")) ? Directory.GetFiles(Path.Combine(cloud.DataDirectory, "images")) : [];

    /// <summary>Sends a little, then the client goes away.</summary>
    private sealed class EndlessStream(CancellationTokenSource gone) : Stream
    {
        private int _reads;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_reads++ == 20)
                await gone.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return buffer.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
