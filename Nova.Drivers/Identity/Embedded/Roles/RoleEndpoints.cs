using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Roles;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#roles. A role's name is unique in the whole cloud, also that of a role of a domain.</summary>
public sealed class RoleEndpoints(Db database, Revocations revocations, Ids ids) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/roles", List).AnyCaller();
        routes.Post("/v3/roles", Create).AnyCaller();
        routes.Get("/v3/roles/{id}", Show).AnyCaller();
        routes.Patch("/v3/roles/{id}", Update).AnyCaller();
        routes.Delete("/v3/roles/{id}", Delete).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_roles");

        // Roles of domains are listed only where their domain is named.
        var domain = caller.Query("domain_id");
        var roles = (await database.Read(RoleStore.All, ct)).Where(r => caller.Fits("name", r.Name) && r.DomainId == domain);
        return IdentityWire.List(caller, "roles", roles.Select(r => IdentityWire.Of(r, caller)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_role");
        return IdentityWire.One("role", IdentityWire.Of(await Find(caller.Route("id"), ct), caller));
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:create_role");
        var body = (await JsonBody.Read(caller, ct)).Object("role");
        var role = new Role
        {
            Id = ids.Next().ToString("N"),
            Name = body.Required("name"),
            Description = body.Text("description", 65_535),
            DomainId = body.Text("domain_id"),
            Options = ResourceOptions.Merge("{}", body, caller.Surface),
        };
        if (role.DomainId is { } domain && await database.Read(rows => DomainStore.Find(rows, domain), ct) is null)
            throw Fault.NotFound($"Could not find domain: {domain}.");
        if (!await database.Write(tx => RoleStore.TryInsert(tx, role), ct))
            throw Duplicate(role.Name);
        return IdentityWire.One("role", IdentityWire.Of(role, caller), 201);
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:update_role");
        var body = (await JsonBody.Read(caller, ct)).Object("role");
        var old = await Find(caller.Route("id"), ct);
        var role = old with
        {
            Name = body.Text("name") ?? old.Name,
            Description = body.Has("description") ? body.Text("description", 65_535) : old.Description,
            Options = ResourceOptions.Merge(old.Options, body, caller.Surface),
        };
        ResourceOptions.RefuseUpdate("role", role.Id, old.Options, role.Options);
        await Uniquely.Write(database, tx => RoleStore.Update(tx, role), () => Duplicate(role.Name), ct);
        return IdentityWire.One("role", IdentityWire.Of(role, caller));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:delete_role");
        var role = await Find(caller.Route("id"), ct);
        ResourceOptions.RefuseDelete("role", role.Id, role.Options);
        await database.Write(
            tx =>
            {
                foreach (var user in AssignmentStore.Holders(tx, role.Id))
                    revocations.User(tx, user);
                RoleStore.Delete(tx, role.Id);
            },
            ct);
        return Answer.Empty();
    }

    private async Task<Role> Find(string id, CancellationToken ct) =>
        await database.Read(rows => RoleStore.Find(rows, id), ct) ?? throw Fault.NotFound($"Could not find role: {id}.");

    private static Fault Duplicate(string name) => Fault.Conflict($"Conflict occurred attempting to store role - Duplicate entry found with name {name}.");
}
