using System.ComponentModel.DataAnnotations;
using Nova.Modules.Scheduling.Filters;
using Nova.Modules.Scheduling.Prefilters;
using Nova.Modules.Scheduling.Weighers;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Scheduling;

/// <summary>All prefilters, filters and weighers by the names that settings use.</summary>
internal static class SchedulerParts
{
    private static readonly Dictionary<string, Part<IHostFilter>> KnownPrefilters = new(StringComparer.Ordinal)
    {
        ["isolate_aggregates"] = new(_ => new IsolateAggregates()),
        ["require_tenant_aggregate"] = new(o => new RequireTenantAggregate(o.PlacementAggregateRequiredForTenants)),
        ["map_az_to_placement_aggregate"] = new(_ => new MapZoneToAggregates(), true),
        ["require_image_type_support"] = Traits("require_image_type_support", ImpliedTraits.OfDiskFormat, false),
        ["transform_image_metadata"] = Traits("transform_image_metadata", ImpliedTraits.OfImageDevices, false),
        ["compute_status_filter"] = new(_ => new ComputeStatus(), true),
        ["accelerators_filter"] = Traits("accelerators_filter", ImpliedTraits.OfDeviceProfile),
        ["packed_virtqueue_filter"] = Traits("packed_virtqueue_filter", ImpliedTraits.OfPackedRing),
        ["routed_networks_filter"] = new(_ => new RoutedNetworks()),
        ["remote_managed_ports_filter"] = Traits("remote_managed_ports_filter", ImpliedTraits.OfRemotePorts),
        ["ephemeral_encryption_filter"] = Traits("ephemeral_encryption_filter", ImpliedTraits.OfEphemeralEncryption),
        ["virtio_sound_filter"] = Traits("virtio_sound_filter", ImpliedTraits.OfSound),
        ["tpm_secret_security_filter"] = Traits("tpm_secret_security_filter", ImpliedTraits.OfTpmSecret),
        ["owner_nova_filter"] = new(_ => new OwnerNova(), true),
    };

    // RequestedHostFilter, RetryFilter, AvailabilityZoneFilter, TraitsFilter and CapacityFilter are what the original leaves to other
    // parts; the rest are named as there.
    private static readonly Dictionary<string, Part<IHostFilter>> KnownFilters = new(StringComparer.Ordinal)
    {
        ["RequestedHostFilter"] = new(_ => new RequestedHostFilter(), true),
        ["RetryFilter"] = new(_ => new RetryFilter(), true),
        ["ComputeFilter"] = new(_ => new StatusFilter(), true),
        ["AvailabilityZoneFilter"] = new(_ => new ZoneFilter(), true),
        ["TraitsFilter"] = new(_ => new TraitsFilter(), true),
        ["ComputeCapabilitiesFilter"] = new(_ => new CapabilitiesFilter(), true),
        ["ImagePropertiesFilter"] = new(o => new ImagePropertiesFilter(o.ImagePropertiesDefaultArchitecture), true),
        ["ServerGroupAntiAffinityFilter"] = new(_ => new GroupAntiAffinityFilter(), true),
        ["ServerGroupAffinityFilter"] = new(_ => new GroupAffinityFilter(), true),
        ["CapacityFilter"] = new(_ => new CapacityFilter(), true),
        ["NUMATopologyFilter"] = new(_ => new NumaTopologyFilter(), true),
        ["PciPassthroughFilter"] = new(_ => new PciPassthroughFilter(), true),
        ["AllHostsFilter"] = new(_ => new AllHostsFilter()),
        ["DifferentHostFilter"] = new(_ => new DifferentHostFilter()),
        ["SameHostFilter"] = new(_ => new SameHostFilter()),
        ["SimpleCIDRAffinityFilter"] = new(_ => new CidrAffinityFilter()),
        ["AggregateInstanceExtraSpecsFilter"] = new(_ => new AggregateExtraSpecsFilter()),
        ["AggregateImagePropertiesIsolation"] =
            new(o => new AggregateImageIsolation(o.AggregateImagePropertiesIsolationNamespace, o.AggregateImagePropertiesIsolationSeparator)),
        ["AggregateMultiTenancyIsolation"] = new(_ => new AggregateTenantFilter()),
        ["AggregateTypeAffinityFilter"] = new(_ => new AggregateTypeFilter()),
        ["AggregateIoOpsFilter"] = Count("AggregateIoOpsFilter", p => p.Busy, "builds and moves in progress", o => o.MaxIoOpsPerHost, "max_io_ops_per_host"),
        ["AggregateNumInstancesFilter"] = Count("AggregateNumInstancesFilter", p => p.Servers, "servers", o => o.MaxInstancesPerHost, "max_instances_per_host"),
        ["IoOpsFilter"] = Count("IoOpsFilter", p => p.Busy, "builds and moves in progress", o => o.MaxIoOpsPerHost, null),
        ["NumInstancesFilter"] = Count("NumInstancesFilter", p => p.Servers, "servers", o => o.MaxInstancesPerHost, null),
        ["IsolatedHostsFilter"] = new(o => new IsolatedHostsFilter(o.IsolatedImages, o.IsolatedHosts, o.RestrictIsolatedHostsToIsolatedImages)),
        ["JsonFilter"] = new(_ => new JsonFilter()),
        ["MetricsFilter"] = new(o => new MetricsFilter([.. o.MetricsWeightSetting.Keys])),
    };

    private static readonly Dictionary<string, Part<IHostWeigher>> KnownWeighers = new(StringComparer.Ordinal)
    {
        ["RAMWeigher"] = new(o => new FreeResourceWeigher("RAMWeigher", "MEMORY_MB", "ram_weight_multiplier", o.RamWeightMultiplier), true),
        ["CPUWeigher"] = new(o => new FreeResourceWeigher("CPUWeigher", "VCPU", "cpu_weight_multiplier", o.CpuWeightMultiplier), true),
        ["DiskWeigher"] = new(o => new FreeResourceWeigher("DiskWeigher", "DISK_GB", "disk_weight_multiplier", o.DiskWeightMultiplier), true),
        ["IoOpsWeigher"] = new(o => new CountWeigher("IoOpsWeigher", "io_ops_weight_multiplier", o.IoOpsWeightMultiplier, p => p.Busy), true),
        ["PCIWeigher"] = new(o => new CountWeigher("PCIWeigher", "pci_weight_multiplier", o.PciWeightMultiplier, p => p.FreeDevices, isLessBetter: true), true),
        ["MetricsWeigher"] = new(o => new MetricsWeigher(o), true),
        ["ServerGroupSoftAffinityWeigher"] = new(o => GroupWeigher.SoftAffinity(o.SoftAffinityWeightMultiplier), true),
        ["ServerGroupSoftAntiAffinityWeigher"] = new(o => GroupWeigher.SoftAntiAffinity(o.SoftAntiAffinityWeightMultiplier), true),
        ["BuildFailureWeigher"] =
            new(o => new CountWeigher("BuildFailureWeigher", "build_failure_weight_multiplier", o.BuildFailureWeightMultiplier, p => p.FailedBuilds, isLessBetter: true), true),
        ["CrossCellWeigher"] = new(o => new CrossCellWeigher(o.CrossCellMoveWeightMultiplier), true),
        ["HypervisorVersionWeigher"] = new(
            o => new CountWeigher("HypervisorVersionWeigher", "hypervisor_version_weight_multiplier", o.HypervisorVersionWeightMultiplier, p => p.HypervisorVersions), true),
        ["NumInstancesWeigher"] =
            new(o => new CountWeigher("NumInstancesWeigher", "num_instances_weight_multiplier", o.NumInstancesWeightMultiplier, p => p.Servers), true),
        ["ImagePropertiesWeigher"] = new(o => new ImagePropertiesWeigher(o), true),
    };

    /// <summary>The prefilters that are asked when the settings do not say which.</summary>
    public static IReadOnlyList<string> DefaultPrefilters => Defaults(KnownPrefilters);

    /// <summary>The filters that are asked when the settings do not say which.</summary>
    public static IReadOnlyList<string> DefaultFilters => Defaults(KnownFilters);

    /// <summary>The weighers that are asked when the settings do not say which.</summary>
    public static IReadOnlyList<string> DefaultWeighers => Defaults(KnownWeighers);

    /// <summary>Every prefilter, by name.</summary>
    public static IReadOnlyCollection<string> PrefilterNames => KnownPrefilters.Keys;

    /// <summary>Every filter of the product, by name.</summary>
    public static IReadOnlyCollection<string> FilterNames => KnownFilters.Keys;

    /// <summary>Every weigher of the product, by name.</summary>
    public static IReadOnlyCollection<string> WeigherNames => KnownWeighers.Keys;

    /// <summary>Prefilters and filters as the settings name them, in their order.</summary>
    public static IReadOnlyList<IHostFilter> CreateFilters(SchedulerOptions options)
    {
        var plugins = SchedulerPlugins.Load(options.Assemblies);
        var wantsMetrics = options.MetricsRequired && options.MetricsWeightSetting.Count > 0 && !options.Filters.Contains("MetricsFilter");
        return
        [
            .. options.Prefilters.Select(name => KnownPrefilters[name].Make(options)),
            .. options.Filters.Select(name => KnownFilters.TryGetValue(name, out var part) ? part.Make(options) : plugins.Filter(name)),
            .. wantsMetrics ? [KnownFilters["MetricsFilter"].Make(options)] : Array.Empty<IHostFilter>(),
        ];
    }

    /// <summary>The weighers that the settings name.</summary>
    public static IReadOnlyList<IHostWeigher> CreateWeighers(SchedulerOptions options)
    {
        var plugins = SchedulerPlugins.Load(options.Assemblies);
        return [.. options.Weighers.Select(name => KnownWeighers.TryGetValue(name, out var part) ? part.Make(options) : plugins.Weigher(name))];
    }

    /// <summary>What is wrong with the settings, a sentence each.</summary>
    public static IEnumerable<ValidationResult> Problems(SchedulerOptions options)
    {
        SchedulerPlugins plugins;
        string? failure = null;
        try
        {
            plugins = SchedulerPlugins.Load(options.Assemblies);
        }
        catch (SchedulerPluginException e)
        {
            (plugins, failure) = (SchedulerPlugins.None, e.Message);
        }

        if (failure is not null)
            yield return new(failure, [nameof(options.Assemblies)]);
        foreach (var problem in Unknown("prefilter", options.Prefilters, KnownPrefilters.Keys, nameof(options.Prefilters))
            .Concat(Unknown("filter", options.Filters, [.. KnownFilters.Keys, .. plugins.FilterNames], nameof(options.Filters)))
            .Concat(Unknown("weigher", options.Weighers, [.. KnownWeighers.Keys, .. plugins.WeigherNames], nameof(options.Weighers))))
            yield return problem;
    }

    private static IEnumerable<ValidationResult> Unknown(string kind, IReadOnlyList<string> names, IReadOnlyCollection<string> known, string member) =>
        names.Where(name => !known.Contains(name)).Select(name => new ValidationResult(
            NearestName.Of(name, known) is { } nearest
                ? $"There is no {kind} '{name}'; did you mean '{nearest}'? There are {string.Join(", ", known)}."
                : $"There is no {kind} '{name}'; there are {string.Join(", ", known)}.",
            [member]));

    private static string[] Defaults<T>(Dictionary<string, Part<T>> known) => [.. known.Where(p => p.Value.IsDefault).Select(p => p.Key)];

    private static Part<IHostFilter> Traits(string name, Func<PlacementRequest, IEnumerable<string>> traits, bool isDefault = true) =>
        new(_ => new TraitPrefilter(name, traits), isDefault);

    private static Part<IHostFilter> Count(string name, Func<Picture, IntColumn> column, string what, Func<SchedulerOptions, int> limit, string? key) =>
        new(o => new CountFilter(name, column, what, limit(o), key));

    private sealed record Part<T>(Func<SchedulerOptions, T> Make, bool IsDefault = false);
}
