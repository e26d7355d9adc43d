using System.Text.Json;
using Nova.Modules.Hardware;
using Nova.Modules.Networks;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;

namespace Nova.Drivers.Network.Embedded.Qos;

/// <summary>What a port takes of its host: bandwidth and packets that its policy guarantees, and a device where it is one.</summary>
internal static class PortResources
{
    private const string Normal = "normal";

    private static readonly string[] Devices = ["direct", "direct-physical", "macvtap"];

    /// <summary>One group for bandwidth, one for packets, each of one provider; null for none.</summary>
    public static IReadOnlyList<ResourceGroup>? Groups(Guid port, string? vnicType, string? physicalNetwork, IReadOnlyList<QosRuleRow> rules)
    {
        var kind = "CUSTOM_VNIC_TYPE_" + Trait(vnicType ?? Normal);
        var groups = new List<ResourceGroup>(2);
        // A network that reaches no physical one has no card whose bandwidth could be guaranteed.
        if (physicalNetwork is not null && Group(port, QosKind.Bandwidth, rules, d => d == "egress" ? "NET_BW_EGR_KILOBIT_PER_SEC" : "NET_BW_IGR_KILOBIT_PER_SEC") is { } bandwidth)
            groups.Add(bandwidth with { RequiredTraits = ["CUSTOM_PHYSNET_" + Trait(physicalNetwork), kind] });
        if (Group(port, QosKind.Packets, rules, Packets) is { } packets)
            groups.Add(packets with { RequiredTraits = [kind] });
        return groups.Count == 0 ? null : groups;
    }

    /// <summary>The device that a port is, or null.</summary>
    public static DeviceDemand? Device(Guid port, string? vnicType, string? physicalNetwork) => Array.IndexOf(Devices, vnicType) < 0
        ? null
        : new(port.ToString(), 1, [new() { PhysicalNetwork = physicalNetwork, Type = vnicType == "direct-physical" ? "type-PF" : null }], NumaAffinity.Legacy);

    /// <summary>What the binding profile says of what the port was given; null for nothing.</summary>
    public static string? Bound(PlannedNic nic)
    {
        var bound = new Dictionary<string, object>();
        if (nic.Held is { Count: > 0 } held)
            bound["allocation"] = held.ToDictionary(part => part.Group, part => part.ProviderId.ToString());
        if (nic.PciSlot is { } slot)
            (bound["pci_slot"], bound["physical_network"]) = (slot, nic.Device?.Specs[0].PhysicalNetwork ?? "");
        return bound.Count == 0 ? null : JsonSerializer.Serialize(bound);
    }

    /// <summary>As <c>resource_request</c> of a port shows it.</summary>
    public static object? View(IReadOnlyList<ResourceGroup>? groups) => groups is null ? null : new
    {
        request_groups = groups.Select(g => new { id = g.Name, required = g.RequiredTraits, resources = g.Resources.ToDictionary(r => r.Class, r => r.Amount) }),
        same_subtree = groups.Select(g => g.Name),
    };

    private static ResourceGroup? Group(Guid port, QosKind kind, IReadOnlyList<QosRuleRow> rules, Func<string, string> classOf)
    {
        ResourceAmount[] amounts = [.. rules.Where(r => r.Kind == kind.Name && r.Amount > 0).Select(r => new ResourceAmount(classOf(r.Direction), r.Amount)).OrderBy(r => r.Class, StringComparer.Ordinal)];
        return amounts.Length == 0 ? null : new() { Name = NestedProviders.IdOf(port, kind.Name).ToString(), Resources = amounts, IsNumbered = false };
    }

    private static string Packets(string direction) => direction switch
    {
        "egress" => "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC",
        "ingress" => "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC",
        _ => "NET_PACKET_RATE_KILOPACKET_PER_SEC",
    };

    private static string Trait(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
}
