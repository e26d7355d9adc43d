using Microsoft.Extensions.Logging.Abstractions;
using Nova.Drivers.Hypervisor.Fake;
using Nova.Modules.Compute;
using Nova.Tests.Drivers.Fake;
using Nova.Tests.Operations;
using Nova.Tests.Support;

namespace Nova.Tests.Cluster;

/// <summary>A host tells what its guests did by themselves, not what commands did.</summary>
public sealed class OwnPowerChangesTests : IAsyncDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("nova-power-");
    private readonly ManualTime _time = new();
    private readonly FakeHypervisors _fake;
    private readonly HostJournal _journal;
    private readonly HostAgent _agent;
    private readonly GuestSpec _guest = FakeGuests.New(), _other = FakeGuests.New();
    private readonly List<(Guid Guest, Power Power)> _told = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    public OwnPowerChangesTests()
    {
        _fake = new(new(), 1, Path.Combine(_directory.FullName, "fake"), TimeProvider.System);
        _journal = new(Path.Combine(_directory.FullName, "host"), new(new byte[32]), _time, NullLogger<HostJournal>.Instance);
        _agent = new(Guid.NewGuid(), _fake.Hosts[0], new PluggedNetwork(), _journal, _time, NullLogger<HostAgent>.Instance);
        _watching = new OwnPowerChanges(_agent, _time).Watch(
            (status, _) =>
            {
                lock (_told)
                    _told.Add((status.ServerId, status.Power));
                return Task.CompletedTask;
            }, _stop.Token);
    }

    [Fact]
    public async Task A_reboot_is_not_told()
    {
        await Spawn(_guest);
        await Spawn(_other);
        await Send(Turn(_guest, Power.On, 2));

        // Reports come in order: when the crash was read, the reboot was.
        await _fake.Hosts[0].Crash(_other.ServerId);
        await Eventually.Is(() => Task.FromResult(_time.Waiting == 2));
        _time.Advance(Moment);
        await Eventually.Is(() => Task.FromResult(Told().Length > 0));
        Assert.Equal([(_other.ServerId, Power.Off)], Told());
    }

    [Fact]
    public async Task A_guest_that_ended_and_was_started_again_is_told_once_each()
    {
        await Spawn(_guest);
        await _fake.Hosts[0].Crash(_guest.ServerId);
        await Eventually.Is(() => Task.FromResult(_time.Waiting == 1));
        Assert.Empty(Told());
        _time.Advance(Moment);
        await Eventually.Is(() => Task.FromResult(Told().Length == 1));
        await _fake.Hosts[0].SetPower(_guest, new(Power.On, TimeSpan.Zero), default);
        await Eventually.Is(() => Task.FromResult(_time.Waiting == 1));
        _time.Advance(Moment);
        await Eventually.Is(() => Task.FromResult(Told().Length == 2));
        Assert.Equal([(_guest.ServerId, Power.Off), (_guest.ServerId, Power.On)], Told());
    }

    [Fact]
    public async Task A_start_whose_report_comes_after_the_stop_that_followed_is_not_told()
    {
        await Spawn(_guest);
        await Spawn(_other);
        await Send(Turn(_guest, Power.Off, 2));

        // Both are on the hypervisor; the journal says Off already when the second start of the guest is read.
        await _fake.Hosts[0].SetPower(_guest, new(Power.On, TimeSpan.Zero), default);
        await _fake.Hosts[0].SetPower(_guest, new(Power.Off, TimeSpan.Zero), default);
        await _fake.Hosts[0].Crash(_other.ServerId);
        await Eventually.Is(() => Task.FromResult(_time.Waiting == 2));
        _time.Advance(Moment);
        await Eventually.Is(() => Task.FromResult(Told().Length > 0));
        Assert.Equal([(_other.ServerId, Power.Off)], Told());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _watching);
        await _journal.DisposeAsync();
        await _fake.DisposeAsync();
        _directory.Delete(recursive: true);
        _stop.Dispose();
    }

    private Task Spawn(GuestSpec guest) => Send(new SpawnGuest(guest) { ServerId = guest.ServerId, Epoch = 1, OperationId = Guid.NewGuid(), Step = "spawn" });

    private static SetGuestPower Turn(GuestSpec guest, Power to, long epoch) =>
        new(new(to, TimeSpan.Zero, Restart: to == Power.On)) { ServerId = guest.ServerId, Epoch = epoch, OperationId = Guid.NewGuid(), Step = "power" };

    private async Task Send(HostCommand command) => Assert.Null((await _agent.Send(command, default)).Fault);

    private (Guid Guest, Power Power)[] Told()
    {
        lock (_told)
            return [.. _told];
    }
}
