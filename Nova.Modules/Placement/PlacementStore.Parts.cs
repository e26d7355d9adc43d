using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement;

// What consumers that hold something already take and give back: bandwidth of a port that is attached and detached.
public sealed partial class PlacementStore
{
    /// <inheritdoc />
    public bool TryAdd(Tx tx, Claim claim)
    {
        var taken = new List<ResourceAmount>();
        foreach (var (name, amount) in claim.Resources)
            if (Take(tx, claim.ProviderId, name, amount) is { } used)
                taken.Add(new(name, used));
            else
            {
                foreach (var part in taken)
                    Return(tx, claim.ProviderId, new(part.Class, claim.Resources.First(r => r.Class == part.Class).Amount));
                return false;
            }

        foreach (var (name, amount) in claim.Resources)
            tx.Run(
                """
                INSERT INTO allocations (cell, consumer_id, provider_id, class, used) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (cell, consumer_id, provider_id, class) DO UPDATE SET used = allocations.used + excluded.used
                """,
                Cell, claim.ConsumerId, claim.ProviderId, name, amount);
        tx.Run(
            """
            INSERT INTO consumers (cell, id, generation, project_id, user_id, type, updated_at) VALUES ($1, $2, 0, $3, $4, 'INSTANCE', $5)
            ON CONFLICT (cell, id) DO UPDATE SET generation = consumers.generation + 1, updated_at = excluded.updated_at
            """,
            Cell, claim.ConsumerId, claim.ProjectId, claim.UserId, Now);
        Tell(tx, new ProviderUsage(claim.ProviderId, Raise(tx, claim.ProviderId), claim.ConsumerId, taken));
        return true;
    }

    /// <inheritdoc />
    public IReadOnlyList<ProviderPart>? TryAdd(
        Tx tx, Guid hostId, Claim claim, IReadOnlyList<(string Group, IReadOnlyList<string> Traits, IReadOnlyList<ResourceAmount> Resources)> groups)
    {
        var providers = tx.Query<Guid>("SELECT id FROM resource_providers WHERE root_id = @hostId ORDER BY id", new { hostId });
        var traits = tx.Query<TraitOf>(
            "SELECT t.provider_id, t.trait FROM provider_traits t JOIN resource_providers p ON p.id = t.provider_id WHERE p.root_id = @hostId", new { hostId })
            .ToLookup(t => t.ProviderId, t => t.Trait);
        var parts = new List<ProviderPart>();
        foreach (var (group, required, resources) in groups)
        {
            var from = providers.Where(p => required.All(traits[p].Contains)).Cast<Guid?>()
                .FirstOrDefault(p => TryAdd(tx, claim with { ProviderId = p!.Value, Resources = resources }));
            if (from is not { } provider)
            {
                GiveBack(tx, claim.ConsumerId, parts);
                return null;
            }

            parts.Add(new(provider, group, resources));
        }

        return parts;
    }

    /// <inheritdoc />
    public void GiveBack(Tx tx, Guid consumerId, IReadOnlyList<ProviderPart> parts)
    {
        foreach (var part in parts)
        {
            var changed = new List<ResourceAmount>();
            foreach (var (name, amount) in part.Resources)
                if (tx.Run(
                    "UPDATE allocations SET used = used - $5 WHERE cell = $1 AND consumer_id = $2 AND provider_id = $3 AND class = $4 AND used >= $5",
                    Cell, consumerId, part.ProviderId, name, amount) == 1)
                    changed.Add(new(name, Return(tx, part.ProviderId, new(name, amount))));
            if (changed.Count == 0)
                continue;

            tx.Run("DELETE FROM allocations WHERE cell = $1 AND consumer_id = $2 AND provider_id = $3 AND used = 0", Cell, consumerId, part.ProviderId);
            Tell(tx, new ProviderUsage(part.ProviderId, Raise(tx, part.ProviderId), consumerId, changed));
        }
    }

    private static long? Take(Tx tx, Guid provider, string name, long amount) => tx.One<long?>(
        """
        UPDATE inventories SET used = used + $3
        WHERE provider_id = $1 AND class = $2 AND used + $3 <= (total - reserved) * allocation_ratio AND $3 BETWEEN min_unit AND max_unit AND $3 % step_size = 0
        RETURNING used
        """,
        row => row.Long(0), provider, name, amount);

    private static long Return(Tx tx, Guid provider, ResourceAmount part) => tx.One(
        "UPDATE inventories SET used = used - $3 WHERE provider_id = $1 AND class = $2 RETURNING used", row => row.Long(0), provider, part.Class, part.Amount);

    private static long Raise(Tx tx, Guid provider) =>
        tx.One("UPDATE resource_providers SET generation = generation + 1 WHERE id = $1 RETURNING generation", row => row.Long(0), provider);

    private sealed class TraitOf
    {
        public Guid ProviderId { get; init; }
        public string Trait { get; init; } = "";
    }
}
