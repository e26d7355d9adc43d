using System.Globalization;
using Nova.Modules.Shared;

namespace Nova.Modules.Hardware;

/// <summary>
/// Reads what a flavor and an image want of a host's hardware, with the original's rules for which of the two may say what, and in
/// its words.
/// </summary>
internal sealed class DemandReader(IReadOnlyDictionary<string, string> specs, IReadOnlyDictionary<string, string> properties, int vcpus, int memoryMb, PciOptions pci)
{
    private static readonly string[] SpecPrefixes = ["hw:", "pci_passthrough:"];
    private static readonly string[] Properties =
        ["hw_numa_nodes", "hw_cpu_policy", "hw_cpu_thread_policy", "hw_mem_page_size", "hw_pci_numa_affinity_policy", "hw_cpu_realtime_mask"];

    /// <summary>Whether a flavor or an image can want anything at all: false for nearly all.</summary>
    public static bool MayWant(IReadOnlyDictionary<string, string> specs, IReadOnlyDictionary<string, string> properties) =>
        (specs.Count > 0 && specs.Keys.Any(key => Array.Exists(SpecPrefixes, prefix => key.StartsWith(prefix, StringComparison.Ordinal))))
        || (properties.Count > 0 && Array.Exists(Properties, properties.ContainsKey));

    /// <summary>The demand; null when nothing is wanted.</summary>
    /// <exception cref="Fault">400: the two contradict each other or themselves.</exception>
    public HardwareDemand? Read()
    {
        var policy = Policy();
        var threads = Threads(policy);
        var isolates = IsolatesEmulator(policy);
        var pages = Pages();
        var pinned = Pinned(policy);
        var nodes = Nodes() ?? (pinned.Count > 0 || pages.Kind != PageKind.Unspecified ? 1 : 0);
        var devices = Devices();
        return nodes == 0 && devices.Count == 0
            ? null
            : new() { Cells = Cells(nodes, pinned), Threads = threads, IsolatesEmulator = isolates, Pages = pages, Devices = devices };
    }

    private string? Policy()
    {
        var (flavor, image) = (Spec("cpu_policy"), properties.GetValueOrDefault("hw_cpu_policy"));
        foreach (var word in new[] { flavor, image })
            if (word is not (null or "shared" or "dedicated" or "mixed"))
                throw Fault.BadRequest($"Invalid CPU pinning policy: {word}");
        if ((flavor, image) is ("mixed", "dedicated") or ("shared", "dedicated" or "mixed"))
            throw Fault.BadRequest($"Image property 'hw_cpu_policy' is not permitted to override CPU pinning policy set against the flavor");
        return flavor ?? image;
    }

    private ThreadPolicy Threads(string? policy)
    {
        var (flavor, image) = (Spec("cpu_thread_policy"), properties.GetValueOrDefault("hw_cpu_thread_policy"));
        if (flavor is not null && image is not null && flavor != image)
            throw Fault.BadRequest($"Image property 'hw_cpu_thread_policy' is not permitted to override CPU thread pinning policy set against the flavor");
        if ((flavor ?? image) is { } word && policy is null or "shared" && word is not null)
            throw Fault.BadRequest($"Cannot set cpu thread pinning policy in a non dedicated cpu pinning policy");
        return DemandWords.ThreadsOf(flavor ?? image) ?? throw Fault.BadRequest($"Invalid CPU thread pinning policy: {(flavor ?? image)!}");
    }

    private bool IsolatesEmulator(string? policy) => Spec("emulator_threads_policy") switch
    {
        null or "share" => false,
        "isolate" when policy == "dedicated" => true,
        "isolate" => throw Fault.BadRequest($"An isolated CPU emulator threads option requires a dedicated CPU policy option."),
        var word => throw Fault.BadRequest($"CPU emulator threads option requested is invalid, given: '{word}', available: 'isolate, share'."),
    };

    private PageDemand Pages()
    {
        var (flavor, image) = (Spec("mem_page_size"), properties.GetValueOrDefault("hw_mem_page_size"));
        foreach (var word in new[] { flavor, image })
            if (DemandWords.PagesOf(word) is null)
                throw Fault.BadRequest($"Invalid memory page size '{word!}'");

        // An image may only make a choice that the flavor leaves open.
        if (image is not null && flavor is not ("any" or "large" or null))
            throw Fault.BadRequest($"Page size {image} forbidden against '{flavor}'");
        if (image is not null && flavor is null)
            throw Fault.BadRequest($"Page size {image} forbidden against 'None'");
        return DemandWords.PagesOf(image ?? flavor)!.Value;
    }

    private int? Nodes()
    {
        if (Pick("numa_nodes", "hw_numa_nodes") is not { } text)
            return null;

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var nodes) && nodes is > 0 and <= 128
            ? nodes
            : throw Fault.BadRequest($"Invalid number of NUMA nodes '{text}': it is a whole number from 1 to 128.");
    }

    private HashSet<int> Pinned(string? policy)
    {
        var mask = Spec("cpu_dedicated_mask");
        if (mask is not null && policy != "mixed")
            throw Fault.BadRequest($"Cannot specify 'hw:cpu_dedicated_mask' without the 'mixed' policy.");
        if (policy != "mixed")
            return policy == "dedicated" ? [.. Enumerable.Range(0, vcpus)] : [];

        var realtime = Spec("cpu_realtime") is "yes" or "true" or "True" or "1" ? Spec("cpu_realtime_mask") ?? properties.GetValueOrDefault("hw_cpu_realtime_mask") : null;
        if ((mask ?? realtime) is not { } text || (mask is not null && realtime is not null))
            throw Fault.BadRequest($"Dedicated CPU set can be specified from either 'hw:cpu_dedicated_mask' or 'hw:cpu_realtime_mask' when using 'mixed' CPU policy. 'hw:cpu_dedicated_mask' and 'hw:cpu_realtime_mask' can not be specified at the same time, or be specified with none of them.");
        var pinned = Mask(text);
        if (pinned.Any(cpu => cpu >= vcpus) || pinned.Count == 0 || pinned.Count >= vcpus)
            throw Fault.BadRequest($"Mixed instance must have at least 1 pinned vCPU and 1 unpinned vCPU. See 'hw:cpu_dedicated_mask'.");
        return [.. pinned];
    }

    private List<GuestCell> Cells(int nodes, HashSet<int> pinned)
    {
        if (nodes == 0)
            return [];

        var (cpus, memory) = (Each(nodes, "numa_cpus", "hw_numa_cpus"), Each(nodes, "numa_mem", "hw_numa_mem"));
        if (cpus is null != memory is null)
            throw Incomplete();
        if (cpus is not null)
            return Assigned([.. cpus.Select(Mask)], [.. memory!.Select(Memory)], pinned);

        if (vcpus % nodes > 0 || memoryMb % nodes > 0)
            throw Fault.BadRequest($"Instance CPUs and/or memory cannot be evenly distributed across instance NUMA nodes. Explicit assignment of CPUs and memory to nodes is required");
        var each = vcpus / nodes;
        return [.. Enumerable.Range(0, nodes).Select(n => Cell(n, [.. Enumerable.Range(n * each, each)], memoryMb / nodes, pinned))];
    }

    private List<GuestCell> Assigned(List<IReadOnlyList<int>> cpus, List<int> memory, HashSet<int> pinned)
    {
        var seen = new HashSet<int>();
        foreach (var cpu in cpus.SelectMany(c => c))
        {
            if (cpu >= vcpus)
                throw Fault.BadRequest($"CPU number {cpu} is larger than max {vcpus - 1}");
            if (!seen.Add(cpu))
                throw Fault.BadRequest($"CPU number {cpu} is assigned to two nodes");
        }

        if (seen.Count < vcpus)
            throw Fault.BadRequest($"CPU number(s) {CpuRanges.Format(Enumerable.Range(0, vcpus).Except(seen))} are not assigned to any node");
        if (memory.Sum(m => (long)m) is var sum && sum != memoryMb)
            throw Fault.BadRequest($"{sum} MB of memory assigned, but expected {memoryMb} MB");
        return [.. cpus.Select((set, n) => Cell(n, set, memory[n], pinned))];
    }

    private static GuestCell Cell(int id, IReadOnlyList<int> cpus, int memoryMb, HashSet<int> pinned) =>
        new(id, [.. cpus.Where(cpu => !pinned.Contains(cpu))], [.. cpus.Where(pinned.Contains)], memoryMb);

    // Of every node, or of none.
    private List<string>? Each(int nodes, string spec, string property)
    {
        var values = Enumerable.Range(0, nodes)
            .Select(n => Pick(string.Create(CultureInfo.InvariantCulture, $"{spec}.{n}"), string.Create(CultureInfo.InvariantCulture, $"{property}.{n}"))).ToList();
        if (values.TrueForAll(v => v is null))
            return null;
        return values.TrueForAll(v => v is not null) ? values.ConvertAll(v => v!) : throw Incomplete();
    }

    private static Fault Incomplete() => Fault.BadRequest($"CPU and memory allocation must be provided for all NUMA nodes");

    private string? Pick(string spec, string property)
    {
        var (flavor, image) = (Spec(spec), properties.GetValueOrDefault(property));
        if (flavor is not null && image is not null)
            throw Fault.BadRequest($"Image property '{property}' is not permitted to override NUMA configuration set against the flavor");
        return flavor ?? image;
    }

    private IReadOnlyList<int> Mask(string text) =>
        CpuRanges.TryParseMask(text, vcpus) ?? throw Fault.BadRequest($"Invalid inclusion or exclusion expression '{text}' of CPUs.");

    private static int Memory(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0
        ? size
        : throw Fault.BadRequest($"Invalid memory '{text}' of a NUMA node: it is a whole number of MB.");

    private List<DeviceDemand> Devices()
    {
        if (specs.GetValueOrDefault("pci_passthrough:alias") is not { } text)
            return [];

        var word = Spec("pci_numa_affinity_policy") ?? properties.GetValueOrDefault("hw_pci_numa_affinity_policy");
        var affinity = word is null ? (NumaAffinity?)null : DemandWords.AffinityOf(word) ?? throw Fault.BadRequest($"Invalid PCI NUMA affinity policy '{word}'.");
        return [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(part => Device(part, affinity))];
    }

    private DeviceDemand Device(string text, NumaAffinity? affinity)
    {
        var at = text.LastIndexOf(':');
        var name = at < 0 ? text : text[..at].Trim();
        if (at < 0 || !int.TryParse(text.AsSpan(at + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > 1024)
            throw Fault.BadRequest($"Invalid PCI alias definition: {text} is not of the form ALIAS:COUNT.");
        if (!pci.ByName.TryGetValue(name, out var aliases))
            throw Fault.BadRequest($"PCI alias {name} is not defined");
        return new(name, count, [.. aliases.Select(a => a.Spec)], affinity ?? DemandWords.AffinityOf(aliases[0].NumaPolicy)!.Value);
    }

    private string? Spec(string name) => specs.GetValueOrDefault("hw:" + name);
}
