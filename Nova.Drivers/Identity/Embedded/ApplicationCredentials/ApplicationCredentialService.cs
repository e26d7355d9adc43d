using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Roles;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.ApplicationCredentials;

/// <summary>The rules of application credentials: nobody gets more by one than the token has that makes it.</summary>
public sealed class ApplicationCredentialService(Db database, EmbeddedIdentity identity, Revocations revocations, Passwords passwords, Ids ids, TimeProvider time)
{
    private const int Most = 1000;
    private const int SecretBytes = 64;
    private static readonly string[] Methods = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

    /// <summary>A credential of the user in the path.</summary>
    public async Task<ApplicationCredential> Get(RequestContext caller, string rule, string userId, string id, CancellationToken ct)
    {
        caller.Require(rule, IdentityTargets.OfUser(userId));
        return await database.Read(rows => ApplicationCredentialStore.Find(rows, id), ct) is { } found && found.UserId == userId
            ? found
            : throw Fault.NotFound($"Could not find Application Credential: {id}.");
    }

    /// <summary>A new credential, with its secret, which nobody can read again.</summary>
    public async Task<(ApplicationCredential Credential, string Secret)> Create(RequestContext caller, string userId, JsonBody body, CancellationToken ct)
    {
        caller.Require("identity:create_application_credential", IdentityTargets.OfUser(userId));
        await RefuseDelegated(caller, ct);
        var projectId = caller.Caller.ProjectId ?? throw IdentitySurface.NotAllowed("identity:create_application_credential");
        var (name, secret) = (body.Required("name"), body.Text("secret") is { Length: > 0 } given ? given : Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));
        var roles = await Roles(caller, body, ct);
        var asked = Rules(caller, body);
        var expires = Expiry(body.Text("expires_at"));
        var owned = await database.Read(rows => ApplicationCredentialStore.OfUser(rows, userId), ct);
        if (owned.Count >= Most)
            throw Fault.Forbidden($"Unable to create additional application credentials, maximum of {Most} already exceeded for user.");

        var credential = new ApplicationCredential
        {
            Id = ids.Next().ToString("N"),
            UserId = userId,
            ProjectId = projectId,
            Name = name,
            Description = body.Text("description", 65_535),
            SecretHash = await passwords.Hash(secret, ct),
            Roles = JsonSerializer.Serialize(roles),
            Unrestricted = body.Bool("unrestricted") ?? false,
            ExpiresAt = expires,
            CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        var known = await database.Read(rows => ApplicationCredentialStore.RulesOf(rows, userId), ct);
        var kept = await database.Write(
            tx =>
            {
                var rules = asked?.Select(rule => rule.Path.Length > 0
                    ? ApplicationCredentialStore.Keep(tx, userId, rule)
                    : known.FirstOrDefault(k => k.Id == rule.Id) ?? throw Fault.NotFound($"Could not find Access Rule: {rule.Id}.")).ToList();
                var whole = credential with { Rules = rules is { Count: > 0 } ? JsonSerializer.Serialize(rules) : null };
                return ApplicationCredentialStore.TryInsert(tx, whole) ? whole : null;
            },
            ct);
        return (kept ?? throw Fault.Conflict($"Conflict occurred attempting to store application_credential - Duplicate entry found with name {name}."), secret);
    }

    /// <summary>The credential is gone, its tokens end.</summary>
    public async Task Delete(RequestContext caller, string userId, string id, CancellationToken ct)
    {
        var credential = await Get(caller, "identity:delete_application_credential", userId, id, ct);
        await RefuseDelegated(caller, ct);
        await database.Write(
            tx =>
            {
                revocations.Credential(tx, credential.Id);
                ApplicationCredentialStore.Delete(tx, credential.Id);
            },
            ct);
    }

    /// <summary>The access rules of a user.</summary>
    public async Task<IReadOnlyList<AccessRule>> RulesOf(RequestContext caller, string rule, string userId, CancellationToken ct)
    {
        caller.Require(rule, IdentityTargets.OfUser(userId));
        return await database.Read(rows => ApplicationCredentialStore.RulesOf(rows, userId), ct);
    }

    /// <summary>Removes a rule that no credential has.</summary>
    public async Task DeleteRule(RequestContext caller, string userId, string id, CancellationToken ct)
    {
        if (!(await RulesOf(caller, "identity:delete_access_rule", userId, ct)).Any(r => r.Id == id))
            throw Fault.NotFound($"Could not find Access Rule: {id}.");
        if ((await database.Read(rows => ApplicationCredentialStore.OfUser(rows, userId), ct)).Any(c => c.AccessRules?.Any(r => r.Id == id) == true))
            throw Fault.Forbidden($"May not delete access rule in use");
        await database.Write(tx => ApplicationCredentialStore.DeleteRule(tx, id), ct);
    }

    /// <summary>Refuses what a token of a restricted credential may not do.</summary>
    /// <exception cref="Fault">403.</exception>
    public async Task RefuseDelegated(RequestContext caller, CancellationToken ct)
    {
        if (await identity.Credential(caller.Header("X-Auth-Token") ?? "", ct) is { Unrestricted: false })
            throw IdentitySurface.NotAllowed("Using method 'application_credential' is not allowed for managing additional application credentials.");
    }

    private async Task<List<string>> Roles(RequestContext caller, JsonBody body, CancellationToken ct)
    {
        var (all, implied) = await database.Read(async rows => (await RoleStore.All(rows), await RoleStore.Implied(rows)), ct);
        var own = all.Where(r => r.DomainId is null && caller.Caller.HasRole(r.Name)).Select(r => r.Id).ToList();
        if (body.Objects("roles") is not { Count: > 0 } asked)
            return own;

        var roles = RoleStore.Closure(
            asked.Select(role => (role.Text("id") is { } id ? all.FirstOrDefault(r => r.Id == id) : role.Text("name") is { } name ? all.FirstOrDefault(r => r.Name == name && r.DomainId is null) : null)?.Id
                ?? throw Fault.NotFound($"Could not find role: {role.Text("id") ?? role.Text("name")}.")),
            implied);
        return roles.IsSubsetOf(own) ? [.. roles] : throw Fault.BadRequest($"Invalid application credential: Cannot create an application credential with unassigned role");
    }

    // A rule without a path names one that the user has.
    private List<AccessRule>? Rules(RequestContext caller, JsonBody body) => body.Objects("access_rules")?.Take(101).Select((rule, index) =>
    {
        if (index == 100)
            throw caller.Surface.BadBody("Invalid input for field 'access_rules': there are more than 100.");
        if (rule.Text("id") is { } id && rule.Text("path") is null)
            return new AccessRule(id, "", "", "");

        var (service, method, path) = (rule.Required("service"), rule.Required("method"), rule.Required("path", 128));
        if (!Methods.Contains(method))
            throw caller.Surface.BadBody($"Invalid input for field 'access_rules': '{IdentityWire.Short(method)}' is not one of [{string.Join(", ", Methods.Select(m => $"'{m}'"))}]");
        if (path[0] != '/')
            throw caller.Surface.BadBody($"Invalid input for field 'access_rules': '{IdentityWire.Short(path)}' does not match '^\\/.*'");
        return new AccessRule(ids.Next().ToString("N"), service, method, path);
    }).ToList();

    private long? Expiry(string? text)
    {
        if (text is null)
            return null;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) || !text.Contains('T', StringComparison.Ordinal))
            throw Fault.BadRequest($"Timestamp not in expected format. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.");
        return at > time.GetUtcNow()
            ? at.ToUnixTimeMilliseconds()
            : throw Fault.BadRequest($"The 'expires_at' must not be before now. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.");
    }
}
