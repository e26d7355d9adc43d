using System.Security.Cryptography;
using System.Text;
using Nova.Modules.Api;
using Nova.Modules.Hosts;
using Nova.Modules.Networks;
using Nova.Modules.Servers.Create;
using Nova.Modules.Services;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers;

/// <summary>Shows servers: everything is on their rows, but for the names of security groups (in memory) and the state of hosts.</summary>
public sealed class ServerViews(INetworkProvider networks, BootLookups lookups, IHostLiveness liveness)
{
    /// <summary>The root disk as the guest sees it.</summary>
    public const string RootDevice = "/dev/vda";

    private const string HostStatusRule = "os_compute_api:servers:show:host_status";
    private const int HostIdBytes = 28;

    private static readonly string[] WithProgress = ["ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING"];
    private static readonly string[] WithFault = ["ERROR", "DELETED"];
    private static readonly Dictionary<string, string> NoProperties = [];

    /// <summary>One server.</summary>
    public async Task<ServerView> Of(RequestContext caller, Server server, ServerParts parts, CancellationToken ct) =>
        (await Of(caller, [server], parts, PolicyTargetOf(server), ct))[0];

    /// <summary>A page of servers of the caller's project, or of all.</summary>
    public Task<IReadOnlyList<ServerView>> Of(RequestContext caller, IReadOnlyList<Server> servers, ServerParts parts, CancellationToken ct) =>
        Of(caller, servers, parts, PolicyTarget.Of(caller.Caller), ct);

    /// <summary>What policy compares the caller with.</summary>
    public static PolicyTarget PolicyTargetOf(Server server) => new(server.ProjectId, server.UserId);

    /// <summary>What users see of a host: the same for all servers of a project there, and not to be traced back.</summary>
    public static string HostId(string projectId, string? host) => host is null
        ? ""
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(projectId + host)).AsSpan(0, HostIdBytes));

    /// <summary>The addresses by network, in the order of the interfaces.</summary>
    public static IReadOnlyDictionary<string, List<PortAddressView>> Addresses(Server server, bool withPorts)
    {
        var all = new Dictionary<string, List<PortAddressView>>(server.Networks.Count, StringComparer.Ordinal);
        foreach (var port in server.Networks)
        {
            if (!all.TryGetValue(port.NetworkName, out var list))
                all[port.NetworkName] = list = [];
            foreach (var address in port.Addresses)
                list.Add(new(address.Address.Contains(':', StringComparison.Ordinal) ? 6 : 4, address.Address, withPorts ? "fixed" : null, withPorts ? port.Mac : null));
        }

        return all;
    }

    private async Task<IReadOnlyList<ServerView>> Of(
        RequestContext caller, IReadOnlyList<Server> servers, ServerParts parts, PolicyTarget target, CancellationToken ct)
    {
        var isWhole = parts != ServerParts.Core;
        var scene = new Scene(
            caller,
            parts,
            isWhole && caller.Allows("os_compute_api:os-extended-server-attributes", target),
            caller.Since(47) && caller.Allows("os_compute_api:servers:show:flavor-extra-specs", target),
            isWhole ? await networks.GroupNames([.. servers.SelectMany(s => s.Networks).SelectMany(n => n.SecurityGroups).Distinct()], ct) : null,
            isWhole && caller.Since(16) ? await HostStates(caller, target, ct) : null);
        return [.. servers.Select(server => View(server, scene))];
    }

    private async ValueTask<Func<Server, string?>?> HostStates(RequestContext caller, PolicyTarget target, CancellationToken ct)
    {
        var all = caller.Allows(HostStatusRule, target);
        if (!all && !caller.Allows(HostStatusRule + ":unknown-only", target))
            return null;

        var hosts = (await lookups.Hosts(ct)).ToDictionary(h => h.HostId!.Value);
        return server => HostState(server, hosts) is var state && (all || state == "UNKNOWN") ? state : null;
    }

    private string HostState(Server server, Dictionary<Guid, Service> hosts) => server.HostId switch
    {
        null => "",
        { } id when !hosts.TryGetValue(id, out var host) => "UNKNOWN",
        { } id when hosts[id].ForcedDown => "DOWN",
        { } id when !liveness.IsUp(id) => "UNKNOWN",
        { } id => hosts[id].Disabled ? "MAINTENANCE" : "UP",
    };

    private static ServerView View(Server server, Scene scene)
    {
        var status = ServerStates.Status(server.VmState, server.TaskState);
        var core = Core(server, status, scene);
        if (scene.Parts == ServerParts.Core)
            return core;

        var whole = Whole(core, server, scene);
        return scene.ShowsAttributes ? WithAttributes(whole, server) : whole;
    }

    private static ServerView Core(Server server, string status, Scene scene) => new()
    {
        Id = server.Id,
        Name = server.Name,
        Status = status,
        TenantId = server.ProjectId,
        UserId = server.UserId,
        Metadata = new(server.MetadataJson),
        HostId = HostId(server.ProjectId, server.Host),
        Image = Image(server, scene.Caller),
        Flavor = Flavor(server.Flavor, scene),
        Created = WireTime.Seconds(server.CreatedAt),
        Updated = WireTime.Seconds(server.UpdatedAt),
        Addresses = Addresses(server, withPorts: scene.Parts != ServerParts.Core),
        AccessIpv4 = server.AccessIpv4 ?? "",
        AccessIpv6 = server.AccessIpv6 ?? "",
        Links = scene.Caller.Links("servers", server.Id.ToString()),
        DiskConfig = server.Details.DiskConfig,
        Progress = WithProgress.Contains(status) ? server.Progress : null,
        Fault = server.Fault is { } fault && WithFault.Contains(status) ? FaultOf(fault, scene.Caller) : null,
        Locked = server.LockedBy is not null,
        LockedReason = server.LockedReason,
        Description = server.Description,
        Tags = new(server.TagsJson),
        TrustedImageCertificates = server.Details.TrustedImageCertificates,
        ServerGroups = scene.Parts == ServerParts.InList ? null : server.GroupId is { } group ? [group] : [],
        PinnedAvailabilityZone = server.RequestedZone,
        SchedulerHints = new(server.Details.SchedulerHints ?? "{}"),
    };

    private static ServerView Whole(ServerView core, Server server, Scene scene) => core with
    {
        Zone = server.Zone ?? server.RequestedZone ?? "",
        ConfigDrive = server.ConfigDrive ? "True" : "",
        KeyName = new(server.KeyName),
        LaunchedAt = new(server.LaunchedAt is { } launched ? WireTime.Micros(launched) : null),
        TerminatedAt = new(server.TerminatedAt is { } terminated ? WireTime.Micros(terminated) : null),
        SecurityGroups = Groups(server, scene.GroupNames!),
        TaskState = new(server.TaskState),
        VmState = new(server.VmState),
        PowerState = new(server.PowerState),
        Volumes = [],
        HostStatus = scene.HostState?.Invoke(server),
        Hostname = scene.Caller.Since(90) ? new(server.Hostname) : default,
    };

    private static ServerView WithAttributes(ServerView view, Server server) => view with
    {
        Host = new(server.Host),
        InstanceName = new(server.InstanceName),
        Node = new(server.Node),
        ReservationId = new(server.ReservationId),
        LaunchIndex = new(server.LaunchIndex),
        KernelId = new(""),
        RamdiskId = new(""),
        RootDeviceName = new(RootDevice),
        UserData = new(server.UserData),
        Hostname = new(server.Hostname),
    };

    private static object Image(Server server, RequestContext caller) => server.ImageId is { } id
        ? new ImageLink(id, caller.Bookmark("images", id), server.Details.ImageProperties ?? NoProperties)
        : "";

    private static FlavorCopy Flavor(ServerFlavor flavor, Scene scene) => new()
    {
        Id = flavor.Id,
        Links = scene.Caller.Since(47) ? [] : scene.Caller.Bookmark("flavors", flavor.Id),
        OriginalName = flavor.Name,
        Vcpus = flavor.Vcpus,
        Ram = flavor.MemoryMb,
        Disk = flavor.RootGb,
        Ephemeral = flavor.EphemeralGb,
        Swap = flavor.SwapMb,
        ExtraSpecs = scene.ShowsSpecs ? flavor.ExtraSpecs : null,
    };

    private static List<GroupView>? Groups(Server server, IReadOnlyDictionary<Guid, string> names)
    {
        var groups = server.Networks.SelectMany(n => n.SecurityGroups).Distinct().Where(names.ContainsKey).Select(id => new GroupView(names[id])).Distinct().ToList();
        return groups.Count == 0 ? null : groups;
    }

    // What the hypervisor said of an internal error is for administrators.
    private static FaultView FaultOf(string json, RequestContext caller)
    {
        var (fault, at) = ServerFault.Read(json);
        var showsDetails = caller.IsAdmin || fault.Kind != FaultKind.Internal;
        return new((int)fault.Kind, WireTime.Seconds(at), fault.Text.ToString(), showsDetails ? fault.Details ?? "" : null);
    }

    private sealed record Scene(
        RequestContext Caller,
        ServerParts Parts,
        bool ShowsAttributes,
        bool ShowsSpecs,
        IReadOnlyDictionary<Guid, string>? GroupNames,
        Func<Server, string?>? HostState);
}

/// <summary>How much of a server is shown.</summary>
public enum ServerParts
{
    /// <summary>What an update and a rebuild answered before 2.75.</summary>
    Core,
    /// <summary>Everything but what lists leave out.</summary>
    InList,
    /// <summary>Everything.</summary>
    Whole,
}
