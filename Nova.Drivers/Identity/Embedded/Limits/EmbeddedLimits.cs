using System.Collections.Frozen;
using Nova.Drivers.Identity.Embedded.Catalog;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Limits;

/// <summary>
/// The limits of Compute's resources in the embedded identity: from memory, a change by this process at once, one by another
/// within a second. A limit of the own region goes before one of all regions.
/// </summary>
public sealed class EmbeddedLimits(Db database, IdentitySettings settings, TimeProvider time) : ILimitSource
{
    private readonly Remembered<string, ServiceLimits> _known = new(time);

    /// <inheritdoc />
    public async ValueTask<ServiceLimits> Of(string projectId, CancellationToken ct) => (await _known.Get(projectId, Load, ct))!;

    /// <summary>Something changed: to be called after the commit.</summary>
    public void Forget() => _known.Forget();

    private Task<ServiceLimits?> Load(string projectId, CancellationToken ct) => database.Read<ServiceLimits?>(
        async rows =>
        {
            var services = (await CatalogStore.Services(rows)).Where(s => s.Type == "compute").Select(s => s.Id).ToHashSet();
            var registered = (await LimitStore.Registered(rows)).Where(l => services.Contains(l.ServiceId) && IsHere(l.RegionId))
                .OrderBy(l => l.RegionId.Length).GroupBy(l => l.ResourceName).ToFrozenDictionary(g => g.Key, g => g.Last().DefaultLimit);
            var own = (await LimitStore.OfProject(rows, projectId)).Where(l => services.Contains(l.ServiceId) && IsHere(l.RegionId))
                .OrderBy(l => l.RegionId.Length).GroupBy(l => l.ResourceName).ToFrozenDictionary(g => g.Key, g => g.Last().ResourceLimit);
            return new(registered, own);
        },
        ct);

    private bool IsHere(string region) => region.Length == 0 || region == settings.Region;
}
