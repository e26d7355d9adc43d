using Nova.Modules.Compute;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Images;
using Nova.Modules.Shared;
using Nova.Tests.Support;

namespace Nova.Tests.Drivers;

/// <summary>
/// What every hypervisor driver does alike. A driver's test class says how to start the driver, what a guest is there, and
/// how to do to it what only the world outside does.
/// </summary>
public abstract class HypervisorContract : IAsyncLifetime
{
    private readonly List<GuestSpec> _made = [];
    private IHypervisor? _hypervisor;

    /// <summary>The driver under test.</summary>
    protected IHypervisor Hypervisor => _hypervisor ?? throw new InvalidOperationException("The driver has not been started.");

    /// <summary>Starts the driver. Called again after it was disposed of: on the same data, as after a restart of the process.</summary>
    protected abstract Task<IHypervisor> Start();

    /// <summary>A guest that runs but need not boot, hear the power button or write anything; a new one at each call.</summary>
    protected abstract GuestSpec NewGuest();

    /// <summary>A guest that boots, writes <see cref="ConsoleMarker"/> to its console, and then obeys the power button.</summary>
    protected abstract Task<GuestSpec> NewBootingGuest();

    /// <summary>What <see cref="NewBootingGuest"/> writes when it is ready.</summary>
    protected abstract string ConsoleMarker { get; }

    /// <summary>Ends the guest behind the driver's back, as a crash of its process does.</summary>
    protected abstract Task KillFromOutside(GuestSpec guest);

    /// <summary>A running guest that somebody else made.</summary>
    protected abstract Task<Guid> MakeForeignGuest();

    /// <summary>An interface whose tap is there.</summary>
    protected abstract Task<NicSpec> NewNic();

    /// <summary>The ports of the interfaces that a running guest has.</summary>
    protected abstract Task<IEnumerable<Guid>> NicsOf(GuestSpec guest);

    /// <summary>Completes when the guest's own system runs.</summary>
    protected async Task HasBooted(GuestSpec guest)
    {
        if (Hypervisor is IConsoleLogCapable consoles)
            await Eventually.Is(async () => (await consoles.ReadConsoleLog(guest.ServerId, null, default)).Contains(ConsoleMarker, StringComparison.Ordinal));
    }

    /// <summary>An interface on a network of its own.</summary>
    protected static NicSpec SomeNic()
    {
        var port = new Ids(TimeProvider.System).Next();
        return new() { PortId = port, Mac = "fa:16:3e:" + Convert.ToHexStringLower(port.ToByteArray()[^3..]).Insert(2, ":").Insert(5, ":"), Network = new() { Id = Guid.NewGuid() } };
    }

    /// <inheritdoc />
    public virtual async Task InitializeAsync() => _hypervisor = await Start();

    /// <inheritdoc />
    public virtual async Task DisposeAsync()
    {
        foreach (var guest in _made)
            await Hypervisor.Destroy(guest.ServerId, default);
        await Hypervisor.DisposeAsync();
    }

    [ContractFact]
    public async Task A_guest_is_made_once_however_often_it_is_asked_for()
    {
        var guest = await Made();
        await Hypervisor.Ensure(guest, default);

        var status = Assert.Single(await Hypervisor.ListGuests(default), g => g.ServerId == guest.ServerId);
        Assert.Equal(new(guest.ServerId, Power.On, true, guest.InstanceName), status);
    }

    [ContractFact]
    public async Task A_guest_turns_off_and_on_and_repeating_it_changes_nothing()
    {
        var guest = await Made();

        foreach (var power in (Power[])[Power.Off, Power.Off, Power.On, Power.On])
        {
            await Hypervisor.SetPower(guest, new(power, TimeSpan.Zero), default);
            Assert.Equal(power, await PowerOf(guest));
        }
    }

    [ContractFact]
    public async Task A_guest_that_is_off_runs_again_when_it_is_asked_for()
    {
        var guest = await Made();
        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);

        await Hypervisor.Ensure(guest, default);

        Assert.Equal(Power.On, await PowerOf(guest));
    }

    [ContractFact]
    public async Task A_restart_is_seen_as_off_and_on()
    {
        var guest = await Made();
        await using var changes = Follow(guest);

        await Hypervisor.SetPower(guest, new(Power.On, TimeSpan.Zero, Restart: true), default);

        Assert.Equal(Power.Off, await changes.Next());
        Assert.Equal(Power.On, await changes.Next());
        Assert.Equal(Power.On, await PowerOf(guest));
    }

    [ContractFact]
    public async Task A_restart_of_a_guest_that_is_off_turns_it_on()
    {
        var guest = await Made();
        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);

        await Hypervisor.SetPower(guest, new(Power.On, TimeSpan.Zero, Restart: true), default);

        Assert.Equal(Power.On, await PowerOf(guest));
    }

    [ContractFact]
    public async Task Changes_are_told_as_they_happen()
    {
        var guest = NewGuest();
        await using var changes = Follow(guest);

        await Make(guest);
        Assert.Equal(Power.On, await changes.Next());

        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);
        Assert.Equal(Power.Off, await changes.Next());
    }

    [ContractFact]
    public async Task Watching_ends_when_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var watching = Hypervisor.Watch(stop.Token).GetAsyncEnumerator(stop.Token);
        var next = watching.MoveNextAsync();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next.AsTask().WaitAsync(Eventually.Limit));
        await watching.DisposeAsync();
    }

    [ContractFact]
    public async Task Destroying_leaves_nothing_and_may_be_repeated()
    {
        var guest = await Made();

        await Hypervisor.Destroy(guest.ServerId, default);
        await Hypervisor.Destroy(guest.ServerId, default);

        Assert.DoesNotContain(await Hypervisor.ListGuests(default), g => g.ServerId == guest.ServerId);
    }

    [ContractFact]
    public async Task A_guest_that_is_off_can_be_destroyed()
    {
        var guest = await Made();
        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);

        await Hypervisor.Destroy(guest.ServerId, default);

        Assert.DoesNotContain(await Hypervisor.ListGuests(default), g => g.ServerId == guest.ServerId);
    }

    [ContractFact]
    public async Task What_was_destroyed_can_be_made_again()
    {
        var guest = await Made();
        await Hypervisor.Destroy(guest.ServerId, default);

        await Hypervisor.Ensure(guest, default);

        Assert.Equal(Power.On, await PowerOf(guest));
    }

    [ContractFact]
    public async Task Guests_outlive_the_driver()
    {
        var on = await Made();
        var off = await Made();
        await Hypervisor.SetPower(off, new(Power.Off, TimeSpan.Zero), default);

        await Restart();

        Assert.Equal((Power.On, Power.Off), (await PowerOf(on), await PowerOf(off)));
        await Hypervisor.SetPower(on, new(Power.Off, TimeSpan.Zero), default);
        await Hypervisor.SetPower(off, new(Power.On, TimeSpan.Zero), default);
        Assert.Equal((Power.Off, Power.On), (await PowerOf(on), await PowerOf(off)));
    }

    [ContractFact]
    public async Task A_guest_that_dies_is_off_and_can_be_turned_on()
    {
        var guest = await Made();
        await using var changes = Follow(guest);

        await KillFromOutside(guest);

        Assert.Equal(Power.Off, await changes.Next());
        Assert.Equal(Power.Off, await PowerOf(guest));
        await Hypervisor.SetPower(guest, new(Power.On, TimeSpan.Zero), default);
        Assert.Equal(Power.On, await PowerOf(guest));
    }

    [ContractFact]
    public async Task A_guest_of_others_is_reported_and_left_alone()
    {
        var foreign = await MakeForeignGuest();

        var fault = await Assert.ThrowsAsync<Fault>(() => Hypervisor.Destroy(foreign, default));

        Assert.Equal(FaultKind.Conflict, fault.Kind);
        var status = Assert.Single(await Hypervisor.ListGuests(default), g => g.ServerId == foreign);
        Assert.False(status.Known);
        Assert.Equal(Power.On, status.Power);
    }

    [ContractFact]
    public async Task A_guest_that_does_not_shut_down_is_turned_off()
    {
        var guest = await Made();

        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.FromSeconds(1)), default);

        Assert.Equal(Power.Off, await PowerOf(guest));
    }

    [ContractFact]
    public async Task The_console_log_ends_with_the_last_lines_and_goes_with_the_guest()
    {
        if (Hypervisor is not IConsoleLogCapable consoles)
            return;

        var guest = await Made(await NewBootingGuest());
        await Eventually.Is(async () => (await consoles.ReadConsoleLog(guest.ServerId, null, default)).Contains(ConsoleMarker, StringComparison.Ordinal));

        var last = await consoles.ReadConsoleLog(guest.ServerId, 5, default);
        Assert.InRange(last.TrimEnd('\n').Split('\n').Length, 1, 5);
        Assert.EndsWith(last, await consoles.ReadConsoleLog(guest.ServerId, 50, default), StringComparison.Ordinal);

        await Hypervisor.SetPower(guest, new(Power.Off, Eventually.Limit), default);
        Assert.Equal(Power.Off, await PowerOf(guest));
        await Hypervisor.Destroy(guest.ServerId, default);
        Assert.Equal("", await consoles.ReadConsoleLog(guest.ServerId, null, default));
    }

    [ContractFact]
    public async Task A_console_ends_with_its_guest()
    {
        if (Hypervisor is not IConsoleCapable consoles)
            return;

        var guest = await Made();
        Assert.InRange((await consoles.FindConsole(guest.ServerId, ConsoleKind.Serial, default)).Port, 0, 65_535);
        await using var console = await consoles.OpenConsole(guest.ServerId, ConsoleKind.Serial, default);
        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);

        using var limit = new CancellationTokenSource(Eventually.Limit);
        while ((await console.Read(limit.Token)).Length > 0)
        {
        }

        Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => consoles.OpenConsole(guest.ServerId, ConsoleKind.Serial, default))).Kind);
        await Hypervisor.Destroy(guest.ServerId, default);
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(() => consoles.FindConsole(guest.ServerId, ConsoleKind.Serial, default))).Kind);
    }

    [ContractFact]
    public async Task A_paused_guest_stands_still_until_it_is_turned_on()
    {
        if (Hypervisor is not IPauseCapable pauses)
            return;

        var guest = await Made();
        await using var changes = Follow(guest);
        await pauses.Pause(guest, default);
        await pauses.Pause(guest, default);
        Assert.Equal(Power.Paused, await changes.Next());
        Assert.Equal(Power.Paused, await PowerOf(guest));

        await Hypervisor.SetPower(guest, new(Power.On, TimeSpan.Zero), default);
        Assert.Equal(Power.On, await changes.Next());
        Assert.Equal(Power.On, await PowerOf(guest));
        await pauses.Pause(guest, default);
        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.FromSeconds(1)), default);
        Assert.Equal(Power.Off, await PowerOf(guest));
        Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => pauses.Pause(guest, default))).Kind);
    }

    [ContractFact]
    public async Task A_suspended_guest_outlives_the_driver_and_comes_back_when_it_is_turned_on()
    {
        if (Hypervisor is not ISuspendCapable)
            return;

        var guest = await Made();
        await ((ISuspendCapable)Hypervisor).Suspend(guest, default);
        await ((ISuspendCapable)Hypervisor).Suspend(guest, default);
        Assert.Equal(Power.Suspended, await PowerOf(guest));

        await Restart();
        Assert.Equal(Power.Suspended, await PowerOf(guest));
        await Hypervisor.SetPower(guest, new(Power.On, TimeSpan.Zero), default);
        Assert.Equal(Power.On, await PowerOf(guest));
        await ((ISuspendCapable)Hypervisor).Suspend(guest, default);
        await Hypervisor.SetPower(guest, new(Power.On, TimeSpan.Zero, Restart: true), default);
        Assert.Equal(Power.On, await PowerOf(guest));
        await ((ISuspendCapable)Hypervisor).Suspend(guest, default);
        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);
        Assert.Equal(Power.Off, await PowerOf(guest));
        Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => ((ISuspendCapable)Hypervisor).Suspend(guest, default))).Kind);
    }

    [ContractFact]
    public async Task A_rescued_guest_runs_from_another_image_and_comes_back_to_its_own_disk()
    {
        if (Hypervisor is not IRescueCapable rescue)
            return;

        var guest = await Made();
        var rescued = guest with { Rescue = new(guest.Image ?? new() { Id = Guid.NewGuid().ToString(), DiskFormat = "raw", Size = 1, Source = "/nowhere" }, new("s3cret")) };
        await using var changes = Follow(guest);
        await rescue.Rescue(rescued, TimeSpan.Zero, default);
        Assert.Equal((Power.Off, Power.On), (await changes.Next(), await changes.Next()));
        Assert.Equal(Power.On, await PowerOf(guest));

        await rescue.Rescue(rescued, TimeSpan.Zero, default);
        await rescue.Rescue(guest, TimeSpan.Zero, default);
        Assert.Equal(Power.On, await PowerOf(guest));
        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);
        await rescue.Rescue(rescued, TimeSpan.Zero, default);
        Assert.Equal(Power.On, await PowerOf(guest));
    }

    [ContractFact]
    public async Task A_crash_dump_is_asked_of_a_guest_that_runs()
    {
        if (Hypervisor is not ICrashDumpCapable crash)
            return;

        var guest = await Made();
        await crash.TriggerCrashDump(guest, default);
        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);
        Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => crash.TriggerCrashDump(guest, default))).Kind);
    }

    [ContractFact]
    public async Task A_copy_of_a_disk_is_a_whole_image_and_the_guest_stays_as_it_was()
    {
        var copies = Assert.IsAssignableFrom<ISnapshotCapable>(Hypervisor);
        var guest = await Made();

        await CopyIsWhole(copies, guest);
        Assert.Equal(Power.On, await PowerOf(guest));
        if (Hypervisor is IPauseCapable pauses)
        {
            await pauses.Pause(guest, default);
            await CopyIsWhole(copies, guest);
            Assert.Equal(Power.Paused, await PowerOf(guest));
        }

        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);
        await CopyIsWhole(copies, guest);
        Assert.Equal(Power.Off, await PowerOf(guest));
        await Hypervisor.SetPower(guest, new(Power.On, TimeSpan.Zero), default);
        Assert.Equal(Power.On, await PowerOf(guest));
        Assert.Equal(FaultKind.NotFound, (await Assert.ThrowsAsync<Fault>(() => copies.CopyDisk(NewGuest(), Guid.NewGuid(), default))).Kind);
    }

    [ContractFact]
    public async Task What_a_running_guest_uses_is_counted()
    {
        var driver = Assert.IsAssignableFrom<IDiagnosticsCapable>(Hypervisor);

        // One that boots: a guest without a system stops before the kernel has counted a tick of it.
        var guest = await Made(await NewBootingGuest());
        await HasBooted(guest);

        var figures = await driver.Diagnose(guest, default);
        Assert.Equal(guest.Flavor.Vcpus, figures.Cpus.Count);
        Assert.All(figures.Cpus, cpu => Assert.True(cpu.TimeNs > 0));
        Assert.Equal((long)guest.Flavor.MemoryMb << 10, figures.MemoryKb);
        Assert.NotEmpty(figures.Disks);
        Assert.Equal(guest.Nics.Select(n => n.Mac), figures.Nics.Select(n => n.Mac));

        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);
        Assert.Equal(FaultKind.Conflict, (await Assert.ThrowsAsync<Fault>(() => driver.Diagnose(guest, default))).Kind);
    }

    // Asked for twice it is the same; QEMU could read it, and it needs no other file.
    private static async Task CopyIsWhole(ISnapshotCapable copies, GuestSpec guest)
    {
        var name = Guid.NewGuid();
        var facts = await copies.CopyDisk(guest, name, default);
        Assert.Equal(facts, await copies.CopyDisk(guest, name, default));

        var inspector = new ImageInspector("copy", facts.DiskFormat, 1L << 40);
        await using (var bytes = await copies.OpenCopy(guest, name, default))
        {
            Assert.Equal(facts.Bytes, bytes.Length);
            var buffer = new byte[1 << 16];
            for (int n; (n = await bytes.ReadAsync(buffer)) > 0;)
                inspector.Feed(buffer.AsSpan(0, n));
        }

        Assert.Equal((long)guest.Flavor.RootGb << 30, inspector.Finish().VirtualSize);
        await copies.DropCopy(guest, name, default);
        await copies.DropCopy(guest, name, default);
    }

    [ContractFact]
    public async Task Interfaces_come_and_go_while_a_guest_runs()
    {
        if (Hypervisor is not INicCapable nics)
            return;

        var guest = await Made(await NewBootingGuest());
        await HasBooted(guest);
        var (first, second) = (await NewNic(), await NewNic());
        await nics.SetNics(guest = guest with { Nics = [first, second] }, default);
        await nics.SetNics(guest, default);
        Assert.Equal([first.PortId, second.PortId], await NicsOf(guest));

        await nics.SetNics(guest = guest with { Nics = [second] }, default);
        await nics.SetNics(guest, default);
        Assert.Equal([second.PortId], await NicsOf(guest));

        // One that is off has them when it runs again.
        await Hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), default);
        await nics.SetNics(guest = guest with { Nics = [first, second] }, default);
        await Hypervisor.SetPower(guest, new(Power.On, TimeSpan.Zero), default);
        Assert.Equal([first.PortId, second.PortId], await NicsOf(guest));
    }

    [ContractFact]
    public async Task An_image_is_cached_however_often_it_is_asked_for()
    {
        var cache = Assert.IsAssignableFrom<IImageCacheCapable>(Hypervisor);
        var guest = NewGuest();
        var image = guest.Image ?? new() { Id = Guid.NewGuid().ToString(), DiskFormat = "raw", Size = 1, Source = "/nowhere" };

        await cache.CacheImage(image, default);
        await cache.CacheImage(image, default);

        Assert.Equal(Power.On, await PowerOf(await Made(guest)));
    }

    [ContractFact]
    public async Task The_host_says_what_it_has()
    {
        var inventory = await Hypervisor.Inspect(default);

        Assert.NotEmpty(inventory.HypervisorHostname);
        Assert.Equal(Hypervisor.Type, inventory.HypervisorType);
        Assert.True(inventory is { Vcpus: > 0, MemoryMb: > 0, DiskGb: > 0, HypervisorVersion: > 0 });
        Assert.NotEmpty(inventory.SupportedInstances);
    }

    /// <summary>A new guest that runs, and is destroyed after the test.</summary>
    protected Task<GuestSpec> Made() => Made(NewGuest());

    /// <summary>This guest runs, and is destroyed after the test.</summary>
    protected async Task<GuestSpec> Made(GuestSpec guest)
    {
        await Make(guest);
        return guest;
    }

    /// <summary>The driver ends and starts again.</summary>
    protected async Task Restart()
    {
        await Hypervisor.DisposeAsync();
        _hypervisor = await Start();
    }

    /// <summary>The guest's power in the list.</summary>
    protected async Task<Power> PowerOf(GuestSpec guest) =>
        (await Hypervisor.ListGuests(default)).Single(g => g.ServerId == guest.ServerId).Power;

    /// <summary>Follows the guest's changes from now on.</summary>
    protected GuestChanges Follow(GuestSpec guest) => new(Hypervisor, guest.ServerId);

    private async Task Make(GuestSpec guest)
    {
        _made.Add(guest);
        await Hypervisor.Ensure(guest, default);
    }
}
