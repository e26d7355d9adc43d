using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Nova.Drivers.Image.Embedded;
using Nova.Modules.Images;
using Nova.Modules.Shared;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Neighbours;

/// <summary>Hosts fetch images with tickets: one image, one host, for a while.</summary>
public sealed class ImageTicketTests(ImageTicketTests.Cloud cloud) : IClassFixture<ImageTicketTests.Cloud>
{
    public sealed class Cloud : ServerCloud
    {
        protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string> { ["server.wire"] = "grpc" };
    }

    [Fact]
    public async Task A_ticket_opens_its_image_whole_and_in_parts()
    {
        var url = await Url();
        Assert.StartsWith(cloud.Url, url, StringComparison.Ordinal);
        Assert.Equal(1024, (await cloud.Http.GetByteArrayAsync(url)).Length);

        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(1000, null) } };
        using var part = await cloud.Http.SendAsync(request);
        Assert.Equal((HttpStatusCode.PartialContent, 24, "bytes 1000-1023/1024"), (part.StatusCode, (await part.Content.ReadAsByteArrayAsync()).Length, part.Content.Headers.ContentRange!.ToString()));
        using var beyond = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(2000, null) } };
        using var nothing = await cloud.Http.SendAsync(beyond);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, nothing.StatusCode);
    }

    [Fact]
    public async Task Another_image_a_changed_ticket_and_none_are_refused()
    {
        var url = await Url();
        var other = await cloud.MakeImage("""{"name": "secret", "disk_format": "raw", "container_format": "bare", "visibility": "private"}""");
        foreach (var bad in new[] { url.Replace(cloud.Image, other, StringComparison.Ordinal), url[..^1] + (url[^1] == '0' ? '1' : '0'), url[..url.IndexOf('?', StringComparison.Ordinal)], url + "0" })
        {
            using var answer = await cloud.Http.GetAsync(bad);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_ticket_for_writing_takes_the_bytes_of_one_image_once()
    {
        var admin = cloud.As("admin");
        var id = (await admin.Post("/image/v2/images", """{"name": "empty", "disk_format": "raw", "container_format": "bare"}""")).Is(201)["id"].GetString()!;
        var reading = await cloud.Services.GetRequiredService<IImageStore>().SourceFor(id, Guid.NewGuid(), default);
        var writing = cloud.Services.GetRequiredService<ISnapshotImages>().TargetFor(id, Guid.NewGuid());
        Assert.Equal(HttpStatusCode.Forbidden, await Put(reading, 10));
        Assert.Equal(HttpStatusCode.Forbidden, await Put(writing.Replace(id, cloud.Image, StringComparison.Ordinal), 10));
        using (var answer = await cloud.Http.GetAsync(writing))
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, await Put(writing, 2000));
        Assert.Equal(("active", 2000), ((await admin.Get($"/image/v2/images/{id}")).Is(200)["status"].GetString(), (await admin.Get($"/image/v2/images/{id}")).Json.GetProperty("size").GetInt32()));

        // Repeated: what is there stays.
        Assert.Equal(HttpStatusCode.NoContent, await Put(writing, 10));
        Assert.Equal(2000, (await admin.Get($"/image/v2/images/{id}")).Json.GetProperty("size").GetInt32());
        (await admin.Delete($"/image/v2/images/{id}")).Is(204);
        Assert.Equal(HttpStatusCode.Gone, await Put(writing, 10));
    }

    [Fact]
    public async Task An_upload_that_nobody_knows_of_any_more_gives_way_and_harms_nothing()
    {
        var images = cloud.Services.GetRequiredService<ImageService>();
        var id = (await cloud.As("admin").Post("/image/v2/images", """{"name": "twice", "disk_format": "raw", "container_format": "bare"}""")).Is(201)["id"].GetString()!;
        var first = new Pipe();
        await first.Writer.WriteAsync(new byte[100]);
        var slow = images.Take(id, first.Reader.AsStream(), null, default);
        await Eventually.Is(async () => (await cloud.As("admin").Get($"/image/v2/images/{id}")).Json.GetProperty("status").GetString() == "saving");

        await images.Take(id, new MemoryStream(new byte[500]), 500, default);
        await first.Writer.CompleteAsync();

        Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => slow)).Kind);
        var image = (await cloud.As("admin").Get($"/image/v2/images/{id}")).Is(200).Json;
        Assert.Equal(("active", 500), (image.GetProperty("status").GetString(), image.GetProperty("size").GetInt32()));
        Assert.Equal(500, (await cloud.As("admin").Get($"/image/v2/images/{id}/file")).Is(200).Text.Length);
    }

    private async Task<HttpStatusCode> Put(string url, int bytes)
    {
        using var answer = await cloud.Http.PutAsync(url, new ByteArrayContent(new byte[bytes]) { Headers = { ContentType = new("application/octet-stream") } });
        return answer.StatusCode;
    }

    [Fact]
    public void A_ticket_ends()
    {
        var time = new ManualTime();
        var tickets = new ImageTickets(new(new byte[32]), time, () => "http://x");
        var ticket = tickets.UrlFor("a", Guid.NewGuid()).Split("ticket=")[1];
        Assert.True(tickets.IsGood("a", ticket));
        Assert.False(new ImageTickets(new([.. Enumerable.Repeat((byte)1, 32)]), time, null).IsGood("a", ticket));

        time.Advance(ImageTickets.Lifetime);
        Assert.False(tickets.IsGood("a", ticket));
    }

    private ValueTask<string> Url() => cloud.Services.GetRequiredService<IImageStore>().SourceFor(cloud.Image, Guid.NewGuid(), default);
}
