using System.Globalization;
using System.Text.Json;

namespace Nova.Modules.Scheduling;

/// <summary>What is known of a host, by the names that extra specs and expressions use for it.</summary>
internal static class HostFacts
{
    private const double MebibytesPerGibibyte = 1024;

    private static readonly Dictionary<string, Func<Picture, int, object?>> Known = new(StringComparer.Ordinal)
    {
        ["id"] = (p, s) => p.Host(s).Id.ToString(),
        ["uuid"] = (p, s) => p.Host(s).Id.ToString(),
        ["host"] = (p, s) => p.Host(s).Name,
        ["nodename"] = (p, s) => p.Host(s).Node,
        ["hypervisor_hostname"] = (p, s) => p.Host(s).Node,
        ["hypervisor_type"] = (p, s) => p.Host(s).HypervisorType,
        ["hypervisor_version"] = (p, s) => (double)p.Host(s).HypervisorVersion,
        ["host_ip"] = (p, s) => p.Host(s).HostIp,
        ["cpu_info"] = (p, s) => p.Host(s).CpuInfo,
        ["supported_instances"] = (p, s) => JsonSerializer.Serialize(p.Host(s).SupportedInstances.Select(i => i.Split('/'))),
        ["supported_hv_specs"] = (p, s) => JsonSerializer.Serialize(p.Host(s).SupportedInstances.Select(i => i.Split('/'))),
        ["aggregates"] = (p, s) => JsonSerializer.Serialize(p.Host(s).Aggregates),
        ["metrics"] = (p, s) => JsonSerializer.Serialize(p.Host(s).Metrics),
        ["cell_uuid"] = (p, s) => (double)p.Host(s).Cell,
        ["mapped"] = (_, _) => 1.0,
        ["vcpus"] = (p, s) => (double)p.Host(s).Vcpus,
        ["vcpus_total"] = (p, s) => (double)p.Host(s).Vcpus,
        ["vcpus_used"] = (p, s) => Used(p, "VCPU", s),
        ["memory_mb"] = (p, s) => (double)p.Host(s).MemoryMb,
        ["total_usable_ram_mb"] = (p, s) => (double)p.Host(s).MemoryMb,
        ["memory_mb_used"] = (p, s) => Used(p, "MEMORY_MB", s),
        ["free_ram_mb"] = (p, s) => p.Host(s).MemoryMb - Used(p, "MEMORY_MB", s),
        ["local_gb"] = (p, s) => (double)p.Host(s).DiskGb,
        ["total_usable_disk_gb"] = (p, s) => (double)p.Host(s).DiskGb,
        ["local_gb_used"] = (p, s) => Used(p, "DISK_GB", s),
        ["free_disk_gb"] = (p, s) => p.Host(s).DiskGb - Used(p, "DISK_GB", s),
        ["disk_available_least"] = (p, s) => p.Host(s).DiskGb - Used(p, "DISK_GB", s),
        ["disk_mb_used"] = (p, s) => Used(p, "DISK_GB", s) * MebibytesPerGibibyte,
        ["free_disk_mb"] = (p, s) => (p.Host(s).DiskGb - Used(p, "DISK_GB", s)) * MebibytesPerGibibyte,
        ["running_vms"] = (p, s) => (double)p.Servers[s],
        ["num_instances"] = (p, s) => (double)p.Servers[s],
        ["num_io_ops"] = (p, s) => (double)p.Busy[s],
        ["current_workload"] = (p, s) => (double)p.Busy[s],
        ["failed_builds"] = (p, s) => (double)p.FailedBuilds[s],
        ["cpu_allocation_ratio"] = (p, s) => p.Resource("VCPU")?.Ratio(s),
        ["ram_allocation_ratio"] = (p, s) => p.Resource("MEMORY_MB")?.Ratio(s),
        ["disk_allocation_ratio"] = (p, s) => p.Resource("DISK_GB")?.Ratio(s),
    };

    /// <summary>Whether there is a fact of this name.</summary>
    public static bool IsKnown(string name) => Known.ContainsKey(name);

    /// <summary>
    /// The value of a fact (a text or a double), null when the host has none. Parts behind the name look into it, as in
    /// <c>cpu_info.topology.sockets</c>.
    /// </summary>
    public static object? Find(Picture picture, int slot, ReadOnlySpan<string> path)
    {
        var value = Known.TryGetValue(path[0], out var fact) ? fact(picture, slot) : null;
        return path.Length == 1 ? value : Inside(value as string, path[1..]);
    }

    /// <summary>A value as operators compare it.</summary>
    public static string Text(object value) => value is double number ? number.ToString(CultureInfo.InvariantCulture) : (string)value;

    private static double Used(Picture picture, string @class, int slot) => picture.Resource(@class)?.Used(slot) ?? 0;

    private static object? Inside(string? json, ReadOnlySpan<string> path)
    {
        if (json is null)
            return null;

        try
        {
            using var document = JsonDocument.Parse(json);
            var at = document.RootElement;
            foreach (var part in path)
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(part, out at))
                    return null;

            return at.ValueKind switch
            {
                JsonValueKind.String => at.GetString(),
                JsonValueKind.Number => at.GetDouble(),
                JsonValueKind.Null => null,
                _ => at.GetRawText(),
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
