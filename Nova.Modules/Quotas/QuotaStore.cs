using Nova.Modules.Shared.Database;

namespace Nova.Modules.Quotas;

/// <summary>
/// The table <c>quota_usages</c> and what holds against it. Usage is a row per project and resource, changed by
/// compare-and-set in the transaction of the server row: counting rows would cost O(servers) per create.
/// </summary>
public sealed class QuotaStore(Database database, QuotaLimitStore limits, IServerCount servers, IGroupCount groups, IClassCount classes)
{
    /// <summary>The user column of usage and limits that count the whole project.</summary>
    public const string WholeProject = "";

    /// <summary>The limits that hold for a user of a project (null: for the project); -1 is unlimited.</summary>
    public async ValueTask<HeldLimits> Limits(string projectId, CancellationToken ct, string? userId = null) => (await limits.Of(projectId, ct)).Of(userId);

    /// <summary>The limits as the API shows them.</summary>
    public async ValueTask<IReadOnlyDictionary<string, long>> Shown(string projectId, string? userId, CancellationToken ct) => (await limits.Of(projectId, ct)).Shown(userId);

    /// <summary>The scopes that a user's new servers must fit: the project, and the user where the user has limits of servers.</summary>
    public async ValueTask<IReadOnlyList<QuotaScope>> Scopes(string projectId, string userId, CancellationToken ct)
    {
        var all = await limits.Of(projectId, ct);
        var project = new QuotaScope(projectId, null, all.Of(null));
        return all.BindsServersOf(userId) ? [project, new(projectId, userId, all.Of(userId))] : [project];
    }

    /// <summary>What a scope uses of instances, cores and ram, and of classes where they have limits.</summary>
    public async Task<QuotaDemand> Usage(QuotaScope scope, CancellationToken ct)
    {
        var used = await Usages(scope.ProjectId, scope.UserId, ct);
        return new(
            new(used["instances"], used["cores"], used["ram"]),
            scope.Limits.Unified is null ? QuotaDemand.NoClasses : await database.Read(rows => classes.Of(rows, scope.ProjectId), ct));
    }

    /// <summary>What a project uses, or one user of it (of whom servers and server groups are counted), by resource. Key pairs and members of groups belong to no project and count as none, as in the original.</summary>
    public Task<IReadOnlyDictionary<string, long>> Usages(string projectId, string? userId, CancellationToken ct) => database.Read<IReadOnlyDictionary<string, long>>(
        async rows =>
        {
            var used = QuotaResources.All.ToDictionary(resource => resource, _ => 0L);
            if (userId is null)
            {
                foreach (var row in await rows.Query<Used>("SELECT resource, used AS amount FROM quota_usages WHERE project_id = @projectId AND user_id = ''", new { projectId }))
                    used[row.Resource] = row.Amount;
            }
            else
            {
                (used["instances"], used["cores"], used["ram"]) = await servers.Of(rows, projectId, userId);
                used["server_groups"] = await groups.Of(rows, projectId, userId);
            }

            return used;
        },
        ct);

    /// <summary>Takes quota for servers.</summary>
    /// <exception cref="OverQuotaException">It does not all fit: the unit of work must end, since some of it may have been taken.</exception>
    public void Take(Tx tx, IReadOnlyList<QuotaScope> scopes, QuotaDemand demand)
    {
        Take(tx, scopes[0], demand.Servers);
        foreach (var user in scopes.Skip(1))
            if (!Fits(servers.Of(tx, user.ProjectId, user.UserId!), demand.Servers, user.Limits))
                throw new OverQuotaException();
        if (demand.Classes.Count > 0 && !Fits(classes.Of(tx, scopes[0].ProjectId), demand.Classes, scopes[0].Limits))
            throw new OverQuotaException();
    }

    /// <summary>Gives quota back.</summary>
    public void Give(Tx tx, string projectId, ServerUsage usage)
    {
        if (tx.Assumes)
            tx.Join(SharedQuota.Instance, new(projectId, new(-usage.Instances, -usage.Cores, -usage.RamMb), null));
        else
            GiveAlone(tx, projectId, usage);
    }

    private static void GiveAlone(Tx tx, string projectId, ServerUsage usage) => tx.Send(
        """
        UPDATE quota_usages
        SET used = used - CASE resource WHEN 'cores' THEN $2 WHEN 'instances' THEN $3 ELSE $4 END
        WHERE project_id = $1 AND user_id = '' AND resource IN ('cores', 'instances', 'ram')
        """,
        projectId, usage.Cores, usage.Instances, usage.RamMb);

    /// <summary>Takes quota for a server group of a user; false when it does not fit, and then the unit of work must end.</summary>
    public bool TryTakeGroup(Tx tx, string projectId, string userId, QuotaLimits all) =>
        TryTake(tx, projectId, "server_groups", 1, all.Of(null))
        && (!all.BindsGroupsOf(userId) || !all.Of(userId).IsOver("server_groups", groups.Of(tx, projectId, userId) + 1));

    private static bool TryTake(Tx tx, string projectId, string resource, long amount, HeldLimits limits) =>
        amount <= Limit(limits, resource)
        && tx.Run(
            """
            INSERT INTO quota_usages (project_id, user_id, resource, used) VALUES ($1, '', $2, $3)
            ON CONFLICT (project_id, user_id, resource) DO UPDATE SET used = quota_usages.used + excluded.used
            WHERE quota_usages.used + excluded.used <= $4
            """,
            projectId, resource, amount, Limit(limits, resource)) == 1;

    /// <summary>Gives quota of one resource back.</summary>
    public void Give(Tx tx, string projectId, string resource, long amount) => tx.Run(
        "UPDATE quota_usages SET used = used - $3 WHERE project_id = $1 AND user_id = '' AND resource = $2", projectId, resource, amount);

    private static void Take(Tx tx, QuotaScope project, ServerUsage usage)
    {
        var (instances, cores, ram) = (Limit(project.Limits, "instances"), Limit(project.Limits, "cores"), Limit(project.Limits, "ram"));
        if (usage.Instances > instances || usage.Cores > cores || usage.RamMb > ram)
            throw new OverQuotaException();
        if (tx.Assumes)
        {
            tx.Join(SharedQuota.Instance, new(project.ProjectId, usage, new(instances, cores, ram)));
            return;
        }

        var changed = tx.Run(
            """
            INSERT INTO quota_usages (project_id, user_id, resource, used)
            VALUES ($1, '', 'cores', $2), ($1, '', 'instances', $3), ($1, '', 'ram', $4)
            ON CONFLICT (project_id, user_id, resource) DO UPDATE SET used = quota_usages.used + excluded.used
            WHERE quota_usages.used + excluded.used
                <= CASE excluded.resource WHEN 'cores' THEN $5 WHEN 'instances' THEN $6 ELSE $7 END
            """,
            project.ProjectId, usage.Cores, usage.Instances, usage.RamMb, cores, instances, ram);
        if (changed != 3)
            throw new OverQuotaException();
    }

    private static bool Fits(IReadOnlyDictionary<string, long> used, IReadOnlyDictionary<string, long> more, HeldLimits limits) =>
        more.All(m => limits.Unified?.OfClass(m.Key) is not (>= 0 and var limit) || used.GetValueOrDefault(m.Key) + m.Value <= limit);

    private static bool Fits(ServerUsage used, ServerUsage more, HeldLimits limits) =>
        used.Instances + more.Instances <= Limit(limits, "instances") && used.Cores + more.Cores <= Limit(limits, "cores") && used.RamMb + more.RamMb <= Limit(limits, "ram");

    private static long Limit(HeldLimits limits, string resource) =>
        limits[resource] is >= 0 and var limit ? limit : long.MaxValue / 2;

    private sealed class Used
    {
        public string Resource { get; set; } = "";
        public long Amount { get; set; }
    }
}

/// <summary>What servers count against quota.</summary>
/// <param name="Instances">Servers.</param>
/// <param name="Cores">Virtual CPUs.</param>
/// <param name="RamMb">Memory in MiB.</param>
public readonly record struct ServerUsage(long Instances, long Cores, long RamMb);

/// <summary>A create does not fit the project's quota; the service words it with the numbers of the moment.</summary>
public sealed class OverQuotaException() : Exception("Over quota.");
