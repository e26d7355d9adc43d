using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Roles;

/// <summary>https://docs.openstack.org/api-ref/identity/v3/#roles: which roles come with others.</summary>
public sealed class ImpliedRoleEndpoints(Db database, Revocations revocations) : IEndpoints
{
    private const string All = "/v3/roles/{prior}/implies";
    private const string One = All + "/{implied}";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(All, List).AnyCaller();
        routes.Get(One, Show).AnyCaller();
        routes.Head(One, Check).AnyCaller();
        routes.Put(One, Create).AnyCaller();
        routes.Delete(One, Delete).AnyCaller();
        routes.Get("/v3/role_inferences", Inferences).AnyCaller();
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_implied_roles");
        var rules = await Rules.Read(database, ct);
        var prior = rules.Role(caller.Route("prior"));
        return Answer.Json(new
        {
            role_inference = new { prior_role = View(prior, caller), implies = rules.ImpliedBy(prior).Select(r => View(r, caller)) },
            links = new { self = caller.Link(caller.Http.Request.Path) },
        });
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:get_implied_role");
        var (prior, implied) = await Existing(caller, ct);
        return Inference(prior, implied, caller, 200);
    }

    private async Task<Answer> Check(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:check_implied_role");
        await Existing(caller, ct);
        return Answer.Empty();
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:create_implied_role");
        var rules = await Rules.Read(database, ct);
        var (prior, implied) = (rules.Role(caller.Route("prior")), rules.Role(caller.Route("implied")));

        // The role of administrators is given by nothing but itself.
        if (implied.Name == "admin")
            throw Fault.Forbidden($"{implied.Id} cannot be an implied roles.");
        await database.Write(tx => RoleStore.Imply(tx, prior.Id, implied.Id), ct);
        return Inference(prior, implied, caller, 201);
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:delete_implied_role");
        var (prior, implied) = await Existing(caller, ct);
        var bringers = (await Rules.Read(database, ct)).Bringing(prior);
        await database.Write(
            tx =>
            {
                foreach (var user in bringers.SelectMany(role => AssignmentStore.Holders(tx, role)).Distinct())
                    revocations.User(tx, user);
                RoleStore.Unimply(tx, prior.Id, implied.Id);
            },
            ct);
        return Answer.Empty();
    }

    private async Task<Answer> Inferences(RequestContext caller, CancellationToken ct)
    {
        caller.Require("identity:list_role_inference_rules");
        var rules = await Rules.Read(database, ct);
        return Answer.Json(new
        {
            role_inferences = rules.Priors().Select(prior => new { prior_role = View(prior, caller), implies = rules.ImpliedBy(prior).Select(r => View(r, caller)) }),
            links = new { self = caller.Link("/identity/v3/role_inferences") },
        });
    }

    private async Task<(Role Prior, Role Implied)> Existing(RequestContext caller, CancellationToken ct)
    {
        var rules = await Rules.Read(database, ct);
        var (prior, implied) = (rules.Role(caller.Route("prior")), rules.Role(caller.Route("implied")));
        return rules.ImpliedBy(prior).Contains(implied) ? (prior, implied) : throw Fault.NotFound($"{prior.Id} does not imply {implied.Id}.");
    }

    private static Answer Inference(Role prior, Role implied, RequestContext caller, int status) => Answer.Json(
        new
        {
            role_inference = new { prior_role = View(prior, caller), implies = View(implied, caller) },
            links = new { self = caller.Link($"/identity/v3/roles/{prior.Id}/implies/{implied.Id}") },
        },
        status);

    private static object View(Role role, RequestContext caller) => new { id = role.Id, name = role.Name, links = IdentityWire.Self(caller, "roles/" + role.Id) };

    private sealed record Rules(IReadOnlyDictionary<string, Role> Roles, IReadOnlyList<ImpliedRole> Implied)
    {
        public static Task<Rules> Read(Db database, CancellationToken ct) =>
            database.Read(async rows => new Rules((await RoleStore.All(rows)).ToDictionary(r => r.Id), await RoleStore.Implied(rows)), ct);

        public Role Role(string id) => Roles.GetValueOrDefault(id) ?? throw Fault.NotFound($"Could not find role: {id}.");

        public IEnumerable<Role> ImpliedBy(Role prior) => Implied.Where(i => i.PriorId == prior.Id).Select(i => Roles[i.ImpliedId]);

        /// <summary>The ids of the roles by which somebody may have this one.</summary>
        public List<string> Bringing(Role role) => [.. Roles.Keys.Where(id => RoleStore.Closure([id], Implied).Contains(role.Id))];

        public IEnumerable<Role> Priors() => Implied.Select(i => i.PriorId).Distinct().Select(id => Roles[id]);
    }
}
