using FluentAssertions;
using Nova.Drivers.Hypervisor.Fake;
using Nova.Modules.Compute;
using Nova.Modules.Shared;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Drivers.Fake;

public sealed class FakeHypervisorTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("nova-fake-").FullName;
    private readonly ManualTime _time = new();
    private FakeHypervisors? _all;

    private FakeHypervisors All => _all ??= new(new FakeOptions(), 4, _directory, _time);

    private FakeHypervisor Host => All.Hosts[0];

    private string GuestLog => Path.Combine(_directory, "guests.log");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Close();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_guest_says_at_which_call_and_how_often_it_fails()
    {
        var guest = FakeGuests.New(("fake:fail_at", "spawn"), ("fake:fail_times", "2"), ("fake:fail_kind", "transient"));

        for (var i = 0; i < 2; i++)
            (await Host.Awaiting(h => h.Ensure(guest, default)).Should().ThrowAsync<Fault>()).Which.IsTransient.Should().BeTrue();

        await Host.Ensure(guest, default);
        (await Host.ListGuests(default)).Should().ContainSingle();
    }

    [Fact]
    public async Task A_late_failure_has_done_its_work()
    {
        var guest = FakeGuests.New(("fake:fail_at", "spawn"), ("fake:fail_late", "true"));

        (await Host.Awaiting(h => h.Ensure(guest, default)).Should().ThrowAsync<Fault>()).Which.IsTransient.Should().BeFalse();

        (await Host.ListGuests(default)).Should().ContainSingle();
    }

    [Fact]
    public async Task A_guests_instructions_outlive_the_process()
    {
        var guest = FakeGuests.New(("fake:fail_at", "destroy"), ("fake:fail_times", "1"));
        await Host.Ensure(guest, default);
        await Close();

        await Host.Awaiting(h => h.Destroy(guest.ServerId, default)).Should().ThrowAsync<Fault>();

        await Host.Destroy(guest.ServerId, default);
        (await Host.ListGuests(default)).Should().BeEmpty();
    }

    [Fact]
    public async Task Flavors_and_images_bring_instructions_too()
    {
        var keys = new Dictionary<string, string> { ["fake:fail_at"] = "spawn", ["hw:other"] = "x" };
        var byFlavor = FakeGuests.New() with { Flavor = new() { Name = "f", Vcpus = 1, MemoryMb = 1, RootGb = 0, ExtraSpecs = keys } };
        var byImage = FakeGuests.New() with { Image = new() { Id = "i", DiskFormat = "raw", Size = 1, Source = "/", Properties = keys } };

        await Host.Awaiting(h => h.Ensure(byFlavor, default)).Should().ThrowAsync<Fault>();
        await Host.Awaiting(h => h.Ensure(byImage, default)).Should().ThrowAsync<Fault>();
    }

    [Fact]
    public async Task A_number_that_is_none_is_refused_with_its_key()
    {
        var guest = FakeGuests.New(("fake:delay_ms", "soon"));

        (await Host.Awaiting(h => h.Ensure(guest, default)).Should().ThrowAsync<Fault>()).WithMessage("The instruction fake:delay_ms must be a number, not 'soon'.");
    }

    [Fact]
    public async Task A_delay_takes_the_injected_time()
    {
        var guest = FakeGuests.New(("fake:delay_ms", "5000"));
        var spawning = Host.Ensure(guest, default);

        _time.Advance(TimeSpan.FromMilliseconds(4999));
        spawning.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        await spawning.WaitAsync(Limit);
    }

    [Fact]
    public async Task A_call_that_hangs_ends_when_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var spawning = Host.Ensure(FakeGuests.New(("fake:delay_ms", "-1")), stop.Token);

        await stop.CancelAsync();

        await FluentActions.Awaiting(() => spawning.WaitAsync(Limit)).Should().ThrowAsync<OperationCanceledException>();
        (await Host.ListGuests(default)).Should().BeEmpty();
    }

    [Fact]
    public async Task A_guest_that_ignores_the_power_button_is_off_after_the_timeout()
    {
        var guest = FakeGuests.New(("fake:ignore_shutdown", "true"));
        await Host.Ensure(guest, default);

        var stopping = Host.SetPower(guest, new(Power.Off, TimeSpan.FromSeconds(60)), default);

        stopping.IsCompleted.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(60));
        await stopping.WaitAsync(Limit);
        (await Host.ListGuests(default)).Should().ContainSingle().Which.Power.Should().Be(Power.Off);
    }

    [Fact]
    public async Task A_script_says_what_goes_wrong_at_which_host()
    {
        var script = Path.Combine(_directory, "script.json");
        await File.WriteAllTextAsync(script, """[{"host": "fake-00002", "operation": "spawn", "times": 1, "fail": "Permanent"}, {"operation": "destroy", "times": 1, "fail": "Transient"}]""");
        _all = new(new FakeOptions { ScriptFile = script }, 2, _directory, _time);
        var guest = FakeGuests.New();

        await All.Hosts[0].Ensure(guest, default);
        await All.Hosts[1].Awaiting(h => h.Ensure(guest, default)).Should().ThrowAsync<Fault>();
        await All.Hosts[1].Ensure(guest, default);

        await All.Hosts[1].Awaiting(h => h.Destroy(guest.ServerId, default)).Should().ThrowAsync<Fault>("a rule without a host is for all");
        All.Script.Add(new() { Operation = "list", Fail = FakeFailure.Transient });
        await All.Hosts[0].Awaiting(h => h.ListGuests(default)).Should().ThrowAsync<Fault>();
        All.Script.Clear();
        All.Script.Add(new() { Host = "fake-00002", Fail = FakeFailure.Permanent });
        (await All.Hosts[0].ListGuests(default)).Should().ContainSingle();
    }

    [Fact]
    public void A_script_that_cannot_be_read_names_its_file()
    {
        var script = Path.Combine(_directory, "script.json");
        File.WriteAllText(script, """[{"hots": "fake-00002"}]""");

        FluentActions.Invoking(() => new FakeHypervisors(new() { ScriptFile = script }, 1, _directory, _time))
            .Should().Throw<InvalidDataException>().WithMessage(script + " is not what the fake driver expects: *hots*");
    }

    [Fact]
    public async Task Profiles_size_the_hosts_in_order()
    {
        var profiles = Path.Combine(_directory, "profiles.json");
        await File.WriteAllTextAsync(profiles, """[{"count": 1, "vcpus": 8, "traits": ["HW_A"]}, {"memory_mb": 1024}]""");
        _all = new(new FakeOptions { ProfileFile = profiles }, 3, _directory, _time);

        var hosts = await Task.WhenAll(All.Hosts.Select(h => h.Inspect(default)));

        hosts.Select(h => (h.HypervisorHostname, h.Vcpus, h.MemoryMb)).Should().Equal(
            ("fake-00001", 8, 262_144), ("fake-00002", 64, 1024), ("fake-00003", 64, 1024));
        hosts[0].Traits.Should().Equal("HW_A");
    }

    [Fact]
    public async Task A_torn_last_line_is_cut_off()
    {
        var (whole, torn) = (FakeGuests.New(), FakeGuests.New());
        await Host.Ensure(whole, default);
        await Host.Ensure(torn, default);
        await Close();
        using (var file = File.OpenWrite(GuestLog))
            file.SetLength(file.Length - 5);

        (await Host.ListGuests(default)).Select(g => g.ServerId).Should().Equal(whole.ServerId);

        await Host.Ensure(torn, default);
        await Close();
        (await Host.ListGuests(default)).Should().HaveCount(2);
    }

    [Fact]
    public async Task The_file_is_compacted_and_keeps_its_guests()
    {
        var guest = FakeGuests.New();
        await Host.Ensure(guest, default);
        for (var i = 0; i < 5100; i++)
            await Host.SetPower(guest, new(Power.On, TimeSpan.Zero, Restart: true), default);

        All.Guests.Length.Should().BeLessThan(100_000, "10,200 lines of 70 bytes were written");
        await Close();
        (await Host.ListGuests(default)).Should().ContainSingle().Which.Power.Should().Be(Power.On);
        (await Host.ReadConsoleLog(guest.ServerId, 5, default)).Should().Contain("start 5101");
    }

    [Fact]
    public async Task A_second_process_on_the_same_directory_is_refused()
    {
        await Host.Ensure(FakeGuests.New(), default);

        FluentActions.Invoking(() => new FakeHypervisors(new(), 1, _directory, _time)).Should().Throw<IOException>();
    }

    [Fact]
    public async Task Ten_thousand_hosts_are_cheap_and_keep_their_guests_apart()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        _all = new(new FakeOptions(), 10_000, _directory, _time);
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / 10_000;

        each.Should().BeLessThan(400, "bytes an idle host");
        var guests = All.Hosts.Select(h => (Host: h, Guest: FakeGuests.New())).ToList();
        await Task.WhenAll(guests.Select(g => g.Host.Ensure(g.Guest, default)));
        await Close();
        _all = new(new FakeOptions(), 10_000, _directory, _time);
        for (var i = 0; i < 10_000; i += 97)
            (await All.Hosts[i].ListGuests(default)).Should().ContainSingle().Which.ServerId.Should().Be(guests[i].Guest.ServerId);
    }

    private async Task Close()
    {
        if (_all is not null)
            await _all.DisposeAsync();
        _all = null;
    }
}
