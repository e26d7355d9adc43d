using System.Globalization;

namespace Nova.Modules.Hardware;

/// <summary>The words of extra specs, image properties and settings.</summary>
internal static class DemandWords
{
    private const int SmallPageKb = 4;

    /// <summary>Of hw:pci_numa_affinity_policy; legacy where there is none, null for an unknown one.</summary>
    public static NumaAffinity? AffinityOf(string? word) => word switch
    {
        null or "legacy" => NumaAffinity.Legacy,
        "required" => NumaAffinity.Required,
        "preferred" => NumaAffinity.Preferred,
        "socket" => NumaAffinity.Socket,
        _ => null,
    };

    /// <summary>Of hw:cpu_thread_policy; null for an unknown one.</summary>
    public static ThreadPolicy? ThreadsOf(string? word) => word switch
    {
        null or "prefer" => ThreadPolicy.Prefer,
        "isolate" => ThreadPolicy.Isolate,
        "require" => ThreadPolicy.Require,
        _ => null,
    };

    /// <summary>Of hw:mem_page_size: small, large, any, KiB, or an amount with a unit such as 2MB; null for anything else.</summary>
    public static PageDemand? PagesOf(string? word)
    {
        switch (word)
        {
            case null: return new(PageKind.Unspecified);
            case "small": return new(PageKind.Small);
            case "large": return new(PageKind.Large);
            case "any": return new(PageKind.Any);
        }

        var digits = word.TakeWhile(char.IsAsciiDigit).Count();
        if (!long.TryParse(word.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;

        var unit = word[digits..];
        var scale = unit.Length == 0 ? 1024L : unit[0] switch { 'k' or 'K' => 1L << 10, 'M' => 1L << 20, 'G' => 1L << 30, 'T' => 1L << 40, 'b' or 'B' => 1, _ => 0 };
        var bytes = number * scale * (unit.EndsWith("bit", StringComparison.Ordinal) || unit == "b" ? 1 : 8) / 8;
        return scale == 0 || number > int.MaxValue || bytes < SmallPageKb << 10 || bytes % 1024 != 0 || bytes >> 10 > int.MaxValue ? null : new(PageKind.Exact, (int)(bytes >> 10));
    }
}
