using Nova.Modules.Placement.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Placement.Providers;

/// <summary>What a PUT of a provider changes.</summary>
/// <param name="Name">The name from now on.</param>
/// <param name="NamesParent">Whether the request speaks of a parent at all.</param>
/// <param name="ParentId">The parent from now on; null for none.</param>
/// <param name="MayMove">Whether a provider that has a parent may get another one or none (1.37).</param>
internal sealed record ProviderChange(string Name, bool NamesParent, Guid? ParentId, bool MayMove);

/// <summary>How trees of providers grow, move and shrink.</summary>
internal static class ProviderTrees
{
    private const string NoParent = "parent provider UUID does not exist.";

    /// <summary>A new provider, a root or a part of another one.</summary>
    /// <exception cref="Fault">400: the parent does not exist; 409: name or id is taken.</exception>
    public static Provider Create(Tx tx, PlacementStore store, Guid id, string name, Guid? parentId)
    {
        if (name.Length == 0)
            throw Refused("name is required");
        if (parentId == id)
            throw Refused("parent provider UUID cannot be same as UUID. Please set parent provider UUID to None if there is no parent.");

        var rootId = parentId is { } parent ? RootOf(tx, parent) ?? throw Refused(NoParent) : id;
        var now = store.Now;
        if (tx.Run(
                """
                INSERT INTO resource_providers (id, name, generation, parent_id, root_id, created_at, updated_at) VALUES ($1, $2, 0, $3, $4, $5, $5)
                ON CONFLICT DO NOTHING
                """,
                id, name, parentId, rootId, now) == 0)
            throw PlacementFaults.Duplicate($"Conflicting resource provider {TakenBy(tx, id, name)} already exists.");

        store.Tell(tx, new ProviderState(id, 0, [], []));
        return new(id, name, 0, parentId, rootId, now);

        Fault Refused(string reason) => Fault.BadRequest($"Unable to create resource provider \"{name}\", {id}: Object action create failed because: {reason}");
    }

    /// <summary>Another name, another place in a tree.</summary>
    /// <exception cref="Fault">404; 400: the move is not allowed; 409: the name is taken.</exception>
    public static Provider Change(Tx tx, PlacementStore store, Guid? id, string text, ProviderChange change)
    {
        var known = id ?? throw ProviderRows.NotFound(text);
        var trees = LockTrees(tx, known, change.ParentId);
        if (!trees.TryGetValue(known, out var provider))
            throw ProviderRows.NotFound(text);

        var changed = change.NamesParent ? Moved(trees, provider, change) : provider;
        changed = changed with { Name = change.Name, UpdatedAt = store.Now };
        if (tx.Run(
                """
                UPDATE resource_providers SET name = $2, parent_id = $3, root_id = $4, updated_at = $5
                WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM resource_providers WHERE name = $2 AND id <> $1)
                """,
                known, changed.Name, changed.ParentId, changed.RootId, changed.UpdatedAt) == 0)
            throw PlacementFaults.Duplicate($"Conflicting resource provider {changed.Name} already exists.");

        if (changed.RootId != provider.RootId)
            MoveDescendants(tx, known, changed.RootId);
        if (changed.ParentId != provider.ParentId)
            store.Tell(tx, PlacementStore.StateOf(tx, known));
        return changed;
    }

    /// <summary>The provider is gone, with all that it had.</summary>
    /// <exception cref="Fault">404; 409: it has children or allocations.</exception>
    public static void Delete(Tx tx, PlacementStore store, Guid? id, string text)
    {
        var known = id ?? throw Missing(text);
        var ledger = Ledger.Open(tx, [known]);
        if (ledger.Provider(known) is null)
            throw Missing(text);
        if (tx.One("SELECT 1 FROM resource_providers WHERE parent_id = $1 LIMIT 1", row => row.Long(0), known) > 0)
            throw PlacementFaults.ProviderIsParent($"Unable to delete parent resource provider {text}: It has child resource providers.");
        if (ledger.Inventories(known).Values.Any(i => i.Used > 0))
            throw PlacementFaults.ProviderInUse($"Unable to delete resource provider {text}: Resource provider has allocations.");

        store.RemoveProviders(tx, "id", known);
    }

    private static Provider Moved(Dictionary<Guid, Provider> trees, Provider provider, ProviderChange change)
    {
        if (change.ParentId is not { } parentId)
            return provider.ParentId is null || change.MayMove
                ? provider with { ParentId = null, RootId = provider.Id }
                : throw Refused(provider, "update", "un-parenting a provider is not currently allowed.");
        if (!trees.TryGetValue(parentId, out var parent))
            throw Refused(provider, "create", NoParent);
        if (provider.ParentId is { } former && former != parentId && !change.MayMove)
            throw Refused(provider, "update", "re-parenting a provider is not currently allowed.");

        for (var above = parent; above is not null; above = above.ParentId is { } next ? trees[next] : null)
            if (above.Id == provider.Id)
                throw Refused(provider, "update", "creating loop in the provider tree is not allowed.");
        return provider with { ParentId = parentId, RootId = parent.RootId };
    }

    private static Fault Refused(Provider provider, string action, string reason) =>
        Fault.BadRequest($"Unable to save resource provider {provider.Id}: Object action {action} failed because: {reason}");

    private static Fault Missing(string text) => Fault.NotFound($"No resource provider with uuid {text} found for delete");

    // Both trees are kept from other writers, so that two moves at once cannot make a loop.
    private static Dictionary<Guid, Provider> LockTrees(Tx tx, Guid id, Guid? parentId) => tx.Many(
        $"""
        SELECT {ProviderRows.Columns} FROM resource_providers p
        WHERE p.root_id IN (SELECT root_id FROM resource_providers WHERE id IN ($1, $2))
        ORDER BY p.id {tx.Dialect.ForUpdate}
        """,
        ProviderRows.Read, id, parentId ?? id).ToDictionary(p => p.Id);

    private static Guid? RootOf(Tx tx, Guid id) =>
        tx.Many($"SELECT root_id FROM resource_providers WHERE id = $1 {tx.Dialect.ForUpdate}", row => row.Uuid(0), id) is [var root] ? root : null;

    private static void MoveDescendants(Tx tx, Guid id, Guid rootId) => tx.Run(
        """
        WITH RECURSIVE below(id) AS (
            SELECT id FROM resource_providers WHERE parent_id = $1
            UNION ALL
            SELECT p.id FROM resource_providers p JOIN below ON p.parent_id = below.id
        )
        UPDATE resource_providers SET root_id = $2 WHERE id IN (SELECT id FROM below)
        """,
        id, rootId);

    private static string TakenBy(Tx tx, Guid id, string name) =>
        tx.One("SELECT 1 FROM resource_providers WHERE id = $1", row => row.Long(0), id) > 0 ? $"uuid: {id}" : $"name: {name}";
}
