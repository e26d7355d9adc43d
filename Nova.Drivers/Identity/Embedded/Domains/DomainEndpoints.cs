using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Projects;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Domains;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#domains</summary>
public sealed class DomainEndpoints(Db database, Revocations revocations, Ids ids, TimeProvider time) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/domains", List).AnyCaller();
        routes.Post("/v3/domains", Create).AnyCaller();
        routes.Get("/v3/domains/{id}", Show).AnyCaller();
        routes.Patch("/v3/domains/{id}", Update).AnyCaller();
        routes.Delete("/v3/domains/{id}", Delete).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_domains", IdentityTargets.OfList(caller));
        var domains = (await database.Read(DomainStore.All, ct)).Where(d => caller.Sees(d.Id) && caller.Fits("name", d.Name) && caller.FitsFlag("enabled", d.Enabled));
        return IdentityWire.List(caller, "domains", domains.Select(d => IdentityWire.Of(d, caller)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_domain", IdentityTargets.OfDomain(caller.Route("id")));
        return IdentityWire.One("domain", IdentityWire.Of(await Find(caller.Route("id"), ct), caller));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:create_domain");
        var body = (await JsonBody.Read(caller, ct)).Object("domain");
        var domain = new Domain
        {
            Id = ids.Next().ToString("N"),
            Name = body.Required("name", 64),
            Description = body.Text("description", 65_535) ?? "",
            Enabled = body.Bool("enabled") ?? true,
            Tags = ProjectTags.Of(body, caller.Surface) ?? "[]",
            Options = ResourceOptions.Merge("{}", body, caller.Surface),
            CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        if (!await database.Write(tx => DomainStore.TryInsert(tx, domain), ct))
            throw Duplicate(domain.Name);
        return IdentityWire.One("domain", IdentityWire.Of(domain, caller), 201);
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:update_domain");
        var body = (await JsonBody.Read(caller, ct)).Object("domain");
        var old = await Find(caller.Route("id"), ct);
        var domain = old with
        {
            Name = body.Text("name", 64) ?? old.Name,
            Description = body.Text("description", 65_535) ?? old.Description,
            Enabled = body.Bool("enabled") ?? old.Enabled,
            Tags = ProjectTags.Of(body, caller.Surface) ?? old.Tags,
            Options = ResourceOptions.Merge(old.Options, body, caller.Surface),
        };
        ResourceOptions.RefuseUpdate("domain", domain.Id, old.Options, domain.Options);
        await Uniquely.Write(
            database,
            tx =>
            {
                DomainStore.Update(tx, domain);
                if (old.Enabled && !domain.Enabled)
                    revocations.Domain(tx, domain.Id);
            },
            () => Duplicate(domain.Name), ct);
        return IdentityWire.One("domain", IdentityWire.Of(domain, caller));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:delete_domain");
        var domain = await Find(caller.Route("id"), ct);
        ResourceOptions.RefuseDelete("domain", domain.Id, domain.Options);
        if (domain.Enabled)
            throw Fault.Forbidden($"Cannot delete a domain that is enabled, please disable it first.");
        if (domain.Id == Domain.Default)
            throw Fault.Forbidden($"Cannot delete the default domain: users of the installation itself belong to it.");

        await database.Write(
            tx =>
            {
                DomainStore.Delete(tx, domain.Id);
                revocations.Domain(tx, domain.Id);
            },
            ct);
        return Answer.Empty();
    }

    private async Task<Domain> Find(string id, CancellationToken ct) =>
        await database.Read(rows => DomainStore.Find(rows, id), ct) ?? throw Fault.NotFound($"Could not find domain: {id}.");

    private static Fault Duplicate(string name) =>
        Fault.Conflict($"Conflict occurred attempting to store project - it is not permitted to have two projects acting as domains with the same name: {name}.");
}
