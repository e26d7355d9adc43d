using System.Collections.Frozen;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Quotas;

/// <summary>
/// The tables <c>quota_limits</c> and <c>quota_classes</c>: overrides of the configured limits. With the driver "unified" the
/// identity service is asked instead, and the tables stay as they are.
/// </summary>
public sealed class QuotaLimitStore(Database database, QuotaOptions defaults, TimeProvider time, ILimitSource? identity = null)
{
    /// <summary>The class whose limits stand over the configured ones for everybody.</summary>
    public const string DefaultClass = "default";

    private readonly Remembered<string, QuotaLimits> _limits = new(time);

    /// <summary>The limits of a project.</summary>
    public async ValueTask<QuotaLimits> Of(string projectId, CancellationToken ct)
    {
        if (IsUnified)
            return Of(new UnifiedLimits(await Source.Of(projectId, ct), defaults));

        var known = (await _limits.Get(projectId, Load, ct))!;
        if (known.Basis == defaults)
            return known;

        // The settings were read again meanwhile.
        _limits.Forget();
        return (await _limits.Get(projectId, Load, ct))!;
    }

    /// <summary>True when limits are those of the identity service, and nothing can be set here.</summary>
    public bool IsUnified => defaults.Driver == QuotaDriver.Unified;

    /// <summary>What projects may have for which nothing was set.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Defaults(CancellationToken ct) =>
        IsUnified ? new UnifiedLimits(await Source.Of("", ct), defaults).Defaults : await OfClass(DefaultClass, ct);

    /// <summary>The limits of a class: what was set for it over the configured ones.</summary>
    public async Task<IReadOnlyDictionary<string, long>> OfClass(string name, CancellationToken ct) =>
        await database.Read(rows => Class(rows, name), ct);

    /// <summary>Sets limits of a project, or of one user of it.</summary>
    public void Set(Tx tx, string projectId, string? userId, IEnumerable<KeyValuePair<string, long>> limits)
    {
        foreach (var (resource, limit) in limits)
            tx.Execute(
                """
                INSERT INTO quota_limits (project_id, user_id, resource, hard_limit) VALUES (@projectId, @user, @resource, @limit)
                ON CONFLICT (project_id, user_id, resource) DO UPDATE SET hard_limit = excluded.hard_limit
                """,
                new { projectId, user = userId ?? QuotaStore.WholeProject, resource, limit });
        tx.AfterCommit(_limits.Forget);
    }

    /// <summary>Sets limits of a class.</summary>
    public void SetClass(Tx tx, string name, IEnumerable<KeyValuePair<string, long>> limits)
    {
        foreach (var (resource, limit) in limits)
            tx.Execute(
                """
                INSERT INTO quota_classes (name, resource, hard_limit) VALUES (@name, @resource, @limit)
                ON CONFLICT (name, resource) DO UPDATE SET hard_limit = excluded.hard_limit
                """,
                new { name, resource, limit });
        tx.AfterCommit(_limits.Forget);
    }

    /// <summary>Removes what was set for a project and its users, or for one user of it.</summary>
    public void Remove(Tx tx, string projectId, string? userId)
    {
        tx.Execute($"DELETE FROM quota_limits WHERE project_id = @projectId {(userId is null ? "" : "AND user_id = @userId")}", new { projectId, userId });
        tx.AfterCommit(_limits.Forget);
    }

    private ILimitSource Source => identity ?? throw new InvalidOperationException("Limits of the identity service need one that has limits.");

    private QuotaLimits Of(UnifiedLimits unified) =>
        new(unified.Held.ToFrozenDictionary(), FrozenDictionary<string, FrozenDictionary<string, long>>.Empty, defaults) { Unified = unified };

    private Task<QuotaLimits?> Load(string projectId, CancellationToken ct) => database.Read<QuotaLimits?>(
        async rows =>
        {
            var basis = defaults with { };
            var project = await Class(rows, DefaultClass);
            var set = await rows.Query<Row>("SELECT user_id AS owner, resource, hard_limit FROM quota_limits WHERE project_id = @projectId", new { projectId });
            foreach (var row in set.Where(r => r.Owner == QuotaStore.WholeProject))
                project[row.Resource] = row.HardLimit;
            var users = set.Where(r => r.Owner != QuotaStore.WholeProject).GroupBy(r => r.Owner).ToFrozenDictionary(g => g.Key, g => g.ToFrozenDictionary(r => r.Resource, r => r.HardLimit));
            return new(project.ToFrozenDictionary(), users, basis);
        },
        ct);

    private async Task<Dictionary<string, long>> Class(Rows rows, string name)
    {
        var limits = QuotaResources.Of(defaults);
        foreach (var row in await rows.Query<Row>("SELECT name AS owner, resource, hard_limit FROM quota_classes WHERE name = @name", new { name }))
            limits[row.Resource] = row.HardLimit;
        return limits;
    }

    private sealed class Row
    {
        public string Owner { get; set; } = "";
        public string Resource { get; set; } = "";
        public long HardLimit { get; set; }
    }
}
