using System.Text;
using System.Text.Json;
using Dapper;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Hardware;

/// <summary>What was given or given back, for pictures in memory.</summary>
/// <param name="HostId">The host.</param>
/// <param name="ConsumerId">Whose.</param>
/// <param name="Generation">Rises with each change of the host's hardware.</param>
/// <param name="Given">What the consumer has now; null for nothing.</param>
public sealed record HardwareChange(Guid HostId, Guid ConsumerId, long Generation, GivenHardware? Given);

/// <summary>A claim that was written.</summary>
/// <param name="Change">For pictures.</param>
/// <param name="Devices">The devices among it that Placement counts, by the address of their provider.</param>
public sealed record HardwareClaim(HardwareChange Change, IReadOnlyList<(string ProviderAddress, string Class)> Devices);

/// <summary>
/// The rows of <c>given_hardware</c>: which processors, memory and devices of a host each guest has. Claims of one host follow
/// each other, because each locks the host's row of <c>host_hardware</c> first; an index forbids what would still go wrong.
/// </summary>
public sealed class HardwareStore
{
    private const int RowsPerStatement = 100;

    /// <summary>
    /// Finds what the guest gets among what is free in the database, and writes it down; null when it does not fit, and then
    /// nothing was written. A guest that has something of the host already keeps it.
    /// </summary>
    /// <param name="tx">The unit.</param>
    /// <param name="hostId">The host.</param>
    /// <param name="consumerId">The server.</param>
    /// <param name="demand">What it wants.</param>
    public static HardwareClaim? TryClaim(Tx tx, Guid hostId, Guid consumerId, HardwareDemand demand)
    {
        var generation = tx.One(
            "UPDATE host_hardware SET generation = generation + 1 WHERE cell = 0 AND host_id = $1 RETURNING generation", row => row.Long(0), hostId);
        var text = generation == 0 ? null : tx.One("SELECT hardware FROM hosts WHERE cell = 0 AND id = $1", row => row.TextOrNull(0), hostId);
        if (text is null)
            return null;

        var given = Of(tx.Query<GivenRow>(
            "SELECT consumer_id, kind, unit, guest, amount FROM given_hardware WHERE cell = 0 AND host_id = @hostId ORDER BY consumer_id, kind, guest, unit", new { hostId }));
        var host = HardwareTexts.Read(text);
        if (given.TryGetValue(consumerId, out var held))
            return Of(host, new(hostId, consumerId, generation, held));

        var use = new HostUse();
        foreach (var other in given.Values)
            use.Add(other, +1);
        if (Fitting.Find(host, use, demand, Ratios(tx, hostId)) is not { } found)
            return null;

        Insert(tx, hostId, consumerId, found);
        return Of(host, new(hostId, consumerId, generation, found));
    }

    /// <summary>Gives back what the consumer has, of every host; harmless when it has nothing.</summary>
    public static IReadOnlyList<HardwareChange> Release(Tx tx, Guid consumerId)
    {
        var hosts = tx.Query<Guid>("SELECT DISTINCT host_id FROM given_hardware WHERE cell = 0 AND consumer_id = @consumerId ORDER BY host_id", new { consumerId });
        if (hosts.Count == 0)
            return [];

        var changes = hosts.Select(host => new HardwareChange(
            host, consumerId,
            tx.One("UPDATE host_hardware SET generation = generation + 1 WHERE cell = 0 AND host_id = $1 RETURNING generation", row => row.Long(0), host), null)).ToList();
        tx.Run("DELETE FROM given_hardware WHERE cell = 0 AND consumer_id = $1", consumerId);
        return changes;
    }

    /// <summary>Gives back one device of what a guest has of a host; null when it does not have it.</summary>
    public static HardwareClaim? ReleaseDevice(Tx tx, Guid hostId, Guid consumerId, string address)
    {
        if (tx.Run("DELETE FROM given_hardware WHERE cell = 0 AND host_id = $1 AND consumer_id = $2 AND kind = 'device' AND unit = $3", hostId, consumerId, address) == 0)
            return null;

        var generation = tx.One("UPDATE host_hardware SET generation = generation + 1 WHERE cell = 0 AND host_id = $1 RETURNING generation", row => row.Long(0), hostId);
        var rest = Of(tx.Query<GivenRow>(
            "SELECT consumer_id, kind, unit, guest, amount FROM given_hardware WHERE cell = 0 AND host_id = @hostId AND consumer_id = @consumerId ORDER BY kind, guest, unit",
            new { hostId, consumerId })).GetValueOrDefault(consumerId);
        var host = HardwareTexts.Read(tx.One("SELECT hardware FROM hosts WHERE cell = 0 AND id = $1", row => row.TextOrNull(0), hostId)!);
        var counted = host.DevicesInPlacement && host.Layout.ByAddress.TryGetValue(address, out var device) ? [(device.ProviderAddress, device.Class)] : Array.Empty<(string, string)>();
        return new(new(hostId, consumerId, generation, rest), counted);
    }

    /// <summary>What every consumer of every host has, for a picture.</summary>
    public static async Task<IReadOnlyList<HardwareChange>> Read(Rows rows)
    {
        var generations = (await rows.Query<GenerationRow>("SELECT host_id, generation FROM host_hardware WHERE cell = 0")).ToDictionary(r => r.HostId, r => r.Generation);
        var given = await rows.Query<GivenRow>("SELECT host_id, consumer_id, kind, unit, guest, amount FROM given_hardware WHERE cell = 0 ORDER BY host_id, consumer_id, kind, guest, unit");
        return
        [
            .. given.GroupBy(r => r.HostId).SelectMany(host => Of(host).Select(pair => new HardwareChange(host.Key, pair.Key, generations.GetValueOrDefault(host.Key), pair.Value))),
        ];
    }

    /// <summary>Pieces whose consumer holds nothing of Placement's, or has no server; empty when all is well.</summary>
    public static Task<IReadOnlyList<string>> Strays(Rows rows) => rows.Query<string>(
        """
        SELECT g.kind || ' ' || g.unit FROM given_hardware g
        WHERE NOT EXISTS (SELECT 1 FROM consumers c WHERE c.cell = g.cell AND c.id = g.consumer_id)
        ORDER BY 1
        """);

    private static HardwareClaim Of(HostHardware host, HardwareChange change) => new(
        change,
        host.DevicesInPlacement ? [.. change.Given!.Devices.Select(d => host.Layout.ByAddress[d.Address]).Select(d => (d.ProviderAddress, d.Class))] : []);

    private static FitRatios Ratios(Tx tx, Guid hostId)
    {
        var ratios = tx.Many(
            "SELECT class, allocation_ratio FROM inventories WHERE provider_id = $1 AND class IN ('VCPU', 'MEMORY_MB')", row => (Class: row.Text(0), Ratio: row.Double(1)), hostId);
        return new(Of("VCPU"), Of("MEMORY_MB"));

        double Of(string name) => ratios.Find(r => r.Class == name) is { Ratio: > 0 and var ratio } ? ratio : 1;
    }

    private static void Insert(Tx tx, Guid hostId, Guid consumerId, GivenHardware given)
    {
        foreach (var chunk in GivenRows.Of(given).Chunk(RowsPerStatement))
        {
            var (sql, values) = (new StringBuilder("INSERT INTO given_hardware (cell, host_id, consumer_id, kind, unit, guest, amount) VALUES "), new DynamicParameters());
            values.Add("host", hostId);
            values.Add("consumer", consumerId);
            for (var i = 0; i < chunk.Length; i++)
            {
                sql.Append(System.Globalization.CultureInfo.InvariantCulture, $"{(i > 0 ? ", " : "")}(0, @host, @consumer, @k{i}, @u{i}, @g{i}, @a{i})");
                values.Add($"k{i}", chunk[i].Kind);
                values.Add($"u{i}", chunk[i].Unit);
                values.Add($"g{i}", chunk[i].Guest);
                values.Add($"a{i}", chunk[i].Amount);
            }

            tx.Execute(sql.ToString(), values);
        }
    }

    private static Dictionary<Guid, GivenHardware> Of(IEnumerable<GivenRow> rows) =>
        rows.GroupBy(r => r.ConsumerId).ToDictionary(g => g.Key, g => GivenRows.Read([.. g.Select(r => new GivenPiece(r.Kind, r.Unit, r.Guest, r.Amount))]));

    private sealed class GivenRow
    {
        public Guid HostId { get; init; }
        public Guid ConsumerId { get; init; }
        public string Kind { get; init; } = "";
        public string Unit { get; init; } = "";
        public int Guest { get; init; }
        public long Amount { get; init; }
    }

    private sealed class GenerationRow
    {
        public Guid HostId { get; init; }
        public long Generation { get; init; }
    }
}
