using System.Text.Json;
using Nova.Modules.Hardware;
using Nova.Modules.Networks;
using Nova.Modules.Operations;
using Nova.Modules.Placement;
using Nova.Modules.Servers.Create;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Audit;

/// <summary>Sums of inventories against allocations, and allocations against the servers that have a host.</summary>
public sealed class CapacityAudit : IAuditPart
{
    // Clients of Placement may hold capacity for what is no server; they say so by the type of the consumer.
    private const string ServerType = "INSTANCE";

    /// <inheritdoc />
    public async Task<IReadOnlyList<AuditFinding>> Look(Rows rows) =>
    [
        .. (await PlacementAudit.Recount(rows)).Select(m => new AuditFinding(
            "capacity", m.ProviderId.ToString(), $"The inventory of {m.Class} says that {m.Recorded} are used; its allocations add up to {m.Counted}.")),
        .. (await PlacementAudit.Strays(rows)).Select(id => new AuditFinding("capacity", id.ToString(), "A consumer without allocations, or allocations without a consumer.")),
        .. (await HardwareStore.Strays(rows)).Select(piece => new AuditFinding("hardware", piece, "A piece of a host is given to a guest that holds nothing else.")),
        .. await Servers(rows),
    ];

    private static async Task<IEnumerable<AuditFinding>> Servers(Rows rows)
    {
        var held = (await rows.Query<Allocation>(
            """
            SELECT a.consumer_id, a.provider_id, a.class, a.used, COALESCE(c.type, '') AS type
            FROM allocations a JOIN consumers c ON c.cell = a.cell AND c.id = a.consumer_id
            """)).ToLookup(a => a.ConsumerId);
        var placed = await rows.Query<Placed>("SELECT id, host_id, flavor, details, networks FROM servers WHERE deleted_at IS NULL AND host_id IS NOT NULL");
        var amounts = new Dictionary<string, IReadOnlyList<ResourceAmount>>(StringComparer.Ordinal);
        var ids = placed.Select(s => s.Id).ToHashSet();
        return
        [
            .. placed.Where(s => !Holds(s, held[s.Id], amounts)).Select(s => new AuditFinding(
                "allocations", s.Id.ToString(), $"The server on host {s.HostId} does not hold exactly what its flavor takes of it.")),
            .. held.Where(h => h.First().Type == ServerType && !ids.Contains(h.Key)).Select(h => new AuditFinding("allocations", h.Key.ToString(), "Capacity is held for a server that has no host, or is gone.")),
        ];
    }

    // Thousands of servers share a flavor: each distinct text is read once.
    private static bool Holds(Placed server, IEnumerable<Allocation> held, Dictionary<string, IReadOnlyList<ResourceAmount>> amounts)
    {
        if (!amounts.TryGetValue(server.Flavor, out var wanted))
            amounts.Add(server.Flavor, wanted = Resources.Of(JsonSerializer.Deserialize<ServerFlavor>(server.Flavor, StateJson.Options)!));
        if (server.Details.Contains("\"WantsHardware\":true", StringComparison.Ordinal) || wanted.Any(w => !IsOwn(w.Class)) || server.Flavor.Contains("\"resources", StringComparison.Ordinal))
            return HoldsSpread(held, wanted);
        return held.Select(a => (a.ProviderId, a.Class, a.Used)).Order()
            .SequenceEqual(wanted.Select(w => (server.HostId, w.Class, w.Amount)).Concat(OfPorts(server)).Order());
    }

    // Ports may have bandwidth of providers below the host's, several of the same one.
    private static IEnumerable<(Guid, string, long)> OfPorts(Placed server) =>
        server.Networks.Contains("\"Held\"", StringComparison.Ordinal)
            ? JsonSerializer.Deserialize<List<PortBinding>>(server.Networks, StateJson.Options)!
                .SelectMany(port => port.Held ?? []).SelectMany(part => part.Resources.Select(r => (part.ProviderId, r.Class, r.Amount)))
                .GroupBy(r => (r.ProviderId, r.Class), r => r.Amount).Select(g => (g.Key.ProviderId, g.Key.Class, g.Sum()))
            : [];

    private static bool IsOwn(string @class) => @class is "VCPU" or "MEMORY_MB" or "DISK_GB";

    // Pinned processors, devices and classes of providers below the host's: what is certain is how much there is in all.
    private static bool HoldsSpread(IEnumerable<Allocation> held, IReadOnlyList<ResourceAmount> wanted)
    {
        var sums = held.GroupBy(a => a.Class == "PCPU" ? "VCPU" : a.Class).ToDictionary(g => g.Key, g => g.Sum(a => a.Used));
        return wanted.All(w => sums.GetValueOrDefault(w.Class) >= w.Amount);
    }

    private sealed class Allocation
    {
        public Guid ConsumerId { get; init; }
        public Guid ProviderId { get; init; }
        public string Class { get; init; } = "";
        public long Used { get; init; }
        public string Type { get; init; } = "";
    }

    private sealed class Placed
    {
        public Guid Id { get; init; }
        public Guid HostId { get; init; }
        public string Flavor { get; init; } = "{}";
        public string Details { get; init; } = "{}";
        public string Networks { get; init; } = "[]";
    }
}
