using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Nova.Modules.Placement.ResourceClasses;
using Nova.Modules.Placement.Traits;
using Nova.Modules.Shared;

namespace Nova.Modules.Flavors;

/// <summary>
/// What the known extra specs may be, asked from 2.86 on. A name without a colon and a namespace that nobody knows are free; an
/// unknown name in a known namespace is a typing mistake.
/// </summary>
public static partial class ExtraSpecRules
{
    private const string CpuList = @"\^?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*";

    private static readonly ExtraSpecRule Text = new();
    private static readonly ExtraSpecRule Boolean = new() { IsBoolean = true };
    private static readonly ExtraSpecRule AnyNumber = new() { IsNumber = true };
    private static readonly ExtraSpecRule Natural = new() { IsNumber = true, Min = 0 };
    private static readonly ExtraSpecRule Positive = new() { IsNumber = true, Min = 1 };
    private static readonly ExtraSpecRule Level = OneOf("custom", "high", "normal", "low");
    private static readonly ExtraSpecRule TraitUse = OneOf("required", "forbidden");

    private static readonly FrozenDictionary<string, ExtraSpecRule> Names = new Dictionary<string, ExtraSpecRule>
    {
        ["accel:device_profile"] = Text,
        ["hw:cpu_realtime"] = Boolean,
        ["hw:cpu_realtime_mask"] = Matching(@"(\^)?\d+((-\d+)?(,\^?\d+(-\d+)?)?)*"),
        ["hw:hide_hypervisor_id"] = Boolean,
        ["hw:cpu_policy"] = OneOf("dedicated", "shared", "mixed"),
        ["hw:cpu_thread_policy"] = OneOf("prefer", "isolate", "require"),
        ["hw:emulator_threads_policy"] = OneOf("isolate", "share"),
        ["hw:cpu_dedicated_mask"] = Matching(CpuList),
        ["hw:mem_page_size"] = Matching(@"(large|small|any|\d+([kKMGT]i?)?(b|bit|B)?)"),
        ["hw:locked_memory"] = Boolean,
        ["hw:numa_nodes"] = Positive,
        ["hw:pci_numa_affinity_policy"] = OneOf("required", "preferred", "legacy", "socket"),
        ["hw:cpu_sockets"] = Positive,
        ["hw:cpu_cores"] = Positive,
        ["hw:cpu_threads"] = Positive,
        ["hw:cpu_max_sockets"] = Positive,
        ["hw:cpu_max_cores"] = Positive,
        ["hw:cpu_max_threads"] = Positive,
        ["hw:boot_menu"] = Boolean,
        ["hw:vif_multiqueue_enabled"] = Boolean,
        ["hw:mem_encryption"] = Boolean,
        ["hw:mem_encryption_model"] = OneOf("amd-sev", "amd-sev-es", "amd-sev-snp"),
        ["hw:pmem"] = Matching("([a-zA-Z0-9_]+(,)?)+"),
        ["hw:pmu"] = Boolean,
        ["hw:serial_port_count"] = Natural,
        ["hw:tpm_model"] = OneOf("tpm-tis", "tpm-crb"),
        ["hw:tpm_version"] = OneOf("1.2", "2.0"),
        ["hw:tpm_secret_security"] = OneOf("user", "host", "deployment"),
        ["hw:watchdog_action"] = OneOf("none", "pause", "poweroff", "reset", "disabled"),
        ["hw:viommu_model"] = OneOf("intel", "smmuv3", "virtio", "auto"),
        ["hw:virtio_packed_ring"] = Boolean,
        ["hw:sound_model"] = OneOf("sb16", "es1370", "pcspk", "ac97", "ich6", "ich9", "usb", "virtio"),
        ["hw:usb_model"] = OneOf("none", "nec-xhci", "qemu-xhci"),
        ["hw:redirected_usb_ports"] = new() { IsNumber = true, Min = 0, Max = 15 },
        ["hw:ephemeral_encryption"] = Boolean,
        ["hw:ephemeral_encryption_format"] = OneOf("plain", "luks", "luksv2"),
        ["hw_rng:allowed"] = Boolean,
        ["hw_rng:rate_bytes"] = Natural,
        ["hw_rng:rate_period"] = Natural,
        ["hw_video:ram_max_mb"] = Natural,
        ["hide_hypervisor_id"] = Boolean,
        ["group_policy"] = OneOf("isolate", "none"),
        ["os:secure_boot"] = OneOf("disabled", "required"),
        ["pci_passthrough:alias"] = Matching(@"[^:]+:\d+(?:\s*,\s*[^:]+:\d+)*"),
        ["quota:cpu_shares"] = Natural,
        ["quota:cpu_period"] = Natural,
        ["quota:cpu_quota"] = AnyNumber,
        ["vmware:hw_version"] = Text,
        ["vmware:storage_policy"] = Text,
    }.Concat(Capabilities()).Concat(Quotas()).ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Namespaces =
        [.. Names.Keys.Where(n => n.Contains(':', StringComparison.Ordinal)).Select(n => n.Split(':')[0]), "aggregate_instance_extra_specs", "capabilities"];

    /// <summary>Throws when an extra spec is not as it must be.</summary>
    /// <exception cref="Fault">400, in the original's words.</exception>
    public static void Check(string name, string value)
    {
        if (RuleOf(name) is { } rule)
            rule.Check(value);
        else if (name.Split(':', 2) is [var space, _] && (Namespaces.Contains(space) || Grouped().IsMatch(space)))
            throw Fault.BadRequest($"Validation failed; extra spec '{name}' does not appear to be a valid extra spec.");
    }

    private static ExtraSpecRule? RuleOf(string name)
    {
        if (Names.TryGetValue(name, out var rule))
            return rule;
        if (NumaCell().Match(name) is { Success: true } cell)
            return cell.Groups[1].Value == "cpus" ? Matching(CpuList) : Positive;
        if (Aggregate().IsMatch(name) || Capability().IsMatch(name))
            return Text;
        if (Resource().Match(name) is not { Success: true } found)
            return null;

        var (isTrait, wanted) = (found.Groups[1].Value == "trait", found.Groups[2].Value);
        return !CustomName().IsMatch(wanted) && !(isTrait ? StandardTraits.Contains(wanted) : StandardClasses.Contains(wanted)) ? null : isTrait ? TraitUse : AnyNumber;
    }

    private static IEnumerable<KeyValuePair<string, ExtraSpecRule>> Capabilities() =>
        ((string[])[
            "id", "uuid", "service_id", "host", "vcpus", "memory_mb", "local_gb", "vcpus_used", "memory_mb_used", "local_gb_used", "hypervisor_type",
            "hypervisor_version", "hypervisor_hostname", "free_ram_mb", "free_disk_gb", "current_workload", "running_vms", "disk_available_least", "host_ip",
            "mapped", "cpu_allocation_ratio", "ram_allocation_ratio", "disk_allocation_ratio", "total_usable_ram_mb", "total_usable_disk_gb", "disk_mb_used",
            "free_disk_mb", "vcpus_total", "num_instances", "num_io_ops", "failed_builds", "aggregates", "cell_uuid", "updated",
        ]).Select(fact => KeyValuePair.Create("capabilities:" + fact, Text));

    private static IEnumerable<KeyValuePair<string, ExtraSpecRule>> Quotas()
    {
        foreach (var part in (string[])["cpu", "memory", "disk_io", "vif"])
        {
            yield return new($"quota:{part}_limit", Natural);
            yield return new($"quota:{part}_reservation", AnyNumber);
            yield return new($"quota:{part}_shares_level", Level);
            yield return new($"quota:{part}_shares_share", Natural);
        }

        foreach (var kind in (string[])["disk_read_bytes", "disk_read_iops", "disk_write_bytes", "disk_write_iops", "disk_total_bytes", "disk_total_iops"])
            yield return new($"quota:{kind}_sec", Natural);
        foreach (var direction in (string[])["inbound", "outbound"])
            foreach (var figure in (string[])["average", "peak", "burst"])
                yield return new($"quota:vif_{direction}_{figure}", Natural);
    }

    private static ExtraSpecRule Matching(string pattern) => new() { Pattern = pattern };

    private static ExtraSpecRule OneOf(params string[] values) => new() { Values = values };

    [GeneratedRegex(@"^hw:numa_(cpus|mem)\.\d+$")]
    private static partial Regex NumaCell();

    [GeneratedRegex("^aggregate_instance_extra_specs:.+$")]
    private static partial Regex Aggregate();

    [GeneratedRegex(@"^capabilities:(cpu_info|metrics|stats|numa_topology|supported_hv_specs|pci_device_pools|nodename|pci_stats|supported_instances|limits|instances)(:\w+)*$")]
    private static partial Regex Capability();

    [GeneratedRegex("^(resources|trait)(?:[a-zA-Z0-9_-]{1,64})?:(.+)$")]
    private static partial Regex Resource();

    [GeneratedRegex("^(resources|trait)([a-zA-Z0-9_-]{1,64})?$")]
    private static partial Regex Grouped();

    [GeneratedRegex("^CUSTOM_[A-Z0-9_]+$")]
    private static partial Regex CustomName();
}

/// <summary>What the value of an extra spec may be; a rule without members allows every text.</summary>
public sealed record ExtraSpecRule
{
    private static readonly string[] Booleans = ["1", "t", "true", "on", "y", "yes", "0", "f", "false", "off", "n", "no"];
    private readonly Regex? _regex;

    /// <summary>A word for true or false.</summary>
    public bool IsBoolean { get; init; }

    /// <summary>A whole number.</summary>
    public bool IsNumber { get; init; }

    /// <summary>The least number.</summary>
    public int? Min { get; init; }

    /// <summary>The greatest number.</summary>
    public int? Max { get; init; }

    /// <summary>The only texts.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>An expression that the whole text matches, in time linear to its length.</summary>
    public string? Pattern
    {
        get;
        init => (field, _regex) = (value, new($@"\A(?:{value})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
    }

    /// <summary>Throws when the value is not as it must be.</summary>
    /// <exception cref="Fault">400.</exception>
    public void Check(string value)
    {
        if (_regex?.IsMatch(value) == false)
            throw Fault.BadRequest($"Validation failed; '{value}' is not of the format '{Pattern}'.");
        if (Values?.Contains(value) == false)
            throw Fault.BadRequest($"Validation failed; '{value}' is not one of: {string.Join(", ", Values)}.");
        if (IsBoolean && !Booleans.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase))
            throw Fault.BadRequest($"Validation failed; '{value}' is not a valid boolean-like value.");
        if (IsNumber)
            CheckNumber(value);
    }

    private void CheckNumber(string value)
    {
        if (!BigInteger.TryParse(value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw Fault.BadRequest($"Validation failed; '{value}' is not a valid integer value.");
        if (number > Max)
            throw Fault.BadRequest($"Validation failed; '{number}' is greater than the max value of '{Max}'.");
        if (number < Min)
            throw Fault.BadRequest($"Validation failed; '{number}' is less than the min value of '{Min}'.");
    }
}
