using Nova.Modules.Hardware;
using Nova.Modules.Placement;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Scheduling;

/// <summary>All hosts, aggregates, providers and placed members of server groups as the database held them at one moment.</summary>
public sealed record PictureSnapshot(
    IReadOnlyList<HostState> Hosts, IReadOnlyList<ProviderState> Providers, IReadOnlyList<AggregateState> Aggregates, IReadOnlyList<GroupMember> Members)
{
    /// <summary>Which servers are where.</summary>
    public IReadOnlyList<ServerState> Servers { get; init; } = [];

    /// <summary>Who has which hardware.</summary>
    public IReadOnlyList<HardwareChange> Hardware { get; init; } = [];

    /// <summary>Builds that failed since the last good one, of the hosts that have such; only in what a picture itself says of itself.</summary>
    public IReadOnlyList<FailedBuilds> FailedBuilds { get; init; } = [];

    /// <summary>Reads everything in one snapshot: as many queries as there are tables, whatever the number of hosts.</summary>
    public static async Task<PictureSnapshot> Read(Rows rows) =>
        new(await HostStates.Read(rows), await ReadProviders(rows), await AggregateStates.Read(rows), await GroupStates.Read(rows))
        {
            Servers = await ServerStates.Read(rows), Hardware = await HardwareStore.Read(rows),
        };

    private static async Task<IReadOnlyList<ProviderState>> ReadProviders(Rows rows)
    {
        var providers = await rows.Query<ProviderRow>("SELECT id, generation, root_id FROM resource_providers");
        var inventories = (await rows.Query<InventoryRow>(
            """
            SELECT provider_id, class, total, reserved, min_unit, max_unit, step_size, allocation_ratio, used FROM inventories
            """)).ToLookup(row => row.ProviderId);
        var traits = (await rows.Query<TraitRow>("SELECT provider_id, trait FROM provider_traits")).ToLookup(row => row.ProviderId);
        var aggregates = (await rows.Query<AggregateRow>("SELECT provider_id, aggregate_id FROM provider_aggregates")).ToLookup(row => row.ProviderId);
        return
        [
            .. providers.Select(p => new ProviderState(
                p.Id, p.Generation, [.. inventories[p.Id].Select(row => row.ToInventory())], [.. traits[p.Id].Select(row => row.Trait)])
            {
                RootId = p.RootId,
                Aggregates = [.. aggregates[p.Id].Select(row => row.AggregateId)],
            }),
        ];
    }

    private sealed class ProviderRow
    {
        public Guid Id { get; init; }
        public Guid RootId { get; init; }
        public long Generation { get; init; }
    }

    private sealed class TraitRow
    {
        public Guid ProviderId { get; init; }
        public string Trait { get; init; } = "";
    }

    private sealed class AggregateRow
    {
        public Guid ProviderId { get; init; }
        public Guid AggregateId { get; init; }
    }

    private sealed class InventoryRow
    {
        public Guid ProviderId { get; init; }
        public string Class { get; init; } = "";
        public long Total { get; init; }
        public long Reserved { get; init; }
        public long MinUnit { get; init; }
        public long MaxUnit { get; init; }
        public long StepSize { get; init; }
        public double AllocationRatio { get; init; }
        public long Used { get; init; }

        public Inventory ToInventory() => new()
        {
            Class = Class, Total = Total, Reserved = Reserved, MinUnit = MinUnit, MaxUnit = MaxUnit, StepSize = StepSize,
            AllocationRatio = AllocationRatio, Used = Used,
        };
    }
}

/// <summary>How many builds failed on a host since the last good one.</summary>
public readonly record struct FailedBuilds(Guid HostId, int Builds);
