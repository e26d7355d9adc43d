using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Identity.Embedded.Roles;

/// <summary>The tables <c>identity_roles</c> and <c>identity_implied_roles</c>.</summary>
internal static class RoleStore
{
    private const string Select = "SELECT id, name, description, domain_id, options FROM identity_roles";

    public static Task<Role?> Find(Rows rows, string id) => rows.Find<Role>($"{Select} WHERE id = @id", new { id });

    public static Task<IReadOnlyList<Role>> All(Rows rows) => rows.Query<Role>($"{Select} ORDER BY name, id");

    public static Task<IReadOnlyList<ImpliedRole>> Implied(Rows rows) =>
        rows.Query<ImpliedRole>("SELECT prior_id, implied_id FROM identity_implied_roles ORDER BY prior_id, implied_id");

    /// <summary>Roles with all that they imply.</summary>
    public static HashSet<string> Closure(IEnumerable<string> direct, IReadOnlyList<ImpliedRole> implied)
    {
        var held = direct.ToHashSet(StringComparer.Ordinal);
        var open = new Queue<string>(held);
        while (open.TryDequeue(out var prior))
            foreach (var rule in implied)
                if (rule.PriorId == prior && held.Add(rule.ImpliedId))
                    open.Enqueue(rule.ImpliedId);
        return held;
    }

    /// <summary>False when the name is taken.</summary>
    public static bool TryInsert(Tx tx, Role role) => tx.Execute(
        "INSERT INTO identity_roles (id, name, description, domain_id, options) VALUES (@Id, @Name, @Description, @DomainId, @Options) ON CONFLICT DO NOTHING", role) == 1;

    public static void Update(Tx tx, Role role) =>
        tx.Execute("UPDATE identity_roles SET name = @Name, description = @Description, options = @Options WHERE id = @Id", role);

    public static bool Delete(Tx tx, string id) => tx.Execute("DELETE FROM identity_roles WHERE id = @id", new { id }) == 1;

    public static void Imply(Tx tx, string priorId, string impliedId) => tx.Execute(
        "INSERT INTO identity_implied_roles (prior_id, implied_id) VALUES (@priorId, @impliedId) ON CONFLICT DO NOTHING", new { priorId, impliedId });

    /// <summary>False when there was no such rule.</summary>
    public static bool Unimply(Tx tx, string priorId, string impliedId) => tx.Execute(
        "DELETE FROM identity_implied_roles WHERE prior_id = @priorId AND implied_id = @impliedId", new { priorId, impliedId }) == 1;
}
