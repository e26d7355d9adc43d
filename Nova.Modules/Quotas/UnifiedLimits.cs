using System.Collections.Frozen;
using Nova.Modules.Identity;

namespace Nova.Modules.Quotas;

/// <summary>The limits of the identity service as quotas: which hold, and what the API shows.</summary>
public sealed class UnifiedLimits
{
    private const string ClassPrefix = "class:";

    /// <summary>The names that the identity service has for what the API counts.</summary>
    public static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string>
    {
        ["instances"] = "servers",
        ["cores"] = "class:VCPU",
        ["ram"] = "class:MEMORY_MB",
        ["metadata_items"] = "server_metadata_items",
        ["injected_files"] = "server_injected_files",
        ["injected_file_content_bytes"] = "server_injected_file_content_bytes",
        ["injected_file_path_bytes"] = "server_injected_file_path_bytes",
        ["key_pairs"] = "server_key_pairs",
        ["server_groups"] = "server_groups",
        ["server_group_members"] = "server_group_members",
    }.ToFrozenDictionary();

    private readonly ServiceLimits _limits;
    private readonly QuotaOptions _options;

    /// <summary>As they are now.</summary>
    public UnifiedLimits(ServiceLimits limits, QuotaOptions options)
    {
        (_limits, _options) = (limits, options);
        Held = QuotaResources.All.ToDictionary(resource => resource, resource => Names.TryGetValue(resource, out var name) ? HeldOf(name) : -1);
    }

    /// <summary>What holds, by the names of the API; -1 is unlimited.</summary>
    public IReadOnlyDictionary<string, long> Held { get; }

    /// <summary>What the API shows of a project: what nobody registered is 0 there, whether it holds or not.</summary>
    public IReadOnlyDictionary<string, long> Shown => Show(name => IsOfProjects(name) ? _limits.Find(name) : _limits.Registered.TryGetValue(name, out var limit) ? limit : null);

    /// <summary>What the API shows as defaults.</summary>
    public IReadOnlyDictionary<string, long> Defaults => Show(name => _limits.Registered.TryGetValue(name, out var limit) ? limit : null);

    /// <summary>What holds of a resource class other than those that the API counts as cores and ram.</summary>
    public long OfClass(string resourceClass) => HeldOf(ClassPrefix + resourceClass);

    /// <summary>True for a class that is counted by allocations: cores and ram have counters of their own.</summary>
    public static bool IsCountedByAllocations(string resourceClass) => resourceClass is not ("VCPU" or "MEMORY_MB");

    // Of what belongs to no project (a user's key pairs, one server's metadata) registered limits hold alone.
    private static bool IsOfProjects(string name) => name == "servers" || name.StartsWith(ClassPrefix, StringComparison.Ordinal);

    private long HeldOf(string name)
    {
        var limit = IsOfProjects(name) ? _limits.Find(name) : _limits.Registered.TryGetValue(name, out var registered) ? registered : null;
        return limit is { } known ? Math.Max(known, -1) : IsNeeded(name) ? 0 : -1;
    }

    private bool IsNeeded(string name) => _options.UnifiedResources.Contains(name) == (_options.UnifiedStrategy == UnregisteredResources.Require);

    private static Dictionary<string, long> Show(Func<string, long?> limit) =>
        QuotaResources.All.ToDictionary(resource => resource, resource => Names.TryGetValue(resource, out var name) ? limit(name) ?? 0 : -1);
}
