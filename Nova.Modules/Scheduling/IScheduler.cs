using Nova.Modules.Hardware;
using Nova.Modules.Placement;
using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling;

/// <summary>Chooses hosts from a picture in memory and reserves what it chose until the claim is seen, or 5 s.</summary>
public interface IScheduler
{
    /// <summary>Ranked hosts for each server of the request, or none and the reasons. Never reads the database.</summary>
    ValueTask<Selection> Choose(PlacementRequest request, CancellationToken ct);
}

/// <summary>What has to be placed, alike for all servers of a request.</summary>
public sealed record PlacementRequest
{
    /// <summary>The request's id; ties are broken by it.</summary>
    public required Guid Id { get; init; }

    /// <summary>The servers to place.</summary>
    public required IReadOnlyList<Guid> Servers { get; init; }

    /// <summary>The owner of the servers.</summary>
    public required string ProjectId { get; init; }

    /// <summary>VCPU, MEMORY_MB, DISK_GB and custom classes, per server.</summary>
    public required IReadOnlyList<ResourceAmount> Resources { get; init; }

    /// <summary>Only hosts of this zone; null for any.</summary>
    public string? Zone { get; init; }

    /// <summary>Only this host (service host name); null for any. A forced host skips the filters, not the capacity.</summary>
    public string? Host { get; init; }

    /// <summary>Only this node (hypervisor host name); null for any.</summary>
    public string? Node { get; init; }

    /// <summary>True for the zone:host form, which skips the filters (capacity is still claimed); false for the 2.74 members, which do not.</summary>
    public bool SkipFilters { get; init; }

    /// <summary>Traits that a host must have.</summary>
    public IReadOnlyList<string> RequiredTraits { get; init; } = [];

    /// <summary>Traits that a host must not have.</summary>
    public IReadOnlyList<string> ForbiddenTraits { get; init; } = [];

    /// <summary>The server group that all servers of the request are in, or null.</summary>
    public GroupRequest? Group { get; init; }

    /// <summary>Image properties that filters look at (architecture, hypervisor type, vm mode).</summary>
    public IReadOnlyDictionary<string, string> ImageProperties { get; init; } = new Dictionary<string, string>();

    /// <summary>The flavor's name and extra specs; null where the request has none.</summary>
    public RequestedFlavor? Flavor { get; init; }

    /// <summary>The image's id and disk format; null where there is none.</summary>
    public RequestedImage? Image { get; init; }

    /// <summary>What the client wrote as scheduler hints; null for none.</summary>
    public PlacementHints? Hints { get; init; }

    /// <summary>What it takes of providers below the host's, together per group: <c>resources1:…</c>, ports with bandwidth.</summary>
    public IReadOnlyList<ResourceGroup> ResourceGroups { get; init; } = [];

    /// <summary>True when each numbered group has a provider of its own (<c>group_policy=isolate</c>).</summary>
    public bool IsolatesGroups { get; init; }

    /// <summary>NUMA cells, pinned processors, pages and devices; null for none.</summary>
    public HardwareDemand? Hardware { get; init; }

    /// <summary>What the ports want of hosts beside resources; null for nothing.</summary>
    public PortNeeds? Ports { get; init; }

    /// <summary>The cell where the server is while it moves; null for a new one.</summary>
    public int? FromCell { get; init; }

    /// <summary>Hosts that were tried already and failed.</summary>
    public IReadOnlyList<Guid> TriedHosts { get; init; } = [];

    /// <summary>True to choose also among hosts that no conductor sees now: would one of them do if it came back?</summary>
    public bool IncludeAbsent { get; init; }

    /// <summary>How many further hosts to name for each server in case a claim is refused.</summary>
    public int Alternates { get; init; } = 3;
}

/// <summary>What filters look at of a flavor.</summary>
public sealed record RequestedFlavor(string Name, IReadOnlyDictionary<string, string> ExtraSpecs);

/// <summary>What filters look at of an image beside its properties.</summary>
public sealed record RequestedImage(string Id, string? DiskFormat);

/// <summary>The hints that filters know; <c>group</c> becomes members of its own.</summary>
public sealed record PlacementHints
{
    /// <summary>Only hosts that have one of these servers.</summary>
    public IReadOnlyList<Guid>? SameHost { get; init; }

    /// <summary>No host that has one of these servers.</summary>
    public IReadOnlyList<Guid>? DifferentHost { get; init; }

    /// <summary>JSON of an expression over facts of hosts, such as <c>[">=", "$free_ram_mb", 1024]</c>.</summary>
    public string? Query { get; init; }

    /// <summary>Only hosts whose address is in the same network as this one.</summary>
    public string? NearHostIp { get; init; }

    /// <summary>The prefix of that network, as <c>/24</c>.</summary>
    public string? Cidr { get; init; }
}

/// <summary>What ports want of hosts beside resources.</summary>
public sealed record PortNeeds
{
    /// <summary>Kinds of interfaces: normal, direct, remote-managed …</summary>
    public IReadOnlyList<string> VnicTypes { get; init; } = [];

    /// <summary>For each network with segments the aggregates that have one: a host must be in one of each.</summary>
    public IReadOnlyList<IReadOnlyList<Guid>> SegmentAggregates { get; init; } = [];
}

/// <summary>The choice for each server in the order of the request (best first, then alternates), and why other hosts were refused.</summary>
public sealed record Selection(IReadOnlyList<IReadOnlyList<HostChoice>> Ranked, IReadOnlyList<Refusal> Refusals, int HostsSeen)
{
    /// <summary>True when every server got a host.</summary>
    public bool IsComplete => Ranked.Count > 0 && Ranked.All(r => r.Count > 0);
}

/// <summary>A host that can take the server.</summary>
public sealed record HostChoice(Guid HostId, string Host, string Node, string Zone)
{
    /// <summary>What is taken of which provider, where the host's own does not give all; null where it does.</summary>
    public IReadOnlyList<ProviderPart>? Parts { get; init; }

    /// <summary>What the weighers gave it, relative to the other hosts of the same choice; larger is better.</summary>
    public float? Score { get; init; }
}

/// <summary>What has to come from one provider below the host's.</summary>
public sealed record ResourceGroup
{
    /// <summary>Its name in the request.</summary>
    public required string Name { get; init; }

    /// <summary>Classes and amounts, each at least 1.</summary>
    public required IReadOnlyList<ResourceAmount> Resources { get; init; }

    /// <summary>Traits that the provider must have.</summary>
    public IReadOnlyList<string> RequiredTraits { get; init; } = [];

    /// <summary>Traits that it must not have.</summary>
    public IReadOnlyList<string> ForbiddenTraits { get; init; } = [];

    /// <summary>True for the groups that <c>group_policy</c> is about.</summary>
    public bool IsNumbered { get; init; } = true;
}

/// <summary>How many hosts a filter refused, and the nearest miss in words ("3 hosts lack 512 MB of memory").</summary>
/// <param name="Filter">The filter's name.</param>
/// <param name="Hosts">How many hosts it refused.</param>
/// <param name="NearestMiss">What the nearest of them lacked.</param>
/// <param name="NotExamined">For a filter that looks at hosts one by one: how many it did not come to.</param>
public sealed record Refusal(string Filter, int Hosts, Message? NearestMiss = null, int NotExamined = 0);
