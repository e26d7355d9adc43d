using System.Collections.Concurrent;
using System.Net.Sockets;
using Nova.Drivers.Hypervisor.Libvirt.Native;
using Nova.Drivers.Hypervisor.Libvirt.Xml;
using Nova.Modules.Compute;
using Nova.Modules.Shared;

namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>The domains of the daemon, told apart into ours and others'.</summary>
internal sealed partial class GuestDomains(LibvirtLink link, string installation)
{
    // Whose a domain is does not change while it is defined; asking costs a call per domain.
    private readonly ConcurrentDictionary<Guid, bool> _ours = [];

    /// <summary>All domains with their power.</summary>
    public async Task<IReadOnlyList<GuestStatus>> List(CancellationToken ct)
    {
        var found = await link.Call(ReadAll, ct);
        var list = new List<GuestStatus>(found.Count);
        foreach (var (id, name, power) in found)
            list.Add(new(id, power, await IsOurs(id, ct), name));
        return list;
    }

    /// <summary>The domain's state and mark, or null when there is none with this id. The mark is null when it is not ours.</summary>
    public Task<(DomainState State, GuestMark? Mark)?> Find(Guid id, CancellationToken ct) => link.Call(connection =>
    {
        using var domain = Lookup(connection, id);
        if (domain is null)
            return ((DomainState, GuestMark?)?)null;

        var mark = ReadMark(domain);
        _ours[id] = mark is not null;
        return (StateOf(domain), mark);
    }, ct);

    /// <summary>True when this installation made the domain; false also when there is none.</summary>
    public async Task<bool> IsOurs(Guid id, CancellationToken ct) =>
        _ours.TryGetValue(id, out var known) ? known : await Find(id, ct) is { Mark: not null };

    /// <summary>The domain is no longer defined.</summary>
    public void Forget(Guid id) => _ours.TryRemove(id, out _);

    public Task Define(DomainModel model, CancellationToken ct)
    {
        var xml = DomainXml.Write(model);
        return link.Call(connection =>
        {
            using var domain = LibvirtApi.virDomainDefineXMLFlags(connection, xml, Flags.DefineValidate);
            if (domain.IsInvalid)
                throw LibvirtErrors.Last("define the guest");
            return _ours[model.Id] = true;
        }, ct);
    }

    /// <summary>Runs; nothing happens when it does already.</summary>
    public Task Start(Guid id, CancellationToken ct) =>
        With(id, "start the guest", d => LibvirtApi.virDomainCreateWithFlags(d, 0), unless: LibvirtErrorCode.OperationInvalid, ct);

    public Task Resume(Guid id, CancellationToken ct) => With(id, "resume the guest", LibvirtApi.virDomainResume, LibvirtErrorCode.Ok, ct);

    public Task Pause(Guid id, CancellationToken ct) => With(id, "pause the guest", LibvirtApi.virDomainSuspend, LibvirtErrorCode.Ok, ct);

    /// <summary>A non-maskable interrupt.</summary>
    public Task Interrupt(Guid id, CancellationToken ct) => With(id, "interrupt the guest", d => LibvirtApi.virDomainInjectNMI(d, 0), LibvirtErrorCode.Ok, ct);

    /// <summary>The taps of the interfaces that a running guest has now, with their addresses.</summary>
    public Task<IReadOnlyDictionary<string, string>> NicsOf(Guid id, CancellationToken ct) => link.Call(connection =>
    {
        using var domain = Lookup(connection, id) ?? throw new LibvirtException(LibvirtErrorCode.NoDomain, "no domain with this UUID", "read the guest");
        var text = LibvirtApi.virDomainGetXMLDesc(domain, 0);
        return text == 0 ? throw LibvirtErrors.Last("read the guest") : DomainXml.ReadNics(LibvirtApi.OwnText(text)!);
    }, ct);

    /// <summary>Plugs an interface into a running guest.</summary>
    public Task Attach(Guid id, DomainNic nic, string model, CancellationToken ct) =>
        With(id, "attach the interface", d => LibvirtApi.virDomainAttachDeviceFlags(d, DomainXml.Write(nic, model), Flags.AffectLive), LibvirtErrorCode.Ok, ct);

    /// <summary>Asks a running guest to let an interface go; nothing happens when it has none with this address, or was asked already.</summary>
    public Task AskToLetGo(Guid id, DomainNic nic, string model, CancellationToken ct) => link.Call(connection =>
    {
        using var domain = Lookup(connection, id) ?? throw new LibvirtException(LibvirtErrorCode.NoDomain, "no domain with this UUID", "detach the interface");
        if (LibvirtApi.virDomainDetachDeviceFlags(domain, DomainXml.Write(nic, model), Flags.AffectLive) >= 0)
            return true;

        var error = LibvirtErrors.Last("detach the interface");
        return error.Code == LibvirtErrorCode.DeviceMissing || error.Message.Contains("in the process of unplug", StringComparison.Ordinal) ? false : throw error;
    }, ct);

    /// <summary>Puts the guest's memory on disk; the next start brings it back.</summary>
    public Task Save(Guid id, CancellationToken ct) => With(id, "suspend the guest", d => LibvirtApi.virDomainManagedSave(d, 0), LibvirtErrorCode.Ok, ct);

    /// <summary>True when the guest's memory is on disk.</summary>
    public Task<bool> IsSaved(Guid id, CancellationToken ct) => link.Call(connection =>
    {
        using var domain = Lookup(connection, id);
        return domain is not null && LibvirtApi.virDomainHasManagedSaveImage(domain.DangerousGetHandle(), 0) == 1;
    }, ct);

    /// <summary>The next start begins anew; nothing happens when nothing was saved.</summary>
    public async Task ForgetSaved(Guid id, CancellationToken ct)
    {
        if (await IsSaved(id, ct))
            await With(id, "forget the suspended guest", d => LibvirtApi.virDomainManagedSaveRemove(d, 0), LibvirtErrorCode.Ok, ct);
    }

    public Task WakeUp(Guid id, CancellationToken ct) => With(id, "wake up the guest", d => LibvirtApi.virDomainPMWakeup(d, 0), LibvirtErrorCode.Ok, ct);

    /// <summary>Presses the power button; the guest decides.</summary>
    public Task AskToShutDown(Guid id, CancellationToken ct) =>
        With(id, "shut down the guest", d => LibvirtApi.virDomainShutdownFlags(d, Flags.ShutdownAcpi), unless: LibvirtErrorCode.OperationInvalid, ct);

    /// <summary>Ends the guest's process; nothing happens when there is none.</summary>
    public Task TurnOff(Guid id, CancellationToken ct) =>
        With(id, "turn off the guest", d => LibvirtApi.virDomainDestroyFlags(d, 0), unless: LibvirtErrorCode.OperationInvalid, ct);

    public Task Undefine(Guid id, CancellationToken ct) =>
        With(id, "undefine the guest", d => LibvirtApi.virDomainUndefineFlags(d, Flags.UndefineEverything), LibvirtErrorCode.NoDomain, ct);

    public Task SetMark(Guid id, GuestMark mark, CancellationToken ct) =>
        With(id, "mark the guest", d => LibvirtApi.virDomainSetMetadata(d, Flags.MetadataElement, mark.ToString(), GuestMark.Prefix,
            GuestMark.Namespace, Flags.AffectLive | Flags.AffectConfig), LibvirtErrorCode.Ok, ct);

    /// <summary>The definition as it is now; null when there is no such domain.</summary>
    public Task<string?> Describe(Guid id, CancellationToken ct) => link.Call(connection =>
    {
        using var domain = Lookup(connection, id);
        if (domain is null)
            return null;

        var text = LibvirtApi.virDomainGetXMLDesc(domain, 0);
        return text != 0 ? LibvirtApi.OwnText(text) : throw LibvirtErrors.Last("read the guest's definition");
    }, ct);

    /// <summary>A connection to the guest's first screen, which needs no port.</summary>
    public Task<Socket> OpenScreen(Guid id, CancellationToken ct) => link.Call(connection =>
    {
        using var domain = Lookup(connection, id) ?? throw new LibvirtException(LibvirtErrorCode.NoDomain, "no domain with this UUID", "open the screen");
        var socket = LibvirtApi.virDomainOpenGraphicsFD(domain, 0, Flags.GraphicsSkipAuth);
        return socket >= 0 ? new Socket(new SafeSocketHandle(socket, ownsHandle: true)) : throw LibvirtErrors.Last("open the screen");
    }, ct);

    public async Task<DomainState?> State(Guid id, CancellationToken ct) => await link.Call(connection =>
    {
        using var domain = Lookup(connection, id);
        return domain is null ? (DomainState?)null : StateOf(domain);
    }, ct);

    /// <summary>As the API names it.</summary>
    public static Power PowerOf(DomainState state) => state switch
    {
        DomainState.Running or DomainState.Blocked or DomainState.Shutdown => Power.On,
        DomainState.Paused => Power.Paused,
        DomainState.Shutoff => Power.Off,
        DomainState.Crashed => Power.Crashed,
        DomainState.PmSuspended => Power.Suspended,
        _ => Power.Unknown,
    };

    private Task With(Guid id, string what, Func<DomainHandle, int> call, LibvirtErrorCode unless, CancellationToken ct) => link.Call(connection =>
    {
        using var domain = Lookup(connection, id) ?? throw new LibvirtException(LibvirtErrorCode.NoDomain, "no domain with this UUID", what);
        if (call(domain) >= 0)
            return true;

        var error = LibvirtErrors.Last(what);
        return error.Code == unless ? false : throw error;
    }, ct);

    private static DomainHandle? Lookup(ConnectHandle connection, Guid id)
    {
        var domain = LibvirtApi.virDomainLookupByUUIDString(connection, id.ToString());
        if (!domain.IsInvalid)
            return domain;

        var error = LibvirtErrors.Last("find the guest");
        domain.Dispose();
        return error.Code == LibvirtErrorCode.NoDomain ? null : throw error;
    }

    private GuestMark? ReadMark(DomainHandle domain)
    {
        var text = LibvirtApi.virDomainGetMetadata(domain, Flags.MetadataElement, GuestMark.Namespace, 0);
        if (text == 0)
        {
            var error = LibvirtErrors.Last("read the guest's metadata");
            return error.Code is LibvirtErrorCode.NoDomainMetadata or LibvirtErrorCode.NoDomain ? null : throw error;
        }

        var mark = GuestMark.Parse(LibvirtApi.OwnText(text)!);
        return mark?.Installation == installation ? mark : null;
    }

    private static DomainState StateOf(DomainHandle domain) =>
        LibvirtApi.virDomainGetState(domain, out var state, out _, 0) >= 0
            ? (DomainState)state
            : throw LibvirtErrors.Last("read the guest's state");

    private static unsafe List<(Guid Id, string Name, Power Power)> ReadAll(ConnectHandle connection)
    {
        var count = LibvirtApi.virConnectGetAllDomainStats(connection, Flags.StatsState, out var records, 0);
        if (count < 0)
            throw LibvirtErrors.Last("list the guests");

        var list = new List<(Guid, string, Power)>(count);
        for (var i = 0; i < count; i++)
        {
            var record = records[i];
            LibvirtApi.virTypedParamsGetInt(record->Parameters, record->Count, "state.state", out var state);
            list.Add((LibvirtApi.Uuid(record->Domain), LibvirtApi.Name(record->Domain), (DomainState)state == DomainState.Shutoff && LibvirtApi.virDomainHasManagedSaveImage(record->Domain, 0) == 1 ? Power.Suspended : PowerOf((DomainState)state)));
        }

        LibvirtApi.virDomainStatsRecordListFree(records);
        return list;
    }
}
