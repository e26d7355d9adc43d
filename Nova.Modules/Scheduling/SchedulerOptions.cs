using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Scheduling;

/// <summary>How hosts are chosen. docs/scheduling.md has an example of each filter and weigher.</summary>
[SettingsSection("scheduler")]
public sealed record SchedulerOptions : IValidatableObject
{
    private const double Least = -100_000_000, Most = 100_000_000;

    /// <summary>The prefilters' names in the order in which they are asked.</summary>
    [Description("What is derived from a request before the filters, in the order in which it is asked; also asked for hosts that a request forces.")]
    public IReadOnlyList<string> Prefilters { get; init; } = SchedulerParts.DefaultPrefilters;

    /// <summary>The filters' names in the order in which they are asked.</summary>
    [Description("The filters in the order in which they are asked. A host that several would refuse counts for the first.")]
    public IReadOnlyList<string> Filters { get; init; } = SchedulerParts.DefaultFilters;

    /// <summary>The weighers' names.</summary>
    [Description("The weighers. One whose multiplier is 0 is not asked.")]
    public IReadOnlyList<string> Weighers { get; init; } = SchedulerParts.DefaultWeighers;

    /// <summary>Assemblies with further filters and weighers.</summary>
    [Description("Paths of .NET assemblies with further filters and weighers (IHostFilter, IHostWeigher); their names can then be used above. They run inside the scheduler with all its rights.")]
    public IReadOnlyList<string> Assemblies { get; init; } = [];

    /// <summary>How much members of a soft-affinity group attract others.</summary>
    [Description("How much the members of a server group with soft affinity on a host count for it; 0 ignores them.")]
    [Range(0, 1_000_000)]
    public double SoftAffinityWeightMultiplier { get; init; } = 1;

    /// <summary>How much members of a soft-anti-affinity group repel others.</summary>
    [Description("How much the members of a server group with soft anti-affinity on a host count against it; 0 ignores them.")]
    [Range(0, 1_000_000)]
    public double SoftAntiAffinityWeightMultiplier { get; init; } = 1;

    /// <summary>How many of the best hosts the choice is made among.</summary>
    [Description("The choice is random among at least this many of the best hosts. More means fewer collisions between several schedulers.")]
    [Range(1, 10_000)]
    public int HostSubsetSize { get; init; } = 1;

    /// <summary>How far below the best score a host counts as equally good.</summary>
    [Description("Hosts whose score is at most this much below the best count as equally good, and the choice among them is random. Each weigher adds at most its multiplier to a score.")]
    [Range(0.0, 1_000_000)]
    public double ScoreTolerance { get; init; } = 0.01;

    /// <summary>Whether the choice among equals is random.</summary>
    [Description("false takes the first of equally good hosts instead of a random one; several schedulers then choose the same host and their claims collide.")]
    public bool ShuffleBestSameWeighedHosts { get; init; } = true;

    /// <summary>How many hosts fitting filters look at.</summary>
    [Description("How many hosts that do not fit are looked at one by one, best first, for a request with NUMA cells, pinned CPUs, huge pages or devices, before it ends with no valid host.")]
    [Range(1, 1_000_000)]
    public int MaxFittedHosts { get; init; } = 1000;

    /// <summary>How long a choice stays reserved when its claim is not seen.</summary>
    [Description("Seconds for which a chosen host counts as used before the claim is seen.")]
    [Range(0.1, 300)]
    public double ReservationSeconds { get; init; } = 5;

    /// <summary>Whether projects without an aggregate of their own get no host.</summary>
    [Description("For require_tenant_aggregate: true refuses projects that no aggregate names.")]
    public bool PlacementAggregateRequiredForTenants { get; init; }

    /// <summary>The limit of IoOpsFilter.</summary>
    [Description("Builds, moves, resizes, rescues and copies that a host may have in progress, for IoOpsFilter and AggregateIoOpsFilter.")]
    [Range(1, int.MaxValue)]
    public int MaxIoOpsPerHost { get; init; } = 8;

    /// <summary>The limit of NumInstancesFilter.</summary>
    [Description("Servers that a host may have, for NumInstancesFilter and AggregateNumInstancesFilter.")]
    [Range(1, int.MaxValue)]
    public int MaxInstancesPerHost { get; init; } = 50;

    /// <summary>Images of isolated hosts.</summary>
    [Description("Ids of images whose servers go only to isolated_hosts, for IsolatedHostsFilter.")]
    public IReadOnlyList<string> IsolatedImages { get; init; } = [];

    /// <summary>Hosts for isolated images.</summary>
    [Description("Names of the hosts that isolated_images go to, for IsolatedHostsFilter.")]
    public IReadOnlyList<string> IsolatedHosts { get; init; } = [];

    /// <summary>Whether isolated hosts take nothing else.</summary>
    [Description("true keeps servers of other images off isolated_hosts.")]
    public bool RestrictIsolatedHostsToIsolatedImages { get; init; } = true;

    /// <summary>The architecture of images that name none.</summary>
    [Description("The architecture of images that name none, for ImagePropertiesFilter; empty for any.")]
    public string ImagePropertiesDefaultArchitecture { get; init; } = "";

    /// <summary>Which image properties are compared with aggregates.</summary>
    [Description("What the names of the image properties begin with that AggregateImagePropertiesIsolation compares; empty compares all.")]
    public string AggregateImagePropertiesIsolationNamespace { get; init; } = "";

    /// <summary>What follows it.</summary>
    [Description("What stands between that namespace and the rest of the name.")]
    public string AggregateImagePropertiesIsolationSeparator { get; init; } = ".";

    /// <summary>How much free memory counts.</summary>
    [Description("How much free memory counts when hosts are compared; negative packs servers onto few hosts, 0 ignores it. This and every other …_weight_multiplier can be metadata of an aggregate, for its hosts.")]
    [Range(Least, Most)]
    public double RamWeightMultiplier { get; init; } = 1;

    /// <summary>How much free virtual processors count.</summary>
    [Description("How much free virtual CPUs count when hosts are compared; negative packs servers onto few hosts, 0 ignores them.")]
    [Range(Least, Most)]
    public double CpuWeightMultiplier { get; init; } = 1;

    /// <summary>How much free disk counts.</summary>
    [Description("How much free disk counts when hosts are compared; negative packs servers onto few hosts, 0 ignores it.")]
    [Range(Least, Most)]
    public double DiskWeightMultiplier { get; init; } = 1;

    /// <summary>How much heavy work in progress counts.</summary>
    [Description("How much builds, moves and copies in progress count; negative prefers hosts with few.")]
    [Range(Least, Most)]
    public double IoOpsWeightMultiplier { get; init; } = -1;

    /// <summary>How much free devices count.</summary>
    [Description("How much it counts to leave hosts with free PCI devices to the servers that need them.")]
    [Range(0, Most)]
    public double PciWeightMultiplier { get; init; } = 1;

    /// <summary>How much failed builds count.</summary>
    [Description("How much builds that failed since the last good one count against a host.")]
    [Range(Least, Most)]
    public double BuildFailureWeightMultiplier { get; init; } = 1_000_000;

    /// <summary>How much the cell counts.</summary>
    [Description("How much it counts that a server which moves stays in its cell.")]
    [Range(Least, Most)]
    public double CrossCellMoveWeightMultiplier { get; init; } = 1_000_000;

    /// <summary>How much the hypervisor's version counts.</summary>
    [Description("How much newer hypervisors count; negative prefers old ones.")]
    [Range(Least, Most)]
    public double HypervisorVersionWeightMultiplier { get; init; } = 1;

    /// <summary>How much the number of servers counts.</summary>
    [Description("How much the number of servers counts; positive packs, negative spreads.")]
    [Range(Least, Most)]
    public double NumInstancesWeightMultiplier { get; init; }

    /// <summary>How much alike images count.</summary>
    [Description("How much it counts that a host has servers with the same image properties; negative spreads them.")]
    [Range(Least, Most)]
    public double ImagePropsWeightMultiplier { get; init; }

    /// <summary>Which image properties count.</summary>
    [Description("The image properties that ImagePropertiesWeigher looks at, each with its weight.")]
    public IReadOnlyDictionary<string, double> ImagePropsWeightSetting { get; init; } = new Dictionary<string, double>();

    /// <summary>How much metrics count.</summary>
    [Description("How much the sum of weighed metrics counts.")]
    [Range(Least, Most)]
    public double MetricsWeightMultiplier { get; init; } = 1;

    /// <summary>Which metrics count.</summary>
    [Description("The metrics that MetricsWeigher adds and MetricsFilter wants, each with its weight.")]
    public IReadOnlyDictionary<string, double> MetricsWeightSetting { get; init; } = new Dictionary<string, double>();

    /// <summary>Whether hosts without a weighed metric are left out.</summary>
    [Description("true takes out hosts that do not report every metric of metrics_weight_setting, as MetricsFilter does; false gives them metrics_weight_of_unavailable.")]
    public bool MetricsRequired { get; init; } = true;

    /// <summary>The sum of hosts without a weighed metric.</summary>
    [Description("The sum of a host that does not report every metric of metrics_weight_setting.")]
    public double MetricsWeightOfUnavailable { get; init; } = -10_000;

    /// <summary>Names what is unknown, and assemblies that cannot be loaded.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => SchedulerParts.Problems(this);
}
