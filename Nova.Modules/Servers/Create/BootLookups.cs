using Nova.Modules.Flavors;
using Nova.Modules.Keypairs;
using Nova.Modules.Scheduling;
using Nova.Modules.ServerGroups;
using Nova.Modules.Services;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Create;

/// <summary>What a create has to look up, from memory in the steady state: no statement is spent on it.</summary>
public sealed class BootLookups
{
    private readonly FlavorStore _flavorStore;
    private readonly KeypairStore _keypairStore;
    private readonly ServiceStore _serviceStore;
    private readonly Remembered<(FlavorViewer Viewer, string Id), ServerFlavor> _flavors;
    private readonly Remembered<(string User, string Name), Keypair> _keypairs;
    private readonly Remembered<string, IReadOnlyList<Service>> _services;
    private readonly Remembered<(string? Project, Guid Id), ServerGroup> _groups;
    private readonly ServerGroupStore _groupStore;

    /// <summary>Forgets what the stores change.</summary>
    public BootLookups(FlavorStore flavors, KeypairStore keypairs, ServiceStore services, ServerGroupStore groups, HostStates hosts, TimeProvider time)
    {
        (_flavorStore, _keypairStore, _serviceStore, _groupStore) = (flavors, keypairs, services, groups);
        (_flavors, _keypairs, _services, _groups) = (new(time), new(time), new(time), new(time));
        flavors.Changed += _flavors.Forget;
        keypairs.Changed += _keypairs.Forget;
        groups.Changed += _groups.Forget;
        hosts.Told += _services.Forget;
    }

    /// <summary>The flavor that the caller may use, as a server keeps it; null when there is none or it is disabled.</summary>
    public ValueTask<ServerFlavor?> Flavor(RequestContext caller, string id, CancellationToken ct) =>
        _flavors.Get((new(caller.IsAdmin, caller.Caller.ProjectId), id), ReadFlavor, ct);

    /// <summary>The user's key pair, or null.</summary>
    public ValueTask<Keypair?> Keypair(string userId, string name, CancellationToken ct) =>
        _keypairs.Get((userId, name), (key, token) => _keypairStore.Find(key.User, key.Name, token), ct);

    /// <summary>The services of all hosts.</summary>
    public async ValueTask<IReadOnlyList<Service>> Hosts(CancellationToken ct) =>
        await _services.Get("", async (_, token) => [.. (await _serviceStore.List(null, null, token)).Where(s => s.HostId is not null)], ct) ?? [];

    /// <summary>The server group that the caller may use, or null.</summary>
    public async ValueTask<GroupRequest?> Group(RequestContext caller, Guid id, CancellationToken ct) =>
        (await _groups.Get((caller.IsAdmin ? null : caller.ProjectId, id), (key, token) => _groupStore.Find(key.Id, key.Project, token), ct))?.Request;

    private async Task<ServerFlavor?> ReadFlavor((FlavorViewer Viewer, string Id) key, CancellationToken ct) =>
        await _flavorStore.Find(key.Viewer, key.Id, ct) is { Disabled: false } flavor ? Of(flavor) : null;

    private static ServerFlavor Of(Flavor flavor) => new()
    {
        Id = flavor.Id,
        Name = flavor.Name,
        Vcpus = flavor.Vcpus,
        MemoryMb = (int)flavor.MemoryMb,
        RootGb = flavor.RootGb,
        EphemeralGb = flavor.EphemeralGb,
        SwapMb = flavor.SwapMb,
        ExtraSpecs = flavor.Specs,
    };
}
