using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Projects;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Limits;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#unified-limits: what one project or domain may have. The model is flat: trees do not count.</summary>
public sealed class LimitEndpoints(Db database, EmbeddedLimits limits, Ids ids) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/limits", List).AnyCaller();
        routes.Post("/v3/limits", Create).AnyCaller();
        routes.Get("/v3/limits/model", Model).AnyCaller();
        routes.Get("/v3/limits/{id}", Show).AnyCaller();
        routes.Patch("/v3/limits/{id}", Update).AnyCaller();
        routes.Delete("/v3/limits/{id}", Delete).AnyCaller();
    }

    private Task<Answer> Model(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_limit_model");
        return Task.FromResult(Answer.Json(new
        {
            model = new { name = "flat", description = "Limit enforcement and validation does not take project hierarchy into consideration." },
        }));
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_limits");
        var (who, isOperator) = (caller.Caller, caller.Caller.SystemScope || caller.Caller.HasRole("admin") || caller.Caller.HasRole("service"));
        var (all, projects) = await database.Read(
            async rows => (
                await LimitStore.All(rows),
                isOperator || who.DomainId is null ? [] : (await ProjectStore.All(rows, who.DomainId)).Select(p => p.Id).ToHashSet()),
            ct);
        var found = all
            .Where(l => isOperator || (who.DomainId is { } domain ? l.DomainId == domain || projects.Contains(l.ProjectId) : who.ProjectId is { } project && l.ProjectId == project))
            .Where(l => caller.Fits("service_id", l.ServiceId) && caller.Fits("region_id", OrNull(l.RegionId)) && caller.Fits("resource_name", l.ResourceName)
                && caller.Fits("project_id", OrNull(l.ProjectId)) && caller.Fits("domain_id", OrNull(l.DomainId)));
        return IdentityWire.List(caller, "limits", found.Select(l => View(l, caller)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var limit = await database.Read(rows => LimitStore.Find(rows, caller.Route("id")), ct);
        var project = limit is { ProjectId.Length: > 0 } ? await database.Read(rows => ProjectStore.Find(rows, limit.ProjectId), ct) : null;
        caller.Require("identity:get_limit", IdentityTargets.OfDomain(null).With(
            ("target.limit.project_id", limit is null ? null : OrNull(limit.ProjectId)), ("target.limit.domain.id", limit is null ? null : OrNull(limit.DomainId)),
            ("target.limit.project.domain_id", project?.DomainId)));
        return IdentityWire.One("limit", View(limit ?? throw Missing(caller), caller));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:create_limits");
        var made = RegisteredLimitEndpoints.Requested(caller, await JsonBody.Read(caller, ct), "limits").Select(body => new Limit
        {
            Id = ids.Next().ToString("N"),
            ProjectId = body.Text("project_id") ?? "",
            DomainId = body.Text("domain_id") ?? "",
            ServiceId = body.Required("service_id"),
            RegionId = body.Text("region_id") ?? "",
            ResourceName = body.Required("resource_name"),
            ResourceLimit = RegisteredLimitEndpoints.Amount(body, caller, "resource_limit") ?? throw caller.Surface.BadBody("'resource_limit' is a required property"),
            Description = body.Text("description", 65_535),
        }).ToList();
        foreach (var limit in made)
            await CheckOwner(caller, limit, ct);
        await database.Write(
            tx =>
            {
                foreach (var limit in made)
                {
                    if (!LimitStore.IsRegistered(tx, limit))
                        throw Fault.Forbidden($"Unable to create a limit that has no corresponding registered limit.");
                    if (!LimitStore.TryInsert(tx, limit))
                        throw Fault.Conflict($"Conflict occurred attempting to store limit - Duplicate entry.");
                }

                tx.AfterCommit(limits.Forget);
            },
            ct);
        return Answer.Json(new { limits = made.Select(l => View(l, caller)) }, 201);
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:update_limit");
        var body = (await JsonBody.Read(caller, ct)).Object("limit");
        var old = await Find(caller, ct);
        var limit = old with
        {
            ResourceLimit = RegisteredLimitEndpoints.Amount(body, caller, "resource_limit") ?? old.ResourceLimit,
            Description = body.Has("description") ? body.Text("description", 65_535) : old.Description,
        };
        await database.Write(
            tx =>
            {
                LimitStore.Update(tx, limit);
                tx.AfterCommit(limits.Forget);
            },
            ct);
        return IdentityWire.One("limit", View(limit, caller));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:delete_limit");
        var limit = await Find(caller, ct);
        await database.Write(
            tx =>
            {
                LimitStore.Delete(tx, limit.Id);
                tx.AfterCommit(limits.Forget);
            },
            ct);
        return Answer.Empty();
    }

    private async Task CheckOwner(RequestContext caller, Limit limit, CancellationToken ct)
    {
        if ((limit.ProjectId.Length > 0) == (limit.DomainId.Length > 0))
            throw caller.Surface.BadBody("Invalid input for field 'limits': one of 'project_id' and 'domain_id' is expected.");

        var (project, domain) = await database.Read(async rows => (await ProjectStore.Find(rows, limit.ProjectId), await DomainStore.Find(rows, limit.DomainId)), ct);
        if (limit.ProjectId.Length > 0 && project is null)
            throw IdentitySurface.Expected("project_id", "limit");
        if (limit.DomainId.Length > 0 && domain is null)
            throw IdentitySurface.Expected("domain_id", "limit");
    }

    private async Task<Limit> Find(RequestContext caller, CancellationToken ct) => await database.Read(rows => LimitStore.Find(rows, caller.Route("id")), ct) ?? throw Missing(caller);

    private static Fault Missing(RequestContext caller) => Fault.NotFound($"Could not find limit for {caller.Route("id")}.");

    private static string? OrNull(string text) => text.Length > 0 ? text : null;

    private static object View(Limit limit, RequestContext caller) => new
    {
        id = limit.Id,
        project_id = OrNull(limit.ProjectId),
        domain_id = OrNull(limit.DomainId),
        service_id = limit.ServiceId,
        region_id = OrNull(limit.RegionId),
        resource_name = limit.ResourceName,
        resource_limit = limit.ResourceLimit,
        description = limit.Description,
        links = IdentityWire.Self(caller, "limits/" + limit.Id),
    };
}
