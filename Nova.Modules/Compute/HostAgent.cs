using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Compute.Live;
using Nova.Modules.Operations;
using Nova.Modules.Shared;

namespace Nova.Modules.Compute;

/// <summary>
/// The compute role on one host: carries out commands one at a time per guest, refuses those of an older epoch, and
/// remembers in the journal what a reboot must restore. Fencing sits here, so that no driver can forget it.
/// </summary>
public sealed partial class HostAgent(
    Guid hostId, IHypervisor hypervisor, IHostNetwork network, HostJournal journal, TimeProvider time, ILogger<HostAgent> logger, HostCopies? copies = null) : IHostLink
{
    private const int StartsAtOnce = 4;

    private readonly ConcurrentDictionary<Guid, GuestLock> _locks = new();
    private readonly ConcurrentDictionary<Guid, GuestFacts> _learning = new();
    private readonly OpenConsoles _consoles = new();

    /// <inheritdoc />
    public Guid HostId => hostId;

    /// <summary>The driver.</summary>
    public IHypervisor Hypervisor => hypervisor;

    /// <summary>The interfaces of all guests that the host keeps.</summary>
    public IEnumerable<NicSpec> Nics => journal.GuestsOf(hostId).SelectMany(entry => entry.Guest!.Nics);

    /// <inheritdoc />
    public Task<HostResult> Send(HostCommand command, CancellationToken ct) => Send(command, static () => { }, ct);

    /// <summary>The same, telling when the command is durable in the journal; a command that is refused never is.</summary>
    public async Task<HostResult> Send(HostCommand command, Action accepted, CancellationToken ct)
    {
        // The command and its result.
        Measures.RoleCalls.Add(2);
        using var about = LogScope.Enter(new() { ServerId = command.ServerId, OperationId = command.OperationId });
        using var held = await Lock(command.ServerId, ct);
        try
        {
            var known = journal.Find(hostId, command.ServerId);
            if (known is not null && IsStale(command, known))
            {
                logger.RefusedStale(command.ServerId, command.Epoch, known.Epoch);
                return new(new(FaultKind.Conflict, Message.Of($"The command is of an older epoch than the host has seen.")), Power.Unknown);
            }

            return command is SnapshotGuest snapshot ? await Copy(snapshot, known, accepted, ct) : HostResult.Ok(await Carry(command, known, accepted, ct));
        }
        catch (Fault fault)
        {
            return new(fault, Power.Unknown);
        }
    }

    /// <inheritdoc />
    public async Task<string> ReadConsoleLog(Guid serverId, int? lines, CancellationToken ct) =>
        hypervisor is IConsoleLogCapable consoles
            ? await consoles.ReadConsoleLog(serverId, lines, ct)
            : throw Capabilities.NotSupported;

    /// <inheritdoc />
    public Task<ConsolePlace> FindConsole(Guid serverId, ConsoleKind kind, CancellationToken ct) =>
        Consoles(serverId).FindConsole(serverId, kind, ct);

    /// <inheritdoc />
    public Task<IConsoleStream> OpenConsole(ConsoleRequest request, CancellationToken ct) =>
        _consoles.Open(request, Consoles(request.ServerId), ct);

    /// <summary>How many consoles of its guests are open.</summary>
    public int OpenConsoles => _consoles.Count;

    // A guest that a conductor took away has no console here, although it may still be there.
    private IConsoleCapable Consoles(Guid serverId)
    {
        var consoles = Able<IConsoleCapable>();
        return journal.Find(hostId, serverId) is { Guest: not null } ? consoles : throw ConsoleFaults.NoGuest(serverId);
    }

    /// <summary>
    /// What the host keeps: the hypervisor's guests, and those that the journal knows and the hypervisor does not (a spawn
    /// that was cut short may have left interfaces), as turned off.
    /// </summary>
    public async Task<IReadOnlyList<GuestStatus>> ListGuests(CancellationToken ct)
    {
        var running = await hypervisor.ListGuests(ct);
        var known = running.Select(g => g.ServerId).ToHashSet();
        return
        [
            .. running,
            .. journal.GuestsOf(hostId).Where(e => !known.Contains(e.ServerId)).Select(e => new GuestStatus(e.ServerId, Power.Off, true, e.Guest!.InstanceName)),
        ];
    }

    /// <summary>
    /// A conductor confirmed the server at this epoch: commands below it are refused from now on, also after a restart.
    /// </summary>
    public async Task Confirm(Guid serverId, long epoch, CancellationToken ct)
    {
        using var held = await Lock(serverId, ct);
        if (journal.Find(hostId, serverId) is { Guest: not null } known && known.Epoch < epoch)
            await journal.Put(known with { Epoch = epoch }, ct);
    }

    /// <summary>What changed for guests that run. Completes when their groups are so; what a command holds up follows later.</summary>
    public async Task Take(HostPicture picture, CancellationToken ct)
    {
        if (network is IGroupNetwork groups)
            await groups.Apply(picture, ct);
        foreach (var facts in picture.Guests)
            _ = Try(facts, ct);
    }

    /// <summary>
    /// How a guest is now, for what it may read about itself and for its interfaces. A guest that the host does not keep, or
    /// not at this epoch any more, is left as it is. Of facts that wait for the same guest the last ones count.
    /// </summary>
    public async Task Learn(GuestFacts facts, CancellationToken ct)
    {
        _learning[facts.ServerId] = facts;
        using var held = await Lock(facts.ServerId, ct);
        if (!_learning.TryRemove(facts.ServerId, out var last) || journal.Find(hostId, facts.ServerId) is not { Guest: { } guest } known || known.Epoch > last.Epoch)
            return;

        if (Same(GuestFacts.Of(guest), last with { Epoch = guest.Epoch }))
            return;

        if (Same(guest.Nics, last.Nics))
            await journal.Put(known with { Guest = last.ApplyTo(guest) }, ct);
        else
            await ChangeNics(known, guest, last.ApplyTo(guest), ct);
        logger.Learned(facts.ServerId);
    }

    /// <summary>
    /// Guests that ought to run and do not are started, as after a reboot of the machine, a few at a time; their network must
    /// be there. Which could not is in the log, and they stay off.
    /// </summary>
    /// <param name="guests">What a conductor confirmed; one that got a command since is left to it.</param>
    /// <param name="ct">Cancels.</param>
    public async Task Resume(IEnumerable<ConfirmedGuest> guests, CancellationToken ct)
    {
        var running = (await hypervisor.ListGuests(ct)).Where(guest => guest.Power != Power.Off && guest.Power != Power.Crashed).Select(guest => guest.ServerId).ToHashSet();
        await Parallel.ForEachAsync(
            guests.Where(guest => guest.Runs && !running.Contains(guest.ServerId)), new ParallelOptions { MaxDegreeOfParallelism = StartsAtOnce, CancellationToken = ct },
            async (guest, token) => await Resume(guest, token));
    }

    /// <summary>The highest epoch that the host has seen for a server; 0 for none.</summary>
    public long EpochOf(Guid serverId) => journal.Find(hostId, serverId)?.Epoch ?? 0;

    /// <summary>The power that the last command wanted for a guest; null when the host has no guest of that server.</summary>
    public Power? WantedOf(Guid serverId) => journal.Find(hostId, serverId) is { Guest: not null } known ? known.Wanted : null;

    /// <summary>True while a command works on the guest.</summary>
    public bool IsBusy(Guid serverId) => _locks.ContainsKey(serverId);

    // A tombstone also refuses a late spawn of its own epoch: the destroy was sent after it.
    private static bool IsStale(HostCommand command, JournalEntry known) =>
        known.Epoch > command.Epoch || (known.DestroyedAt is not null && command is SpawnGuest && known.Epoch == command.Epoch);

    // A command may work on the guest for minutes: who brings the news does not wait.
    private async Task Try(GuestFacts facts, CancellationToken ct)
    {
        try
        {
            await Learn(facts, ct);
        }
        catch (Exception e) when (e is Fault or OperationCanceledException)
        {
            logger.NotLearned(facts.ServerId, e.Message);
        }
    }

    private async Task Resume(ConfirmedGuest guest, CancellationToken ct)
    {
        using var held = await Lock(guest.ServerId, ct);
        if (journal.Find(hostId, guest.ServerId) is not { Guest: { } spec } known || known.Epoch != guest.Epoch)
            return;

        try
        {
            await hypervisor.SetPower(spec, new(Power.On, TimeSpan.Zero), ct);
            logger.Resumed(guest.ServerId);
        }
        catch (Fault fault)
        {
            logger.NotResumed(guest.ServerId, fault.Message, fault.Details);
        }
    }

    private static bool Same<T>(T a, T b) =>
        JsonSerializer.SerializeToUtf8Bytes(a, StateJson.Options).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(b, StateJson.Options));

    private Task<Power> Carry(HostCommand command, JournalEntry? known, Action accepted, CancellationToken ct) => command switch
    {
        SpawnGuest spawn => Spawn(spawn, accepted, ct),
        SetGuestPower power => SetPower(power, known, accepted, ct),
        RebuildGuest rebuild => Rebuild(rebuild, known, accepted, ct),
        RescueGuest rescue => Rescue(rescue, known, accepted, ct),
        SetGuestPassword password => Touch(password, known, accepted, guest => Able<IPasswordCapable>().SetAdminPassword(guest, password.Password, ct), ct),
        CrashGuest crash => Touch(crash, known, accepted, guest => Able<ICrashDumpCapable>().TriggerCrashDump(guest, ct), ct),
        UploadSnapshot upload => Upload(upload, known, accepted, ct),
        DropSnapshot drop => Drop(drop, known, accepted, ct),
        AttachNic attach => Attach(attach, known, accepted, ct),
        DetachNic detach => Detach(detach, known, accepted, ct),
        DestroyGuest destroy => Destroy(destroy, accepted, ct),
        CacheImage cache => Cache(cache, accepted, ct),
        _ => throw Fault.NotImplemented($"The host does not know this command; it may be of an older release."),
    };

    private async Task<Power> Spawn(SpawnGuest command, Action accepted, CancellationToken ct)
    {
        await journal.Put(Entry(command, command.Guest, Power.On), ct);
        accepted();
        await network.Plug(command.ServerId, command.Guest.Nics, ct);
        await hypervisor.Ensure(command.Guest, ct);
        return Power.On;
    }

    private async Task<Power> SetPower(SetGuestPower command, JournalEntry? known, Action accepted, CancellationToken ct)
    {
        var guest = known?.Guest ?? throw NoGuest(command);
        await journal.Put(Entry(command, guest, command.Change.To), ct);
        accepted();
        if (command.Change.To == Power.On)
            await network.Plug(command.ServerId, guest.Nics, ct);
        await (command.Change.To switch
        {
            Power.Paused => Able<IPauseCapable>().Pause(guest, ct),
            Power.Suspended => Able<ISuspendCapable>().Suspend(guest, ct),
            _ => hypervisor.SetPower(guest, command.Change, ct),
        });
        return command.Change.To;
    }

    // What a rebuild has made is not made again when its command is repeated: the user may have worked with it.
    private async Task<Power> Rebuild(RebuildGuest command, JournalEntry? known, Action accepted, CancellationToken ct)
    {
        if (known?.Guest?.RebuiltBy == command.OperationId)
            return known.Wanted;

        // What was claimed for it of the host's hardware stays its own.
        var guest = command.Guest with { Hardware = command.Guest.Hardware ?? known?.Guest?.Hardware };
        // On until it has run: that it does is no news to anybody.
        await journal.Put(Entry(command, guest, Power.On), ct);
        accepted();
        await network.Plug(command.ServerId, guest.Nics, ct);
        await hypervisor.Destroy(command.ServerId, ct);
        await hypervisor.Ensure(guest, ct);
        if (command.To == Power.Off)
            await hypervisor.SetPower(guest, new(Power.Off, TimeSpan.Zero), ct);
        await journal.Put(Entry(command, guest with { RebuiltBy = command.OperationId }, command.To), ct);
        return command.To;
    }

    private async Task<Power> Rescue(RescueGuest command, JournalEntry? known, Action accepted, CancellationToken ct)
    {
        var rescue = Able<IRescueCapable>();
        var guest = (known?.Guest ?? throw NoGuest(command)) with { Rescue = command.Rescue };
        await journal.Put(Entry(command, guest, Power.On), ct);
        accepted();
        await network.Plug(command.ServerId, guest.Nics, ct);
        await rescue.Rescue(guest, command.Timeout, ct);
        return Power.On;
    }

    private async Task<Power> Touch(HostCommand command, JournalEntry? known, Action accepted, Func<GuestSpec, Task> work, CancellationToken ct)
    {
        var guest = known?.Guest ?? throw NoGuest(command);
        await journal.Put(Entry(command, guest, known.Wanted), ct);
        accepted();
        await work(guest);
        return known.Wanted;
    }

    private T Able<T>() where T : class => hypervisor as T ?? throw Capabilities.NotSupported;

    private async Task<Power> Destroy(DestroyGuest command, Action accepted, CancellationToken ct)
    {
        await journal.Put(Entry(command, journal.Find(hostId, command.ServerId)?.Guest, Power.Off), ct);
        accepted();
        await hypervisor.Destroy(command.ServerId, ct);
        await network.Unplug(command.ServerId, ct);
        await journal.Put(Entry(command, null, Power.Off) with { DestroyedAt = time.GetUtcNow().ToUnixTimeMilliseconds() }, ct);
        return Power.Off;
    }

    // Nothing to restore after a reboot: whoever asked asks again.
    private async Task<Power> Cache(CacheImage command, Action accepted, CancellationToken ct)
    {
        if (hypervisor is not IImageCacheCapable cache)
            throw Fault.NotImplemented($"The requested functionality is not supported.");

        accepted();
        await cache.CacheImage(command.Image, ct);
        return Power.Unknown;
    }

    private JournalEntry Entry(HostCommand command, GuestSpec? guest, Power wanted) =>
        new() { HostId = hostId, ServerId = command.ServerId, Epoch = command.Epoch, Guest = guest, Wanted = wanted };

    private static Fault NoGuest(HostCommand command) => Fault.NotFound($"Instance {command.ServerId} could not be found on its host.");

    private async Task<GuestLock> Lock(Guid serverId, CancellationToken ct)
    {
        while (true)
        {
            var guest = _locks.GetOrAdd(serverId, id => new(id, _locks));
            if (await guest.Enter(ct))
                return guest;
        }
    }

    /// <summary>Held by the one command that works on a guest; leaves the table with its last user.</summary>
    private sealed class GuestLock(Guid serverId, ConcurrentDictionary<Guid, GuestLock> locks) : IDisposable
    {
        private readonly SemaphoreSlim _one = new(1, 1);
        private int _users;

        public async Task<bool> Enter(CancellationToken ct)
        {
            lock (_one)
            {
                if (_users < 0)
                    return false;
                _users++;
            }

            try
            {
                await _one.WaitAsync(ct);
                return true;
            }
            catch (OperationCanceledException)
            {
                Leave();
                throw;
            }
        }

        public void Dispose()
        {
            _one.Release();
            Leave();
        }

        private void Leave()
        {
            lock (_one)
                if (--_users == 0)
                {
                    _users = -1;
                    locks.TryRemove(new(serverId, this));
                }
        }
    }
}

internal static partial class HostAgentLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Guest {ServerId} ought to run and did not; it was started")]
    public static partial void Resumed(this ILogger logger, Guid serverId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Guest {ServerId} ought to run and could not be started; start its server when the reason is gone: {Reason} {Details}")]
    public static partial void NotResumed(this ILogger logger, Guid serverId, string reason, string? details);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Guest {ServerId} could not be told what changed of it: {Reason}")]
    public static partial void NotLearned(this ILogger logger, Guid serverId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Guest {ServerId} keeps an interface of port {PortId}, which is gone, until it is started again: {Reason}")]
    public static partial void KeepsInterface(this ILogger logger, Guid serverId, Guid portId, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Guest {ServerId} was told what changed of it")]
    public static partial void Learned(this ILogger logger, Guid serverId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused a command for {ServerId} of epoch {Epoch}: the host has seen {Highest}")]
    public static partial void RefusedStale(this ILogger logger, Guid serverId, long epoch, long highest);
}
