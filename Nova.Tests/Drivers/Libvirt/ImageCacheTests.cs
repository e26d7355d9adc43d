using System.Net;
using System.Security.Cryptography;
using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Drivers.Hypervisor.Libvirt.Disks;
using Nova.Modules.Compute;
using Nova.Modules.Shared;
using Nova.Tests.Images;

namespace Nova.Tests.Drivers.Libvirt;

public sealed class ImageCacheTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nic");
    private readonly Server _server = new();
    private LibvirtOptions _options;

    public ImageCacheTests() => _options = new() { DataDirectory = _folder.FullName, InstallationId = "tests", ImagePauses = (TimeSpan.Zero, TimeSpan.FromSeconds(60)) };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Guests_that_want_one_image_at_once_share_one_download()
    {
        var image = Image(ImageCorpus.Raw, "raw");
        _server.Hold = new();
        var cache = Cache();
        var all = Enumerable.Range(0, 8).Select(i => cache.LinkInto(Guest(i), image, default)).ToArray();

        _server.Hold.SetResult();

        var made = await Task.WhenAll(all);
        Assert.Equal(1, _server.Requests);
        Assert.All(made, m => Assert.Equal((1L << 20, "raw"), (m.VirtualSize, m.Format)));
    }

    [Fact]
    public async Task An_image_that_was_cached_before_is_not_fetched_for_a_guest()
    {
        var (image, cache) = (Image(ImageCorpus.Raw, "raw"), Cache());

        await cache.Keep(image, default);
        await cache.Keep(image, default);
        await cache.LinkInto(Guest(1), image, default);

        Assert.Equal(1, _server.Requests);
    }

    [Fact]
    public async Task A_download_goes_on_while_one_of_two_still_waits_and_ends_with_the_last()
    {
        var image = Image(ImageCorpus.Raw, "raw");
        _server.Hold = new();
        var cache = Cache();
        using var stop = new CancellationTokenSource();
        var leaves = cache.LinkInto(Guest(1), image, stop.Token);
        var stays = cache.LinkInto(Guest(2), image, default);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaves);
        _server.Hold.SetResult();
        await stays;
        Assert.Equal(1, _server.Requests);
    }

    [Fact]
    public async Task A_cancelled_download_leaves_nothing_and_the_next_one_begins_anew()
    {
        var image = Image(ImageCorpus.Raw, "raw");
        _server.Hold = new();
        var cache = Cache();
        using var stop = new CancellationTokenSource();
        var download = cache.LinkInto(Guest(1), image, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download);

        _server.Hold = null;
        await cache.LinkInto(Guest(2), image, default);

        Assert.Single(Cached());
    }

    [Fact]
    public async Task What_was_downloaded_is_kept_read_only_and_used_again()
    {
        var image = Image(ImageCorpus.Qcow2, "qcow2");
        await Cache().LinkInto(Guest(1), image, default);
        await Cache().LinkInto(Guest(2), image, default);

        Assert.Equal(1, _server.Requests);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(Assert.Single(Cached())));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_download_that_breaks_goes_on_where_it_broke(bool knowsRanges)
    {
        var image = Image(ImageCorpus.Raw, "raw");
        (_server.BreaksAfter, _server.KnowsRanges) = (300_000, knowsRanges);

        await Cache().LinkInto(Guest(1), image, default);

        Assert.Equal(image.Hash, Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Assert.Single(Cached())))));
        Assert.Equal(knowsRanges ? 4 : 2, _server.Requests);
    }

    [Fact]
    public async Task A_download_that_always_breaks_ends()
    {
        _server.BreaksAfter = 0;
        await Refused(Image(ImageCorpus.Raw, "raw"), FaultKind.Unavailable, "try again later");
        Assert.Equal(_options.ImageRetries + 1, _server.Requests);
    }

    [Fact]
    public async Task A_ticket_that_has_ended_is_not_tried_again()
    {
        _server.Status = HttpStatusCode.Forbidden;
        await Refused(Image(ImageCorpus.Raw, "raw"), FaultKind.Unavailable, "try again later");
        Assert.Equal(1, _server.Requests);
    }

    [Fact]
    public Task A_host_that_was_not_told_where_images_are_says_so() =>
        Refused(Image(ImageCorpus.Raw, "raw") with { Source = "" }, FaultKind.Internal, "set image.url");

    [Fact]
    public Task Damaged_bytes_are_refused() =>
        Refused(Image(ImageCorpus.Raw, "raw") with { Hash = new string('0', 64) }, FaultKind.Internal, "do not have the hash");

    [Fact]
    public Task Fewer_bytes_than_announced_are_refused() =>
        Refused(Image(ImageCorpus.Raw, "raw") with { Size = 2 << 20, Hash = null }, FaultKind.Internal, "does not have the");

    [Fact]
    public Task More_bytes_than_announced_are_refused() =>
        Refused(Image(ImageCorpus.Raw, "raw") with { Size = 1000, Hash = null }, FaultKind.Internal, "does not have the");

    [Fact]
    public Task A_malicious_image_is_refused_again_on_the_host() =>
        Refused(Image(ImageCorpus.Qcow2WithBackingFile, "qcow2"), FaultKind.BadRequest, "backing file");

    [Fact]
    public Task An_image_that_is_more_than_the_host_allows_is_refused()
    {
        _options = _options with { ImageMaxBytes = 1 << 20 };
        return Refused(Image(ImageCorpus.Qcow2, "qcow2"), FaultKind.BadRequest, "larger than the limit");
    }

    [Fact]
    public Task A_source_that_answers_no_is_worth_another_try()
    {
        _server.Status = HttpStatusCode.BadGateway;
        return Refused(Image(ImageCorpus.Raw, "raw"), FaultKind.Unavailable, "try again later");
    }

    [Theory]
    [InlineData("ftp://example.org/image")]
    [InlineData("relative/path")]
    public Task Other_sources_are_refused(string source) =>
        Refused(Image(ImageCorpus.Raw, "raw") with { Source = source }, FaultKind.Internal, "neither a file path nor");

    [Fact]
    public Task A_file_that_is_gone_is_not_found() =>
        Refused(Image(ImageCorpus.Raw, "raw") with { Source = Path.Combine(_folder.FullName, "gone") }, FaultKind.NotFound, "could not be found");

    [Fact]
    public async Task Images_that_no_guest_uses_go_when_the_cache_is_full()
    {
        _options = _options with { ImageCacheBytes = 0 };
        await Cache().LinkInto(Guest(1), Image(ImageCorpus.Raw, "raw"), default);
        Assert.Single(Cached());

        Directory.Delete(Guest(1), recursive: true);
        await Cache().LinkInto(Guest(2), Image(ImageCorpus.Qcow2, "qcow2"), default);

        Assert.EndsWith(".qcow2", Assert.Single(Cached()), StringComparison.Ordinal);
    }

    private async Task Refused(GuestImage image, FaultKind kind, string words)
    {
        var fault = await Assert.ThrowsAsync<Fault>(() => Cache().LinkInto(Guest(1), image, default));

        Assert.Equal(kind, fault.Kind);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.Empty(Cached());
    }

    private ImageCache Cache() =>
        new(_options, new ImageDownload(_options, new HttpClient(_server, disposeHandler: false), TimeProvider.System), new DiskTools(_options, TimeProvider.System), TimeProvider.System);

    private string Guest(int number) => Directory.CreateDirectory(Path.Combine(_folder.FullName, "guests", $"{number}")).FullName;

    private string[] Cached() => Directory.GetFiles(Path.Combine(_folder.FullName, "images"));

    private GuestImage Image(byte[] bytes, string format)
    {
        _server.Content = bytes;
        return new()
        {
            Id = "../../etc/passwd",
            DiskFormat = format,
            Size = bytes.Length,
            HashAlgorithm = "sha256",
            Hash = Convert.ToHexString(SHA256.HashData(bytes)),
            Source = "http://images.test/image",
        };
    }

    private sealed class Server : HttpMessageHandler
    {
        private int _requests;

        public byte[] Content { get; set; } = [];

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public TaskCompletionSource? Hold { get; set; }

        public int? BreaksAfter { get; set; }

        public bool KnowsRanges { get; set; } = true;

        public int Requests => _requests;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            if (Hold is not null)
                await Hold.Task.WaitAsync(cancellationToken);
            var from = KnowsRanges ? (int)(request.Headers.Range?.Ranges.First().From ?? 0) : 0;
            var broken = BreaksAfter is { } bytes && (KnowsRanges || _requests == 1) ? bytes : (int?)null;
            return new(from > 0 ? HttpStatusCode.PartialContent : Status) { Content = new StreamContent(new Line(Content[from..], broken)) };
        }
    }

    /// <summary>Bytes that stop coming after so many.</summary>
    private sealed class Line(byte[] content, int? breaksAfter) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (breaksAfter is not { } most)
                return base.ReadAsync(buffer, cancellationToken);
            return Position < most
                ? base.ReadAsync(buffer[..(int)Math.Min(buffer.Length, most - Position)], cancellationToken)
                : Position == Length ? new(0) : throw new HttpIOException(HttpRequestError.ResponseEnded);
        }
    }
}
