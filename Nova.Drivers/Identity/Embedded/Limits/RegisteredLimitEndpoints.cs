using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Catalog;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Limits;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#unified-limits: what each project may have.</summary>
public sealed class RegisteredLimitEndpoints(Db database, EmbeddedLimits limits, Ids ids) : IEndpoints
{
    private const int MostOfARequest = 100;

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/registered_limits", List).AnyCaller();
        routes.Post("/v3/registered_limits", Create).AnyCaller();
        routes.Get("/v3/registered_limits/{id}", Show).AnyCaller();
        routes.Patch("/v3/registered_limits/{id}", Update).AnyCaller();
        routes.Delete("/v3/registered_limits/{id}", Delete).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_registered_limits");
        var found = (await database.Read(LimitStore.Registered, ct)).Where(l =>
            caller.Fits("service_id", l.ServiceId) && caller.Fits("region_id", l.RegionId.Length > 0 ? l.RegionId : null) && caller.Fits("resource_name", l.ResourceName));
        return IdentityWire.List(caller, "registered_limits", found.Select(l => View(l, caller)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_registered_limit");
        return IdentityWire.One("registered_limit", View(await Find(caller.Route("id"), ct), caller));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:create_registered_limits");
        var made = Requested(caller, await JsonBody.Read(caller, ct), "registered_limits").Select(body => new RegisteredLimit
        {
            Id = ids.Next().ToString("N"),
            ServiceId = body.Required("service_id"),
            RegionId = body.Text("region_id") ?? "",
            ResourceName = body.Required("resource_name"),
            DefaultLimit = Amount(body, caller, "default_limit") ?? throw caller.Surface.BadBody("'default_limit' is a required property"),
            Description = body.Text("description", 65_535),
        }).ToList();
        foreach (var limit in made)
            await CheckPlace(limit, ct);
        await database.Write(
            tx =>
            {
                foreach (var limit in made)
                    if (!LimitStore.TryInsert(tx, limit))
                        throw Duplicate();
                tx.AfterCommit(limits.Forget);
            },
            ct);
        return Answer.Json(new { registered_limits = made.Select(l => View(l, caller)) }, 201);
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:update_registered_limit");
        var body = (await JsonBody.Read(caller, ct)).Object("registered_limit");
        var old = await Find(caller.Route("id"), ct);
        var limit = old with
        {
            ServiceId = body.Text("service_id") ?? old.ServiceId,
            RegionId = body.Has("region_id") ? body.Text("region_id") ?? "" : old.RegionId,
            ResourceName = body.Text("resource_name") ?? old.ResourceName,
            DefaultLimit = Amount(body, caller, "default_limit") ?? old.DefaultLimit,
            Description = body.Has("description") ? body.Text("description", 65_535) : old.Description,
        };
        await CheckPlace(limit, ct);
        await Uniquely.Write(
            database,
            tx =>
            {
                RefuseUsed(LimitStore.IsUsed(tx, old), old);
                LimitStore.Update(tx, limit);
                tx.AfterCommit(limits.Forget);
            },
            Duplicate, ct);
        return IdentityWire.One("registered_limit", View(limit, caller));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:delete_registered_limit");
        var limit = await Find(caller.Route("id"), ct);
        await database.Write(
            tx =>
            {
                RefuseUsed(LimitStore.IsUsed(tx, limit), limit);
                LimitStore.DeleteRegistered(tx, limit.Id);
                tx.AfterCommit(limits.Forget);
            },
            ct);
        return Answer.Empty();
    }

    /// <summary>The objects of a request that makes several at once.</summary>
    internal static IReadOnlyList<JsonBody> Requested(RequestContext caller, JsonBody body, string name)
    {
        var asked = body.Objects(name) ?? throw caller.Surface.BadBody($"'{name}' is a required property");
        return asked.Count is > 0 and <= MostOfARequest ? asked : throw caller.Surface.BadBody($"Invalid input for field '{name}': one to {MostOfARequest} are expected.");
    }

    /// <summary>An amount of a resource, or null when the body names none.</summary>
    internal static long? Amount(JsonBody body, RequestContext caller, string name) => body.Long(name) is not { } amount
        ? null
        : amount is >= -1 and <= int.MaxValue
            ? amount
            : throw caller.Surface.BadBody($"Invalid input for field '{name}': {amount} is {(amount < 0 ? "less than the minimum of -1" : $"greater than the maximum of {int.MaxValue}")}");

    private static void RefuseUsed(bool isUsed, RegisteredLimit limit)
    {
        if (isUsed)
            throw Fault.Forbidden($"Unable to update or delete registered limit {limit.Id} because there are project limits associated with it.");
    }

    private async Task CheckPlace(RegisteredLimit limit, CancellationToken ct)
    {
        var (services, regions) = await database.Read(async rows => (await CatalogStore.Services(rows), await CatalogStore.Regions(rows)), ct);
        if (!services.Any(s => s.Id == limit.ServiceId))
            throw IdentitySurface.Expected("service_id", "registered_limit");
        if (limit.RegionId.Length > 0 && !regions.Any(r => r.Id == limit.RegionId))
            throw IdentitySurface.Expected("region_id", "registered_limit");
    }

    private async Task<RegisteredLimit> Find(string id, CancellationToken ct) =>
        (await database.Read(LimitStore.Registered, ct)).FirstOrDefault(l => l.Id == id) ?? throw Fault.NotFound($"Could not find registered limit for {id}.");

    private static Fault Duplicate() => Fault.Conflict($"Conflict occurred attempting to store registered_limit - Duplicate entry.");

    private static object View(RegisteredLimit limit, RequestContext caller) => new
    {
        id = limit.Id,
        service_id = limit.ServiceId,
        region_id = limit.RegionId.Length > 0 ? limit.RegionId : null,
        resource_name = limit.ResourceName,
        default_limit = limit.DefaultLimit,
        description = limit.Description,
        links = IdentityWire.Self(caller, "registered_limits/" + limit.Id),
    };
}
