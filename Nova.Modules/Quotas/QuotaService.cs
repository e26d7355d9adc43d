using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Quotas;

/// <summary>The rules of changing limits. Those of the identity service are shown and not changed, as the original does: whoever asks for it is told what holds.</summary>
public sealed class QuotaService(Database database, QuotaStore quotas, QuotaLimitStore limits, IEnumerable<IProjectDirectory> projects)
{
    /// <summary>The limits of a project, or of a user of it.</summary>
    /// <exception cref="Fault">400: no such project.</exception>
    public async Task<IReadOnlyDictionary<string, long>> Limits(string projectId, string? userId, CancellationToken ct)
    {
        await CheckProject(projectId, ct);
        return await quotas.Shown(projectId, userId, ct);
    }

    /// <summary>The same with what is used.</summary>
    /// <exception cref="Fault">400: no such project.</exception>
    public async Task<IReadOnlyDictionary<string, QuotaDetail>> Details(string projectId, string? userId, CancellationToken ct)
    {
        var known = await Limits(projectId, userId, ct);
        var used = await quotas.Usages(projectId, limits.IsUnified ? null : userId, ct);
        return known.ToDictionary(limit => limit.Key, limit => new QuotaDetail(used[limit.Key], limit.Value, 0));
    }

    /// <summary>The limits of projects for which nothing was set.</summary>
    /// <exception cref="Fault">400: no such project.</exception>
    public async Task<IReadOnlyDictionary<string, long>> Defaults(string projectId, CancellationToken ct)
    {
        await CheckProject(projectId, ct);
        return await limits.Defaults(ct);
    }

    /// <summary>Sets limits of a project, or of a user of it; answers with all that hold then.</summary>
    /// <exception cref="Fault">400: no such project; below what is used, or above what the project has left for the user.</exception>
    public async Task<IReadOnlyDictionary<string, long>> Change(string projectId, string? userId, QuotaSetChange change, CancellationToken ct)
    {
        await CheckProject(projectId, ct);
        if (limits.IsUnified)
            return await quotas.Shown(projectId, userId, ct);

        var sent = change.Limits();
        if (change.Force?.Value != true)
            await Check(projectId, userId, sent, ct);

        await database.Write(tx => limits.Set(tx, projectId, userId, sent), ct);
        return await quotas.Shown(projectId, userId, ct);
    }

    /// <summary>Removes what was set for a project and its users, or for one user.</summary>
    public Task Reset(string projectId, string? userId, CancellationToken ct) => limits.IsUnified ? Task.CompletedTask : database.Write(tx => limits.Remove(tx, projectId, userId), ct);

    /// <summary>The limits of a class.</summary>
    public Task<IReadOnlyDictionary<string, long>> OfClass(string name, CancellationToken ct) => limits.IsUnified ? limits.Defaults(ct) : limits.OfClass(name, ct);

    /// <summary>Sets limits of a class; answers with all that hold then.</summary>
    /// <exception cref="Fault">400: the name is too long.</exception>
    public async Task<IReadOnlyDictionary<string, long>> ChangeClass(string name, IReadOnlyDictionary<string, long> sent, CancellationToken ct)
    {
        if (name.Length > 255)
            throw Fault.BadRequest($"quota_class_name has {name.Length} characters, more than 255.");

        if (!limits.IsUnified)
            await database.Write(tx => limits.SetClass(tx, name, sent), ct);
        return await OfClass(name, ct);
    }

    private async Task Check(string projectId, string? userId, IReadOnlyDictionary<string, long> sent, CancellationToken ct)
    {
        var known = await limits.Of(projectId, ct);
        var used = await quotas.Usages(projectId, userId, ct);
        foreach (var (resource, limit) in sent)
        {
            var whole = known.Project[resource];
            var ofUsers = known.SumOfUsers(resource);
            var own = userId is not null && known.OfUsers.TryGetValue(userId, out var mine) ? mine.GetValueOrDefault(resource) : 0;
            var minimum = userId is not null || whole < 0 ? used[resource] : Math.Max(ofUsers, used[resource]);
            var maximum = userId is null || whole < 0 || own < 0 ? -1 : whole - ofUsers + own;
            if (Endless(limit) < Endless(minimum))
                throw Fault.BadRequest($"Quota limit {limit} for {resource} must be greater than or equal to already used and reserved {minimum}.");
            if (Endless(limit) > Endless(maximum))
                throw Fault.BadRequest($"Quota limit {limit} for {resource} must be less than or equal to {maximum}.");
        }
    }

    private static long Endless(long limit) => limit == -1 ? long.MaxValue : limit;

    private async Task CheckProject(string projectId, CancellationToken ct)
    {
        foreach (var directory in projects)
            if (!await directory.Exists(projectId, ct))
                throw Fault.BadRequest($"Project ID {projectId} is not a valid project.");
    }
}
