using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Modules.Aggregates.Images;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Hosts;
using Nova.Modules.Identity;
using Nova.Modules.Images;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Aggregates;

/// <summary>Orders are kept until they are done or cannot be, whatever hosts and images do.</summary>
public sealed class ImageOrderTests : IAsyncLifetime, IImageStore, IHostLink
{
    private readonly ManualTime _time = new();
    private readonly List<HostCommand> _sent = [];
    private TestDatabase _home = null!;
    private ImageOrderStore _store = null!;
    private HostDirectory _hosts = null!;
    private ImageOrders _orders = null!;
    private Fault? _answer;

    public Guid HostId { get; } = Guid.NewGuid();

    public async Task InitializeAsync()
    {
        _home = await TestDatabases.Create("sqlite", _time);
        (_store, _hosts) = (new(_home.Database, new(_time), _time), new(_time));
        _orders = new(_store, _hosts, this, new(null!, this), new(), _time, NullLogger<ImageOrders>.Instance);
        _hosts.Connect(this);
    }

    public async Task DisposeAsync() => await _home.DisposeAsync();

    public ValueTask<ImageInfo?> Find(Caller caller, string imageId, CancellationToken ct) => new(imageId switch
    {
        "missing" => null,
        _ => new ImageInfo { Id = imageId, Status = imageId == "queued" ? "queued" : "active", DiskFormat = "raw", Size = 1 },
    });

    public ValueTask<string> SourceFor(string imageId, Guid hostId, CancellationToken ct) => new("/images/" + imageId);

    public Task<HostResult> Send(HostCommand command, CancellationToken ct)
    {
        _sent.Add(command);
        return Task.FromResult(new HostResult(_answer, Power.Unknown));
    }

    public Task<string> ReadConsoleLog(Guid serverId, int? lines, CancellationToken ct) => throw new NotSupportedException();

    public Task<ConsolePlace> FindConsole(Guid serverId, ConsoleKind kind, CancellationToken ct) => throw new NotSupportedException();

    public Task<IConsoleStream> OpenConsole(ConsoleRequest request, CancellationToken ct) => throw new NotSupportedException();

    [Fact]
    public async Task An_order_goes_when_its_host_has_the_image()
    {
        await Order("tiny");

        await _orders.Look(default);

        _sent.Should().ContainSingle().Which.Should().BeOfType<CacheImage>().Which.Image.Source.Should().Be("/images/tiny");
        (await Left()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_host_that_is_away_is_asked_when_it_comes_back_and_given_up_after_a_day()
    {
        _hosts.Disconnect(this);
        await Order("tiny");
        await _orders.Look(default);
        (await Left()).Should().HaveCount(1);

        _hosts.Connect(this);
        await _orders.Look(default);
        _sent.Should().HaveCount(1);

        await Order("other");
        _hosts.Disconnect(this);
        _time.Advance(TimeSpan.FromHours(25));
        await _orders.Look(default);
        (await Left()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_failure_is_tried_again_ever_later_and_five_times_at_most()
    {
        _answer = Fault.Unavailable($"No disk.");
        await Order("tiny");
        await _orders.Look(default);
        await _orders.Look(default);
        _sent.Should().HaveCount(1, "the next try is half a minute later");

        for (var wait = 30; wait <= 30 * 8; wait *= 2)
        {
            _time.Advance(TimeSpan.FromSeconds(wait));
            await _orders.Look(default);
        }

        _sent.Should().HaveCount(5);
        (await Left()).Should().BeEmpty();
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("queued")]
    public async Task What_is_no_active_image_is_given_up(string image)
    {
        await Order(image);

        await _orders.Look(default);

        _sent.Should().BeEmpty();
        (await Left()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_driver_that_keeps_no_images_is_asked_once()
    {
        _answer = Fault.NotImplemented($"The requested functionality is not supported.");
        await Order("tiny");

        await _orders.Look(default);

        (await Left()).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_asked_anew_while_it_is_carried_out_is_carried_out_again()
    {
        await Order("tiny");
        var first = (await _store.Due(default))[0];
        await Order("tiny");

        await _store.Delete(first, default);

        (await Left()).Should().ContainSingle().Which.Id.Should().NotBe(first.Id);
    }

    private Task Order(string image) => _home.Database.Write(tx => _store.Insert(tx, [HostId], image, "req-1"), default);

    private Task<IReadOnlyList<ImageOrder>> Left() => _home.Database.Read(
        rows => rows.Query<ImageOrder>("SELECT id, host_id, image_id, request_id, attempts, created_at FROM image_orders"), default);
}
