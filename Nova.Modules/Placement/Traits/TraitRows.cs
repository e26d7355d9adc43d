using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Traits;

/// <summary>A trait that a row tells of.</summary>
internal sealed record KnownTrait(string Name, long UpdatedAt);

/// <summary>The rows of traits: custom ones, and standard ones that some provider has had; all standard ones are known to the program.</summary>
internal static class TraitRows
{
    private static readonly SizedStatement Among = new(count => $"SELECT name FROM traits WHERE name IN {Bulk.List(1, count)}");

    private static readonly SizedStatement AddMany = new(count => $"INSERT INTO traits (name, updated_at) VALUES {Bulk.Rows(1, 2, count)} ON CONFLICT (name) DO NOTHING");

    private static readonly SizedStatement Give = new(count => $"INSERT INTO provider_traits (provider_id, trait, by_host) VALUES {Bulk.Rows(1, 3, count)}");

    private static readonly SizedStatement Take = new(count => $"DELETE FROM provider_traits WHERE (provider_id, trait) IN (VALUES {Bulk.Rows(1, 2, count)})");

    /// <summary>Every row.</summary>
    public static Task<List<KnownTrait>> All(Rows rows) => rows.Many("SELECT name, updated_at FROM traits ORDER BY name", Read);

    /// <summary>One row, or null.</summary>
    public static Task<KnownTrait?> Find(Rows rows, string name) => rows.One("SELECT name, updated_at FROM traits WHERE name = $1", Read, name);

    /// <summary>The traits that some provider has.</summary>
    public static Task<List<string>> Associated(Rows rows) => rows.Many("SELECT DISTINCT trait FROM provider_traits", row => row.Text(0));

    /// <summary>The traits of a provider.</summary>
    public static Task<List<string>> OfProvider(Rows rows, Guid providerId) =>
        rows.Many("SELECT trait FROM provider_traits WHERE provider_id = $1 ORDER BY trait", row => row.Text(0), providerId);

    /// <summary>Those of the names that are no traits, in their order.</summary>
    public static async Task<IReadOnlyList<string>> Unknown(Rows rows, IReadOnlyCollection<string> names)
    {
        var custom = Custom(names);
        return custom.Length == 0
            ? []
            : [.. custom.Except(await rows.Many(Among[custom.Length], row => row.Text(0), [.. custom.Select(name => (SqlValue)name)]), StringComparer.Ordinal)];
    }

    /// <summary>Those of the names that are no traits, in their order.</summary>
    public static IReadOnlyList<string> Unknown(Tx tx, IReadOnlyCollection<string> names)
    {
        var custom = Custom(names);
        return [.. custom.Except(Bulk.Many(tx, Among, [.. custom.Select(name => (SqlValue)name)], row => row.Text(0)), StringComparer.Ordinal)];
    }

    /// <summary>False when there is a trait of that name.</summary>
    public static bool TryAdd(Tx tx, string name, long now) =>
        tx.Run("INSERT INTO traits (name, updated_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", name, now) > 0;

    /// <summary>True for a trait that some provider has.</summary>
    public static bool IsUsed(Tx tx, string name) => tx.One("SELECT 1 FROM provider_traits WHERE trait = $1 LIMIT 1", row => row.Long(0), name) > 0;

    /// <summary>False when there was no such trait.</summary>
    public static bool TryRemove(Tx tx, string name) => tx.Run("DELETE FROM traits WHERE name = $1", name) > 0;

    /// <summary>The provider has these traits and no others; true when that is a change.</summary>
    public static bool Replace(Tx tx, Guid providerId, IReadOnlyCollection<string> names, long now)
    {
        var present = tx.Many("SELECT trait FROM provider_traits WHERE provider_id = $1", row => row.Text(0), providerId);
        string[] added = [.. names.Except(present, StringComparer.Ordinal)];
        string[] removed = [.. present.Except(names, StringComparer.Ordinal)];
        Bulk.RunRows(tx, AddMany, [.. added.Where(StandardTraits.Contains).Select(name => new SqlValue[] { name, now })]);
        Bulk.RunRows(tx, Take, [.. removed.Select(name => new SqlValue[] { providerId, name })]);
        Bulk.RunRows(tx, Give, [.. added.Select(name => new SqlValue[] { providerId, name, false })]);
        return added.Length + removed.Length > 0;
    }

    private static KnownTrait Read(SqlRow row) => new(row.Text(0), row.Long(1));

    private static string[] Custom(IReadOnlyCollection<string> names) => [.. names.Where(name => !StandardTraits.Contains(name)).Distinct(StringComparer.Ordinal)];
}
