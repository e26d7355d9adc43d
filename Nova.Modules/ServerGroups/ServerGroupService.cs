using Nova.Modules.Quotas;
using Nova.Modules.Scheduling;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.ServerGroups;

/// <summary>The rules of server groups. Where members may go is checked when they are placed (<see cref="LockedGroup"/>).</summary>
public sealed class ServerGroupService(
    Database database, ServerGroupStore groups, ServerStore servers, QuotaStore quotas, QuotaLimitStore limits, GroupStates states, Ids ids, TimeProvider time)
{
    /// <summary>The resource of quotas that counts groups.</summary>
    public const string Resource = "server_groups";

    /// <summary>A page of a project's groups, or of all projects (null).</summary>
    public Task<IReadOnlyList<ServerGroup>> List(string? projectId, int limit, long offset, CancellationToken ct) => groups.List(projectId, limit, offset, ct);

    /// <summary>A group that the caller may see: of its own project, or any for administrators.</summary>
    /// <exception cref="Fault">404.</exception>
    public async Task<ServerGroup> Get(RequestContext caller, string id, CancellationToken ct) =>
        (Guid.TryParse(id, out var uuid) ? await groups.Find(uuid, caller.IsAdmin ? null : caller.ProjectId, ct) : null) ?? throw NotFound(id);

    /// <summary>Makes one without members.</summary>
    /// <exception cref="Fault">400: rules that the policy does not have. 403: too many.</exception>
    public async Task<ServerGroup> Create(RequestContext caller, string name, string policy, GroupRules? rules, CancellationToken ct)
    {
        if (policy != GroupPolicies.AntiAffinity && rules?.MaxServerPerHost is not null)
            throw Fault.BadRequest($"Only anti-affinity policy supports rules.");

        var all = await limits.Of(caller.ProjectId, ct);
        var group = new ServerGroup
        {
            Id = ids.Next(),
            ProjectId = caller.ProjectId,
            UserId = caller.Caller.UserId,
            Name = name,
            Policy = policy,
            MaxServerPerHost = rules?.MaxServerPerHost?.Value,
            CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        try
        {
            return await database.Write(
                tx =>
                {
                    if (!quotas.TryTakeGroup(tx, group.ProjectId, group.UserId, all))
                        throw new OverQuotaException();

                    groups.Insert(tx, group);
                    return group;
                },
                ct);
        }
        catch (OverQuotaException)
        {
            var used = (await quotas.Usages(group.ProjectId, null, ct))[Resource];
            throw all.Of(null).Refusal(Resource, used, 1, Fault.Forbidden($"Quota exceeded, too many server groups."));
        }
    }

    /// <summary>Removes it; its servers stay, and go anywhere from now on.</summary>
    /// <exception cref="Fault">404.</exception>
    public async Task Delete(RequestContext caller, string id, CancellationToken ct)
    {
        var group = await Get(caller, id, ct);
        caller.Require("os_compute_api:os-server-groups:delete", new PolicyTarget(group.ProjectId, group.UserId));
        await database.Write(
            tx =>
            {
                if (groups.Delete(tx, group.Id) is not { } project)
                    throw NotFound(id);

                servers.LeaveGroup(tx, group.Id);
                quotas.Give(tx, project, Resource, 1);
                states.Removed(tx, group.Id);
            },
            ct);
    }

    private static Fault NotFound(string id) => Fault.NotFound($"Instance group {id} could not be found.");
}
