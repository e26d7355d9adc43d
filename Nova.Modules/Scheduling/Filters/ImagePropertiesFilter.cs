using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only hosts that can run the architecture, hypervisor type and VM mode that the image asks for.</summary>
internal sealed class ImagePropertiesFilter(string defaultArchitecture) : IHostFilter
{
    private static readonly string[] Architecture = ["hw_architecture", "architecture"];
    private static readonly string[] HypervisorType = ["img_hv_type", "hypervisor_type"];
    private static readonly string[] VmMode = ["hw_vm_mode", "vm_mode"];

    /// <inheritdoc />
    public string Name => "ImagePropertiesFilter";

    /// <inheritdoc />
    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        if (Wanted(request) is { } wanted)
        {
            var able = new BitSet();
            foreach (var (ability, hosts) in picture.Abilities)
                if (Satisfies(ability, wanted))
                    able.Or(hosts);
            alive.And(able);
        }

        if (Version(request) is { } version)
            KeepVersions(picture, version, alive);
    }

    /// <inheritdoc />
    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        var wanted = string.Join('/', (Wanted(request) ?? ["any", "any", "any"]).Select(part => part ?? "any"));
        return Version(request) is { } version
            ? Message.Of($"{hosts} hosts cannot run {wanted} on a hypervisor of version {version}, which the image asks for")
            : Message.Of($"{hosts} hosts cannot run {wanted}, which the image asks for");
    }

    private string?[]? Wanted(PlacementRequest request)
    {
        var architecture = Property(request, Architecture) ?? (request.Image is null || defaultArchitecture.Length == 0 ? null : defaultArchitecture);
        string?[] wanted = [architecture, Property(request, HypervisorType), Property(request, VmMode)];
        return wanted.Any(part => part is not null) ? wanted : null;
    }

    private static string? Version(PlacementRequest request) =>
        request.ImageProperties.Count > 0 && request.ImageProperties.GetValueOrDefault("img_hv_requested_version") is { Length: > 0 } version ? version : null;

    // Conditions such as ">=6.0, <7.0.3", all of which must hold.
    private static void KeepVersions(Picture picture, string version, BitSet alive)
    {
        var conditions = version.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Condition).ToList();
        for (var slot = alive.Next(0); slot >= 0; slot = alive.Next(slot + 1))
            alive[slot] = conditions.TrueForAll(isMet => isMet(picture.HypervisorVersions[slot]));
    }

    private static Func<int, bool> Condition(string text)
    {
        var sign = text.TakeWhile(c => c is '<' or '>' or '=' or '!').Count();
        var parts = text[sign..].Trim().Split('.');
        if (parts.Length > 3 || !Array.TrueForAll(parts, p => ushort.TryParse(p, out _)))
            return _ => false;

        var wanted = parts.Concat(["0", "0"]).Take(3).Aggregate(0L, (sum, part) => sum * 1000 + ushort.Parse(part, System.Globalization.CultureInfo.InvariantCulture));
        return text[..sign] switch
        {
            "<" => version => version < wanted,
            "<=" => version => version <= wanted,
            ">" => version => version > wanted,
            ">=" => version => version >= wanted,
            "!=" => version => version != wanted,
            "" or "=" or "==" => version => version == wanted,
            _ => _ => false,
        };
    }

    private static string? Property(PlacementRequest request, string[] names)
    {
        if (request.ImageProperties.Count == 0)
            return null;

        foreach (var name in names)
            if (request.ImageProperties.TryGetValue(name, out var value) && value.Length > 0)
                return value;

        return null;
    }

    // An ability is "architecture/hypervisor type/VM mode".
    private static bool Satisfies(string ability, string?[] wanted)
    {
        var parts = ability.Split('/');
        for (var i = 0; i < wanted.Length; i++)
            if (wanted[i] is { } part && (i >= parts.Length || !part.Equals(parts[i], StringComparison.OrdinalIgnoreCase)))
                return false;

        return true;
    }
}
