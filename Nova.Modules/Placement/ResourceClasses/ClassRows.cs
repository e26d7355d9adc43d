using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.ResourceClasses;

/// <summary>A resource class that an operator made.</summary>
internal sealed record CustomClass(string Name, long UpdatedAt);

/// <summary>The rows of custom resource classes; the standard ones are known to the program.</summary>
internal static class ClassRows
{
    private static readonly SizedStatement Among = new(count => $"SELECT name FROM resource_classes WHERE name IN {Bulk.List(1, count)}");

    /// <summary>All, oldest first.</summary>
    public static Task<List<CustomClass>> All(Rows rows) =>
        rows.Many("SELECT name, updated_at FROM resource_classes ORDER BY created_at, name", row => new CustomClass(row.Text(0), row.Long(1)));

    /// <summary>One, or null.</summary>
    public static Task<CustomClass?> Find(Rows rows, string name) =>
        rows.One("SELECT name, updated_at FROM resource_classes WHERE name = $1", row => new CustomClass(row.Text(0), row.Long(1)), name);

    /// <summary>True for a class that there is.</summary>
    public static bool Exists(Tx tx, string name) =>
        StandardClasses.Contains(name) || tx.One("SELECT 1 FROM resource_classes WHERE name = $1", row => row.Long(0), name) > 0;

    /// <summary>Those of the names that are no classes, in their order.</summary>
    public static IReadOnlyList<string> Unknown(Tx tx, IReadOnlyCollection<string> names)
    {
        var custom = Custom(names);
        return [.. custom.Except(Bulk.Many(tx, Among, [.. custom.Select(name => (SqlValue)name)], row => row.Text(0)), StringComparer.Ordinal)];
    }

    /// <summary>Those of the names that are no classes, in their order.</summary>
    public static async Task<IReadOnlyList<string>> Unknown(Rows rows, IReadOnlyCollection<string> names)
    {
        var custom = Custom(names);
        return custom.Length == 0
            ? []
            : [.. custom.Except(await rows.Many(Among[custom.Length], row => row.Text(0), [.. custom.Select(name => (SqlValue)name)]), StringComparer.Ordinal)];
    }

    /// <summary>False when there is a class of that name.</summary>
    public static bool TryAdd(Tx tx, string name, long now) =>
        tx.Run("INSERT INTO resource_classes (name, created_at, updated_at) VALUES ($1, $2, $2) ON CONFLICT (name) DO NOTHING", name, now) > 0;

    /// <summary>True when some provider has an inventory of the class.</summary>
    public static bool IsUsed(Tx tx, string name) =>
        tx.One("SELECT 1 FROM inventories WHERE class = $1 LIMIT 1", row => row.Long(0), name) > 0;

    /// <summary>The class is gone.</summary>
    public static void Remove(Tx tx, string name) => tx.Run("DELETE FROM resource_classes WHERE name = $1", name);

    /// <summary>The class has another name, also where providers and consumers have it. Returns the providers that have it.</summary>
    public static List<Guid> Rename(Tx tx, string from, string to, long now)
    {
        tx.Run("UPDATE resource_classes SET name = $2, updated_at = $3 WHERE name = $1", from, to, now);
        tx.Run("UPDATE allocations SET class = $2 WHERE class = $1", from, to);
        return tx.Many("UPDATE inventories SET class = $2 WHERE class = $1 RETURNING provider_id", row => row.Uuid(0), from, to);
    }

    private static string[] Custom(IReadOnlyCollection<string> names) => [.. names.Where(name => !StandardClasses.Contains(name)).Distinct(StringComparer.Ordinal)];
}
