using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Providers;

/// <summary>The rows of providers.</summary>
internal static class ProviderRows
{
    /// <summary>The columns that <see cref="Read"/> takes, of the alias p.</summary>
    public const string Columns = "p.id, p.name, p.generation, p.parent_id, p.root_id, p.updated_at";

    private const string ById = $"SELECT {Columns} FROM resource_providers p WHERE p.id = $1";

    /// <summary>Reads <see cref="Columns"/>.</summary>
    public static Provider Read(SqlRow row) => new(row.Uuid(0), row.Text(1), row.Long(2), row.UuidOrNull(3), row.Uuid(4), row.Long(5));

    /// <summary>The provider, or null.</summary>
    public static async Task<Provider?> Find(Rows rows, Guid? id) => id is { } known ? await rows.One(ById, Read, known) : null;

    /// <summary>The provider whose id an address holds.</summary>
    /// <exception cref="Fault">404.</exception>
    public static async Task<Provider> Get(Rows rows, Guid? id, string text) => await Find(rows, id) ?? throw NotFound(text);

    /// <summary>The provider, kept from other writers until the unit ends.</summary>
    /// <exception cref="Fault">404.</exception>
    public static Provider Lock(Tx tx, Guid? id, string text) =>
        id is { } known && tx.One($"{ById} {tx.Dialect.ForUpdate}", Read, known) is { } provider ? provider : throw NotFound(text);

    /// <summary>The provider's generation rises; it must be locked.</summary>
    public static Provider Raise(Tx tx, Provider provider, long now)
    {
        tx.Run("UPDATE resource_providers SET generation = generation + 1, updated_at = $2 WHERE id = $1", provider.Id, now);
        return provider with { Generation = provider.Generation + 1, UpdatedAt = now };
    }

    /// <summary>The 404 of a provider.</summary>
    public static Fault NotFound(string id) => Fault.NotFound($"{Missing(id)}");

    /// <summary>The sentence of a provider that is not there, as part of another.</summary>
    public static string Missing(string id) => $"No resource provider with uuid {id} found";
}
