using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Nova.Drivers.Hypervisor.Libvirt.Disks;
using Nova.Drivers.Hypervisor.Libvirt.Native;
using Nova.Drivers.Hypervisor.Libvirt.Xml;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>QEMU guests, with KVM or emulated, through libvirt's C API. Guests outlive the driver, the process and libvirtd.</summary>
public sealed partial class LibvirtHypervisor : IHypervisor, IConsoleLogCapable, IConsoleCapable, IPauseCapable, ISuspendCapable, IRescueCapable, ICrashDumpCapable, IImageCacheCapable, INicCapable
{
    private readonly LibvirtOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _virtType;
    private readonly LibvirtLink _link;
    private readonly GuestDomains _domains;
    private readonly GuestWatch _watch;
    private readonly ImageCache _images;
    private readonly GuestDisks _disks;
    private readonly ConsoleLogs _consoles;
    private readonly GuestConsoles _screens;
    private readonly HostProbe _probe;
    private ITimer? _sweeping;

    private LibvirtHypervisor(LibvirtOptions options, IMetadataDocuments documents, HttpClient http, TimeProvider time, ILoggerFactory logs)
    {
        _options = options;
        _time = time;
        _logger = logs.CreateLogger<LibvirtHypervisor>();
        _virtType = HostProbe.Decide(options.VirtType);
        if (options.VirtType == VirtType.Auto && _virtType == "qemu")
            Log.Emulates(_logger);
        _link = new(options.Uri, time, _logger);
        _domains = new(_link, options.InstallationId);
        _watch = new(_link, _domains, _time, _logger);
        var tools = new DiskTools(options, time);
        _images = new(options, new ImageDownload(options, http, time), tools, time);
        _disks = new(options, _images, tools, documents);
        _copies = new(options, tools);
        _consoles = new(options.DataDirectory, options.ConsoleLogBytes);
        _screens = new(_domains, options, _logger);
        _probe = new(_link, options, _virtType);
    }

    /// <inheritdoc />
    public string Type => "QEMU";

    /// <summary>
    /// Connects to the daemon. A <see cref="Fault"/> says what to do when it does not answer, the data directory cannot be
    /// used by QEMU, or KVM was asked for and is missing.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="documents">The content of config drives.</param>
    /// <param name="http">Fetches images that are not files; trusts what the caller's handler trusts.</param>
    /// <param name="time">The clock of time-outs.</param>
    /// <param name="logs">Where to log.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<LibvirtHypervisor> Start(
        LibvirtOptions options, IMetadataDocuments documents, HttpClient http, TimeProvider time, ILoggerFactory logs, CancellationToken ct)
    {
        var hypervisor = new LibvirtHypervisor(options with { DataDirectory = Path.GetFullPath(options.DataDirectory) }, documents, http, time, logs);
        try
        {
            DataDirectory.Prepare(hypervisor._options.DataDirectory);
            hypervisor._consoles.CreateDirectory();
            hypervisor._screens.CreateDirectory();
            await hypervisor._link.Open(ct);
        }
        catch
        {
            await hypervisor.DisposeAsync();
            throw;
        }

        hypervisor._watch.Begin();
        hypervisor.BeginSweeping();
        return hypervisor;
    }

    /// <inheritdoc />
    public Task<HostInventory> Inspect(CancellationToken ct) => Explained(() => _probe.Inspect(ct));

    /// <inheritdoc />
    public Task<IReadOnlyList<GuestStatus>> ListGuests(CancellationToken ct) => Explained(() => _domains.List(ct));

    /// <inheritdoc />
    public async IAsyncEnumerable<GuestStatus> Watch([EnumeratorCancellation] CancellationToken ct)
    {
        var changes = _watch.Join();
        try
        {
            await foreach (var change in changes.Reader.ReadAllAsync(ct))
                yield return change;
        }
        finally
        {
            _watch.Leave(changes);
        }
    }

    /// <inheritdoc />
    public Task Ensure(GuestSpec guest, CancellationToken ct) => Explained(() => TurnOn(guest, create: true, ct));

    /// <inheritdoc />
    public Task SetPower(GuestSpec guest, PowerChange change, CancellationToken ct) => Explained(async () =>
    {
        if (change.To is not (Power.On or Power.Off))
            throw new ArgumentOutOfRangeException(nameof(change), change.To, "A guest is turned on or off.");

        if (change.To == Power.Off || change.Restart)
            await TurnOff(guest.ServerId, change.Timeout, ct);
        if (change.To == Power.On)
            await TurnOn(guest, create: false, ct);
        return true;
    });

    /// <inheritdoc />
    public Task Pause(GuestSpec guest, CancellationToken ct) => Explained(async () =>
    {
        if (await Running(guest, ct) is not DomainState.Paused)
            await _domains.Pause(guest.ServerId, ct);
        return true;
    });

    /// <inheritdoc />
    public Task Suspend(GuestSpec guest, CancellationToken ct) => Explained(async () =>
    {
        if (!await _domains.IsSaved(guest.ServerId, ct))
        {
            await Running(guest, ct);
            await _domains.Save(guest.ServerId, ct);
        }

        return true;
    });

    /// <inheritdoc />
    public Task Rescue(GuestSpec guest, TimeSpan timeout, CancellationToken ct) => Explained(async () =>
    {
        await TurnOff(guest.ServerId, timeout, ct);
        return await TurnOn(guest, create: false, ct);
    });

    /// <inheritdoc />
    public Task TriggerCrashDump(GuestSpec guest, CancellationToken ct) => Explained(async () =>
    {
        await Running(guest, ct);
        await _domains.Interrupt(guest.ServerId, ct);
        return true;
    });

    /// <inheritdoc />
    public Task Destroy(Guid serverId, CancellationToken ct) => Explained(async () =>
    {
        if (await Own(serverId, ct) is { } found)
        {
            if (found.State != DomainState.Shutoff)
                await _domains.TurnOff(serverId, ct);
            await _domains.Undefine(serverId, ct);
        }

        _disks.Remove(serverId);
        _consoles.Remove(serverId);
        _screens.Remove(serverId);
        return true;
    });

    /// <inheritdoc />
    public Task<string> ReadConsoleLog(Guid serverId, int? lines, CancellationToken ct) =>
        Explained(() => Task.Run(() => _consoles.Read(serverId, lines), ct));

    /// <inheritdoc />
    public Task<ConsolePlace> FindConsole(Guid serverId, ConsoleKind kind, CancellationToken ct) =>
        Explained(async () => await Own(serverId, ct) is null ? throw ConsoleFaults.NoGuest(serverId) : await _screens.Find(serverId, kind, ct));

    /// <inheritdoc />
    public Task<IConsoleStream> OpenConsole(Guid serverId, ConsoleKind kind, CancellationToken ct) => Explained(async () => await Own(serverId, ct) switch
    {
        null => throw ConsoleFaults.NoGuest(serverId),
        { State: DomainState.Shutoff or DomainState.Crashed } => throw ConsoleFaults.NotRunning(serverId),
        _ => await _screens.Open(serverId, kind, ct),
    });

    /// <inheritdoc />
    public Task CacheImage(GuestImage image, CancellationToken ct) => _images.Keep(image, ct);

    /// <summary>Lets go of the daemon; guests go on running.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_sweeping is not null)
            await _sweeping.DisposeAsync();
        await _watch.DisposeAsync();
        await _link.DisposeAsync();
    }

    private async Task<DomainState> Running(GuestSpec guest, CancellationToken ct) => await Own(guest.ServerId, ct) switch
    {
        null => throw Fault.NotFound($"Instance {guest.ServerId} could not be found."),
        { State: DomainState.Shutoff or DomainState.Crashed } => throw Fault.Conflict($"Instance {guest.ServerId} is not running."),
        var found => found.Value.State,
    };

    private async Task<bool> TurnOn(GuestSpec guest, bool create, CancellationToken ct)
    {
        var hardware = GuestHardware.Of(guest.Image?.Properties ?? new Dictionary<string, string>());
        var found = await Own(guest.ServerId, ct);
        switch (found?.State)
        {
            case DomainState.Running or DomainState.Blocked or DomainState.Shutdown:
                break;
            case DomainState.Paused:
                await _domains.Resume(guest.ServerId, ct);
                break;
            case DomainState.PmSuspended:
                await _domains.WakeUp(guest.ServerId, ct);
                break;
            default:
                await Boot(guest, hardware, create, ct);
                return true;
        }

        var mark = GuestMark.Of(guest, _options.InstallationId);
        if (mark != found.Value.Mark)
            await _domains.SetMark(guest.ServerId, mark, ct);
        return true;
    }

    // The definition is written anew at every start, so that it is always that of this release and this command.
    private async Task Boot(GuestSpec guest, GuestHardware hardware, bool create, CancellationToken ct)
    {
        var disks = create ? await _disks.Make(guest, hardware, ct) : await _disks.Reopen(guest, hardware, ct);
        await _domains.Define(Describe(guest, hardware, disks), ct);
        await _domains.Start(guest.ServerId, ct);
    }

    private DomainModel Describe(GuestSpec guest, GuestHardware hardware, IReadOnlyList<DomainDisk> disks) => new()
    {
        Type = _virtType,
        Name = guest.InstanceName,
        Id = guest.ServerId,
        Mark = GuestMark.Of(guest, _options.InstallationId),
        MemoryMb = guest.Flavor.MemoryMb,
        Vcpus = guest.Flavor.Vcpus,
        Hardware = hardware,
        Disks = disks,
        Nics = [.. guest.Nics.Select(NicOf)],
        ConsoleLog = _consoles.PathOf(guest.ServerId),
        SerialSocket = _screens.SocketOf(guest.ServerId),
        Vnc = _options.Vnc,
    };

    private async Task TurnOff(Guid server, TimeSpan timeout, CancellationToken ct)
    {
        if (await Own(server, ct) is not { } found)
            return;
        if (found.State == DomainState.Shutoff)
        {
            await _domains.ForgetSaved(server, ct);
            return;
        }

        var patience = timeout < _options.ShutdownTimeout ? timeout : _options.ShutdownTimeout;
        // A guest whose processors stand still cannot hear the power button.
        if (patience > TimeSpan.Zero && found.State is DomainState.Running or DomainState.Blocked && await ShutsDown(server, patience, ct))
            return;

        await _domains.TurnOff(server, ct);
    }

    /// <summary>True when the guest turned itself off in time.</summary>
    private async Task<bool> ShutsDown(Guid server, TimeSpan patience, CancellationToken ct)
    {
        var changes = _watch.Join();
        using var ended = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, ct);
        try
        {
            // A guest that still boots does not hear the button: it is pressed again from time to time.
            do
                await _domains.AskToShutDown(server, either.Token);
            while (!await IsOff(server, changes.Reader, either.Token));
            return true;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            Log.Forced(_logger, server, patience.TotalSeconds);
            return false;
        }
        finally
        {
            _watch.Leave(changes);
        }
    }

    // The state is read after the queue was joined, so a change between the two is in the queue.
    private async Task<bool> IsOff(Guid server, ChannelReader<GuestStatus> changes, CancellationToken ct)
    {
        if (await _domains.State(server, ct) is null or DomainState.Shutoff)
            return true;

        using var pause = new CancellationTokenSource(_options.ShutdownRetry, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, ct);
        try
        {
            await foreach (var change in changes.ReadAllAsync(either.Token))
                if (change.ServerId == server && change.Power == Power.Off)
                    return true;
            return false;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The domain, when it exists and is ours; a conflict when another installation, or a person, made it.</summary>
    private async Task<(DomainState State, GuestMark Mark)?> Own(Guid server, CancellationToken ct) => await _domains.Find(server, ct) switch
    {
        null => null,
        (var state, { } mark) => (state, mark),
        _ => throw Fault.Conflict($"The host has a guest with the id {server} that this installation did not make; it is left alone."),
    };

    private static async Task<T> Explained<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (LibvirtException e)
        {
            throw e.ToFault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFaults.Of(e);
        }
    }

    private void BeginSweeping() =>
        _sweeping = _time.CreateTimer(_ => Sweep(), null, _options.ConsoleLogSweep, _options.ConsoleLogSweep);

    private void Sweep()
    {
        try
        {
            _consoles.Sweep();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotSwept(_logger, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Guest {Server} did not shut down within {Seconds} s; turned off")]
        public static partial void Forced(ILogger logger, Guid server, double seconds);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Could not cut the console logs")]
        public static partial void NotSwept(ILogger logger, Exception e);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Guests are emulated, which is slow: /proc/cpuinfo shows neither vmx nor svm, or /dev/kvm does not open. Enable virtualisation in the firmware and load kvm_intel or kvm_amd; libvirt.virt_type = qemu says that emulation is meant")]
        public static partial void Emulates(ILogger logger);
    }
}
