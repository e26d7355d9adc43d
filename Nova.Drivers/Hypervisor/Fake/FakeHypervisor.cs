using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Nova.Drivers.Hypervisor.Fake.Consoles;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Fake;

/// <summary>
/// One fake host. Everything that costs memory is shared with the other hosts of the process or made when it is first needed.
/// </summary>
public sealed partial class FakeHypervisor : IHypervisor, IConsoleLogCapable, IConsoleCapable, IPauseCapable, ISuspendCapable, IRescueCapable, IPasswordCapable, ICrashDumpCapable, IImageCacheCapable, INicCapable
{
    private readonly FakeHypervisors _all;
    private readonly int _number;
    private readonly Lock _gate = new();
    private HashSet<Guid>? _guests;
    private HashSet<string>? _images;
    private List<Channel<GuestStatus>>? _watchers;
    private FakeConsoles? _consoles;

    internal FakeHypervisor(FakeHypervisors all, int number) => (_all, _number) = (all, number);

    /// <inheritdoc />
    public string Type => "fake";

    /// <summary>The hypervisor's host name.</summary>
    public string Name => _all.NameOf(_number);

    /// <inheritdoc />
    public async Task<HostInventory> Inspect(CancellationToken ct)
    {
        await Scripted("inspect", Guid.Empty, "", () => Task.CompletedTask, ct);
        var profile = _all.ProfileOf(_number);
        return new()
        {
            HypervisorHostname = Name, HypervisorType = Type, HypervisorVersion = 1_000_000,
            Vcpus = profile.Vcpus, MemoryMb = profile.MemoryMb, DiskGb = profile.DiskGb,
            CpuInfo = """{"arch": "x86_64", "model": "fake", "vendor": "nova-host", "features": [], "topology": {"sockets": 1, "cores": 1, "threads": 1}}""",
            Traits = TraitsOf(profile), Hardware = profile.Hardware, Metrics = profile.Metrics, SupportedInstances = profile.SupportedInstances,
        };
    }

    // Cores with several threads are a trait of their own.
    private static IReadOnlyList<string> TraitsOf(HostProfile profile) =>
        profile.Hardware?.Cells.Any(cell => cell.Threads > 1) == true ? [.. profile.Traits.Union(["HW_CPU_HYPERTHREADING"])] : profile.Traits;

    /// <inheritdoc />
    public async Task<IReadOnlyList<GuestStatus>> ListGuests(CancellationToken ct)
    {
        await Scripted("list", Guid.Empty, "", () => Task.CompletedTask, ct);
        lock (_gate)
            return [.. (_guests ?? []).Select(id => _all.Guests.Find(_number, id)).OfType<FakeGuest>().Select(g => g.Status)];
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<GuestStatus> Watch([EnumeratorCancellation] CancellationToken ct)
    {
        var changes = Channel.CreateUnbounded<GuestStatus>();
        lock (_gate)
            (_watchers ??= []).Add(changes);
        try
        {
            await foreach (var change in changes.Reader.ReadAllAsync(ct))
                yield return change;
        }
        finally
        {
            lock (_gate)
                _watchers.Remove(changes);
        }
    }

    /// <inheritdoc />
    public Task Ensure(GuestSpec guest, CancellationToken ct)
    {
        var script = FaultScript.Of(guest);
        return Scripted("spawn", guest.ServerId, script, () => Spawn(guest, script), ct);
    }

    /// <inheritdoc />
    public async Task SetPower(GuestSpec guest, PowerChange change, CancellationToken ct)
    {
        var found = Mine(guest.ServerId) ?? throw Fault.NotFound($"Instance {guest.ServerId} could not be found.");
        await ((change.To, change.Restart) switch
        {
            (Power.On, true) => Scripted("reboot", found.Id, found.Script, () => Reboot(found, change.Timeout, ct), ct),
            (Power.On, false) => Scripted(found.Power switch { Power.Paused => "unpause", Power.Suspended => "resume", _ => "power_on" }, found.Id, found.Script, () => TurnOn(found), ct),
            (Power.Off, _) => Scripted("power_off", found.Id, found.Script, () => TurnOff(found, change.Timeout, ct), ct),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change.To, "A guest is turned on or off."),
        });
    }

    /// <inheritdoc />
    public Task Pause(GuestSpec guest, CancellationToken ct) => Rest("pause", guest, Power.Paused, ct);

    /// <inheritdoc />
    public Task Suspend(GuestSpec guest, CancellationToken ct) => Rest("suspend", guest, Power.Suspended, ct);

    /// <inheritdoc />
    public Task Rescue(GuestSpec guest, TimeSpan timeout, CancellationToken ct)
    {
        var found = Mine(guest.ServerId) ?? throw Fault.NotFound($"Instance {guest.ServerId} could not be found.");
        return Scripted(guest.Rescue is null ? "unrescue" : "rescue", found.Id, found.Script, () => Reboot(found, timeout, ct), ct);
    }

    /// <inheritdoc />
    public Task SetNics(GuestSpec guest, CancellationToken ct)
    {
        var found = Mine(guest.ServerId) ?? throw Fault.NotFound($"Instance {guest.ServerId} could not be found.");
        var nics = string.Join(',', guest.Nics.Select(nic => nic.PortId.ToString("N")));
        return Scripted("interfaces", found.Id, found.Script, () => found.Nics == nics ? Task.CompletedTask : Save(found with { Nics = nics }), ct);
    }

    /// <summary>The ports of a guest's interfaces, once they were changed; null before that, and where there is no guest; for tests.</summary>
    public IReadOnlyList<Guid>? NicsOf(Guid serverId) =>
        Mine(serverId)?.Nics?.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => Guid.ParseExact(id, "N")).ToList();

    /// <inheritdoc />
    public Task SetAdminPassword(GuestSpec guest, Secret password, CancellationToken ct) => Touch("password", guest, ct);

    /// <inheritdoc />
    public Task TriggerCrashDump(GuestSpec guest, CancellationToken ct) => Touch("crash_dump", guest, ct);

    /// <inheritdoc />
    public async Task Destroy(Guid serverId, CancellationToken ct) =>
        await Scripted("destroy", serverId, Mine(serverId)?.Script ?? "", () => Remove(serverId), ct);

    /// <inheritdoc />
    public async Task<string> ReadConsoleLog(Guid serverId, int? lines, CancellationToken ct)
    {
        var guest = Mine(serverId);
        await Scripted("console", serverId, guest?.Script ?? "", () => Task.CompletedTask, ct);
        return guest is null ? "" : FakeConsole.Log(guest, Name, lines);
    }

    /// <inheritdoc />
    public async Task<ConsolePlace> FindConsole(Guid serverId, ConsoleKind kind, CancellationToken ct)
    {
        var guest = Mine(serverId) ?? throw ConsoleFaults.NoGuest(serverId);
        await Scripted("console", serverId, guest.Script, () => Task.CompletedTask, ct);
        return FakeConsoles.Find(Name, kind);
    }

    /// <inheritdoc />
    public async Task<IConsoleStream> OpenConsole(Guid serverId, ConsoleKind kind, CancellationToken ct)
    {
        await FindConsole(serverId, kind, ct);
        var guest = Mine(serverId) ?? throw ConsoleFaults.NoGuest(serverId);
        return LazyInitializer.EnsureInitialized(ref _consoles).Open(guest, kind);
    }

    /// <inheritdoc />
    public Task CacheImage(GuestImage image, CancellationToken ct) => Scripted("cache_image", Guid.Empty, "", () => Keep(image.Id), ct);

    /// <summary>The images that the host was told to cache, since the driver started; for tests.</summary>
    public IReadOnlyCollection<string> CachedImages
    {
        get
        {
            lock (_gate)
                return [.. _images ?? []];
        }
    }

    /// <summary>Ends a guest as a crash of its process does; for tests.</summary>
    public Task Crash(Guid serverId) => Mine(serverId) is { } guest ? TurnOff(guest, TimeSpan.Zero, default) : Task.CompletedTask;

    /// <summary>A running guest that this installation did not make; for tests.</summary>
    public Task AddForeign(Guid id, string name) => Save(new(_number, id, name, Power.On, false, 1, ""));

    /// <summary>Ends nothing: the file belongs to all hosts of the process, and guests outlive the driver.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal void Recall(Guid guest) => (_guests ??= []).Add(guest);

    private Task Keep(string image)
    {
        lock (_gate)
            (_images ??= []).Add(image);
        return Task.CompletedTask;
    }

    private FakeGuest? Mine(Guid id)
    {
        var guest = _all.Guests.Find(_number, id);
        return guest is { Known: false }
            ? throw Fault.Conflict($"The guest {guest.Name} was not made by this installation and is left alone.")
            : guest;
    }

    private Task Spawn(GuestSpec spec, string script) => Mine(spec.ServerId) is { } guest
        ? TurnOn(guest with { Script = script })
        : Save(new(_number, spec.ServerId, spec.InstanceName, Power.On, true, 1, script));

    private Task TurnOn(FakeGuest guest) => guest.Power switch
    {
        Power.On => Task.CompletedTask,
        Power.Paused or Power.Suspended => Save(guest with { Power = Power.On }),
        _ => Save(guest with { Power = Power.On, Starts = guest.Starts + 1 }),
    };

    private Task Touch(string operation, GuestSpec guest, CancellationToken ct)
    {
        var found = Mine(guest.ServerId) ?? throw Fault.NotFound($"Instance {guest.ServerId} could not be found.");
        return Scripted(operation, found.Id, found.Script, () => found.Power == Power.Off
            ? throw Fault.Conflict($"Instance {guest.ServerId} is not running.")
            : Task.CompletedTask, ct);
    }

    private Task Rest(string operation, GuestSpec guest, Power power, CancellationToken ct)
    {
        var found = Mine(guest.ServerId) ?? throw Fault.NotFound($"Instance {guest.ServerId} could not be found.");
        return Scripted(operation, found.Id, found.Script, () => found.Power switch
        {
            var already when already == power => Task.CompletedTask,
            Power.Off => throw Fault.Conflict($"Instance {guest.ServerId} is not running."),
            _ => Save(found with { Power = power }),
        }, ct);
    }

    private async Task TurnOff(FakeGuest guest, TimeSpan timeout, CancellationToken ct)
    {
        if (guest.Power == Power.Off)
            return;

        if (timeout > TimeSpan.Zero && FaultScript.Value(guest.Script, "ignore_shutdown") == "true")
            await Task.Delay(timeout, _all.Time, ct);
        await Save(guest with { Power = Power.Off });
    }

    private async Task Reboot(FakeGuest guest, TimeSpan timeout, CancellationToken ct)
    {
        await TurnOff(guest, timeout, ct);
        await TurnOn(guest with { Power = Power.Off });
    }

    private async Task Remove(Guid id)
    {
        if (Mine(id) is not { } guest)
            return;

        lock (_gate)
            _guests?.Remove(id);
        await _all.Guests.Remove(guest);
        _consoles?.End(id);
        if (guest.Power == Power.On)
            Tell(guest.Status with { Power = Power.Off });
    }

    private async Task Save(FakeGuest guest)
    {
        lock (_gate)
            Recall(guest.Id);
        await _all.Guests.Put(guest);
        Tell(guest.Status);
    }

    private void Tell(GuestStatus status)
    {
        if (status.Power == Power.Off)
            _consoles?.End(status.ServerId);
        lock (_gate)
            foreach (var watcher in _watchers ?? [])
                watcher.Writer.TryWrite(status);
    }

    private async Task Scripted(string operation, Guid guest, string script, Func<Task> work, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var rules = _all.Script.Take(Name, operation, guest, script);
        foreach (var rule in rules.Where(r => r.DelayMs != 0))
            await Task.Delay(rule.DelayMs < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(rule.DelayMs), _all.Time, ct);
        FailIf(rules, operation, late: false);
        try
        {
            await work();
        }
        catch (IOException e)
        {
            throw new Fault(FaultKind.Internal, Message.Of($"The host could not record the guest."), $"{Name}: {e.Message}") { IsTransient = true };
        }

        FailIf(rules, operation, late: true);
    }

    private void FailIf(List<FakeRule> rules, string operation, bool late)
    {
        if (rules.Find(r => r.Fail != FakeFailure.None && r.Late == late) is not { } rule)
            return;

        var kind = rule.Fail == FakeFailure.Transient ? FaultKind.Unavailable : FaultKind.Internal;
        throw new Fault(kind, Message.Of($"The fake hypervisor was told to fail at {operation}."), $"{Name}: {rule}");
    }
}
