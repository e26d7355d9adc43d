using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Projects;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Credentials;

/// <summary>
/// https://docs.openstack.org/api-ref/identity/v3/#credentials. What users keep here is sealed, and no token of an application
/// credential gets at it. Nothing logs in with it.
/// </summary>
public sealed class CredentialEndpoints(Db database, EmbeddedIdentity identity, SecretBox box, Ids ids, TimeProvider time) : IEndpoints
{
    private const int Most = 100;
    private const string Select = "SELECT id, user_id, project_id, kind, sealed_blob FROM identity_credentials";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/v3/credentials", List).AnyCaller();
        routes.Post("/v3/credentials", Create).AnyCaller();
        routes.Get("/v3/credentials/{id}", Show).AnyCaller();
        routes.Patch("/v3/credentials/{id}", Update).AnyCaller();
        routes.Delete("/v3/credentials/{id}", Delete).AnyCaller();
    }

    // Everybody sees the own ones, and whom the rule lets see all sees all.
    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        await RefuseDelegated(caller, ct);
        caller.Require("identity:list_credentials", IdentityTargets.OfUser(caller.Caller.UserId));
        var userId = caller.Allows("identity:list_credentials", IdentityTargets.OfUser(null)) ? caller.Query("user_id") : caller.Caller.UserId;
        var found = await database.Read(
            rows => rows.Query<Credential>($"{Select} {(userId is null ? "" : "WHERE user_id = @userId")} ORDER BY created_at, id", new { userId }), ct);
        return IdentityWire.List(
            caller, "credentials", found.Where(c => caller.Fits("user_id", c.UserId) && caller.Fits("type", c.Kind)).Select(c => View(c, caller)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct) =>
        IdentityWire.One("credential", View(await Find(caller, "identity:get_credential", ct), caller));

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        await RefuseDelegated(caller, ct);
        var body = (await JsonBody.Read(caller, ct)).Object("credential");
        var credential = new Credential
        {
            Id = ids.Next().ToString("N"),
            UserId = body.Text("user_id") ?? caller.Caller.UserId,
            ProjectId = body.Text("project_id"),
            Kind = body.Required("type"),
            SealedBlob = box.Seal(body.Required("blob", 65_535)),
        };
        caller.Require("identity:create_credential", IdentityTargets.OfUser(credential.UserId));
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (user, owned) = await database.Read(
            async rows => (
                await UserStore.Find(rows, credential.UserId),
                await rows.Value<long>("SELECT COUNT(*) FROM identity_credentials WHERE user_id = @UserId", new { credential.UserId })),
            ct);
        if (user is null)
            throw Fault.NotFound($"Could not find user: {credential.UserId}.");
        if (owned >= Most)
            throw Fault.Forbidden($"Unable to create additional credentials, maximum of {Most} already exceeded for user.");

        await database.Write(
            tx => tx.Execute(
                """
                INSERT INTO identity_credentials (id, user_id, project_id, kind, sealed_blob, created_at)
                VALUES (@Id, @UserId, @ProjectId, @Kind, @SealedBlob, @now)
                """,
                new { credential.Id, credential.UserId, credential.ProjectId, credential.Kind, credential.SealedBlob, now }),
            ct);
        return IdentityWire.One("credential", View(credential, caller), 201);
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var body = (await JsonBody.Read(caller, ct)).Object("credential");
        var old = await Find(caller, "identity:update_credential", ct);
        if (body.Text("user_id") is { } user && user != old.UserId)
            caller.Require("identity:update_credential", IdentityTargets.OfUser(null));
        var credential = old with
        {
            UserId = body.Text("user_id") ?? old.UserId,
            ProjectId = body.Has("project_id") ? body.Text("project_id") : old.ProjectId,
            Kind = body.Text("type") ?? old.Kind,
            SealedBlob = body.Text("blob", 65_535) is { } blob ? box.Seal(blob) : old.SealedBlob,
        };
        if (await database.Read(rows => UserStore.Find(rows, credential.UserId), ct) is null)
            throw Fault.NotFound($"Could not find user: {credential.UserId}.");
        await database.Write(
            tx => tx.Execute("UPDATE identity_credentials SET user_id = @UserId, project_id = @ProjectId, kind = @Kind, sealed_blob = @SealedBlob WHERE id = @Id", credential), ct);
        return IdentityWire.One("credential", View(credential, caller));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var credential = await Find(caller, "identity:delete_credential", ct);
        await database.Write(tx => tx.Execute("DELETE FROM identity_credentials WHERE id = @Id", new { credential.Id }), ct);
        return Answer.Empty();
    }

    private async Task<Credential> Find(RequestContext caller, string rule, CancellationToken ct)
    {
        await RefuseDelegated(caller, ct);
        var found = await database.Read(rows => rows.Find<Credential>($"{Select} WHERE id = @id", new { id = caller.Route("id") }), ct);
        caller.Require(rule, IdentityTargets.OfUser(found?.UserId));
        return found ?? throw Fault.NotFound($"Could not find credential: {caller.Route("id")}.");
    }

    private async Task RefuseDelegated(RequestContext caller, CancellationToken ct)
    {
        if (await identity.Credential(caller.Header("X-Auth-Token") ?? "", ct) is not null)
            throw IdentitySurface.NotAllowed("Using method 'application_credential' is not allowed for managing additional credentials.");
    }

    private object View(Credential credential, RequestContext caller) => new
    {
        id = credential.Id,
        type = credential.Kind,
        user_id = credential.UserId,
        project_id = credential.ProjectId,
        blob = box.Open(credential.SealedBlob),
        links = IdentityWire.Self(caller, "credentials/" + credential.Id),
    };

    private sealed record Credential
    {
        public string Id { get; init; } = "";
        public string UserId { get; init; } = "";
        public string? ProjectId { get; init; }
        public string Kind { get; init; } = "";
        public string SealedBlob { get; init; } = "";
    }
}
