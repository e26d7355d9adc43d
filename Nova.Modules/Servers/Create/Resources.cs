using System.Globalization;
using Nova.Modules.Hardware;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;

namespace Nova.Modules.Servers.Create;

/// <summary>What a flavor takes of a host.</summary>
public static class Resources
{
    private const string Prefix = "resources";
    private const string TraitPrefix = "trait";

    /// <summary>
    /// VCPU (PCPU for those that are pinned), MEMORY_MB, DISK_GB (root, ephemeral and swap, rounded up), overridden or extended by
    /// <c>resources:CLASS</c>.
    /// </summary>
    public static IReadOnlyList<ResourceAmount> Of(ServerFlavor flavor, HardwareDemand? hardware = null)
    {
        var pinned = hardware?.PinnedCount ?? 0;
        var amounts = new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["VCPU"] = pinned == 0 ? flavor.Vcpus : hardware!.Cells.Sum(c => c.Shared.Count),
            ["PCPU"] = pinned,
            ["MEMORY_MB"] = flavor.MemoryMb,
            ["DISK_GB"] = flavor.RootGb + flavor.EphemeralGb + (flavor.SwapMb + 1023) / 1024,
        };
        foreach (var (key, value) in flavor.ExtraSpecs)
            if (key.StartsWith(Prefix + ":", StringComparison.Ordinal) && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
                amounts[key[(Prefix.Length + 1)..]] = amount;
        if (flavor.ExtraSpecs.Count > 0 && flavor.ExtraSpecs.GetValueOrDefault("hw:mem_encryption") is "true" or "True" or "1")
            amounts["MEM_ENCRYPTION_CONTEXT"] = 1;

        return [.. amounts.Where(a => a.Value > 0).Select(a => new ResourceAmount(a.Key, a.Value))];
    }

    /// <summary>The traits that <c>trait:NAME</c> extra specs (or image properties) require or forbid.</summary>
    public static IReadOnlyList<string> Traits(IReadOnlyDictionary<string, string> extraSpecs, string value) =>
        extraSpecs.Count == 0
            ? []
            : [.. extraSpecs.Where(s => s.Key.StartsWith(TraitPrefix + ":", StringComparison.Ordinal) && s.Value == value).Select(s => s.Key[(TraitPrefix.Length + 1)..])];

    /// <summary>The groups that <c>resourcesN:CLASS</c> and <c>traitN:NAME</c> make, by their N, which may be any word of letters, digits, _ and -.</summary>
    public static IReadOnlyList<ResourceGroup> Groups(IReadOnlyDictionary<string, string> extraSpecs)
    {
        if (extraSpecs.Count == 0)
            return [];

        var resources = Named(extraSpecs, Prefix).ToLookup(s => s.Group, StringComparer.Ordinal);
        var traits = Named(extraSpecs, TraitPrefix).ToLookup(s => s.Group, StringComparer.Ordinal);
        return
        [
            .. resources.OrderBy(g => g.Key, StringComparer.Ordinal).Select(group => new ResourceGroup
            {
                Name = group.Key,
                Resources =
                [
                    .. group.OrderBy(r => r.Name, StringComparer.Ordinal)
                        .Select(r => new ResourceAmount(r.Name, long.TryParse(r.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) ? amount : 0))
                        .Where(r => r.Amount > 0),
                ],
                RequiredTraits = [.. traits[group.Key].Where(t => t.Value == "required").Select(t => t.Name)],
                ForbiddenTraits = [.. traits[group.Key].Where(t => t.Value == "forbidden").Select(t => t.Name)],
            }).Where(g => g.Resources.Count > 0),
        ];
    }

    private static IEnumerable<(string Group, string Name, string Value)> Named(IReadOnlyDictionary<string, string> extraSpecs, string prefix)
    {
        foreach (var (key, value) in extraSpecs)
            if (key.StartsWith(prefix, StringComparison.Ordinal) && key.IndexOf(':', StringComparison.Ordinal) is var colon && colon > prefix.Length)
                yield return (key[prefix.Length..colon], key[(colon + 1)..], value);
    }
}
