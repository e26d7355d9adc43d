using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Groups;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#groups. Who leaves a group loses the tokens that may have its roles.</summary>
public sealed class GroupEndpoints(Db database, Revocations revocations, Ids ids, TimeProvider time) : IEndpoints
{
    private const string Members = "/v3/groups/{id}/users";
    private const string Member = Members + "/{user}";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/groups", List).AnyCaller();
        routes.Post("/v3/groups", Create).AnyCaller();
        routes.Get("/v3/groups/{id}", Show).AnyCaller();
        routes.Patch("/v3/groups/{id}", Update).AnyCaller();
        routes.Delete("/v3/groups/{id}", Delete).AnyCaller();
        routes.Get(Members, ListMembers).AnyCaller();
        routes.Head(Member, Check).AnyCaller();
        routes.Get(Member, Check).AnyCaller();
        routes.Put(Member, Add).AnyCaller();
        routes.Delete(Member, Remove).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_groups", IdentityTargets.OfList(caller));
        var groups = (await database.Read(rows => GroupStore.All(rows, caller.Caller.DomainId ?? caller.Query("domain_id")), ct))
            .Where(g => caller.Fits("name", g.Name) && caller.Fits("domain_id", g.DomainId));
        return IdentityWire.List(caller, "groups", groups.Select(g => IdentityWire.Of(g, caller)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("group", IdentityWire.Of(await Find(caller, "identity:get_group", ct), caller));

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var body = (await JsonBody.Read(caller, ct)).Object("group");
        var domain = body.Text("domain_id") ?? UserService.DomainOf(caller);
        caller.Require("identity:create_group", IdentityTargets.OfDomain(domain).With(("target.group.domain_id", domain)));
        var group = new Group
        {
            Id = ids.Next().ToString("N"),
            DomainId = domain,
            Name = body.Required("name", 64),
            Description = body.Text("description", 65_535) ?? "",
            CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        if (await database.Read(rows => DomainStore.Find(rows, domain), ct) is null)
            throw Fault.NotFound($"Could not find domain: {domain}.");
        if (!await database.Write(tx => GroupStore.TryInsert(tx, group), ct))
            throw Duplicate(group.Name);
        return IdentityWire.One("group", IdentityWire.Of(group, caller), 201);
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var body = (await JsonBody.Read(caller, ct)).Object("group");
        var old = await Find(caller, "identity:update_group", ct);
        var group = old with { Name = body.Text("name", 64) ?? old.Name, Description = body.Text("description", 65_535) ?? old.Description };
        await Uniquely.Write(database, tx => GroupStore.Update(tx, group), () => Duplicate(group.Name), ct);
        return IdentityWire.One("group", IdentityWire.Of(group, caller));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var group = await Find(caller, "identity:delete_group", ct);
        await database.Write(
            tx =>
            {
                foreach (var user in GroupStore.Members(tx, group.Id))
                    revocations.User(tx, user);
                GroupStore.Delete(tx, group.Id);
            },
            ct);
        return Answer.Empty();
    }

    private async Task<Answer> ListMembers(RequestContext caller, CancellationToken ct)
    {
        var group = await Find(caller, "identity:list_users_in_group", ct);
        var users = (await database.Read(rows => UserStore.Members(rows, group.Id), ct)).Where(u => caller.Sees(u.DomainId) && caller.Fits("name", u.Name));
        return IdentityWire.List(caller, "users", users.Select(u => IdentityWire.Of(u, caller)));
    }

    private async Task<Answer> Check(RequestContext caller, CancellationToken ct)
    {
        var (group, user) = await Both(caller, "identity:check_user_in_group", ct);
        return await database.Read(rows => GroupStore.IsMember(rows, group.Id, user.Id), ct) ? Answer.Empty() : throw NoMember(group, user);
    }

    private async Task<Answer> Add(RequestContext caller, CancellationToken ct)
    {
        var (group, user) = await Both(caller, "identity:add_user_to_group", ct);
        await database.Write(tx => GroupStore.Add(tx, group.Id, user.Id), ct);
        return Answer.Empty();
    }

    private async Task<Answer> Remove(RequestContext caller, CancellationToken ct)
    {
        var (group, user) = await Both(caller, "identity:remove_user_from_group", ct);
        var removed = await database.Write(
            tx =>
            {
                revocations.User(tx, user.Id);
                return GroupStore.Remove(tx, group.Id, user.Id);
            },
            ct);
        return removed ? Answer.Empty() : throw NoMember(group, user);
    }

    private async Task<Group> Find(RequestContext caller, string rule, CancellationToken ct)
    {
        var group = await database.Read(rows => GroupStore.Find(rows, caller.Route("id")), ct);
        caller.Require(rule, IdentityTargets.OfDomain(group?.DomainId).With(("target.group.domain_id", group?.DomainId)));
        return group ?? throw Fault.NotFound($"Could not find group: {caller.Route("id")}.");
    }

    private async Task<(Group Group, User User)> Both(RequestContext caller, string rule, CancellationToken ct)
    {
        var group = await Find(caller, rule, ct);
        var user = await database.Read(rows => UserStore.Find(rows, caller.Route("user")), ct);

        // A manager of a domain brings users of that domain together, not those of others.
        caller.Require(rule, IdentityTargets.OfDomain(user?.DomainId).With(("target.user.domain_id", user?.DomainId), ("target.group.domain_id", group.DomainId)));
        return (group, user ?? throw Fault.NotFound($"Could not find user: {caller.Route("user")}."));
    }

    private static Fault NoMember(Group group, User user) => Fault.NotFound($"User '{user.Id}' not found in group '{group.Id}'");

    private static Fault Duplicate(string name) => Fault.Conflict($"Conflict occurred attempting to store group - Duplicate entry found with name {name}.");
}
