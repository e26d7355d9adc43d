using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Tokens;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Users;

/// <summary>The rules of users: who may change them, and which tokens end with that.</summary>
public sealed class UserService(Db database, Revocations revocations, Passwords passwords, Ids ids, TimeProvider time)
{
    private const int LongestPassword = 4096;

    /// <summary>A user that the caller may see.</summary>
    public async Task<User> Get(RequestContext caller, string rule, string id, CancellationToken ct)
    {
        var user = await database.Read(rows => UserStore.Find(rows, id), ct);
        caller.Require(rule, IdentityTargets.OfUser(id, user?.DomainId).With(("target.user.id", id), ("target.user.domain_id", user?.DomainId)));
        return user ?? throw Fault.NotFound($"Could not find user: {id}.");
    }

    /// <summary>A new user.</summary>
    public async Task<User> Create(RequestContext caller, JsonBody body, CancellationToken ct)
    {
        var domain = body.Text("domain_id") ?? DomainOf(caller);
        caller.Require("identity:create_user", IdentityTargets.OfDomain(domain).With(("target.user.domain_id", domain)));
        var user = new User
        {
            Id = ids.Next().ToString("N"),
            DomainId = domain,
            Name = body.Required("name"),
            Description = body.Text("description", 65_535),
            Email = body.Text("email"),
            Enabled = body.Bool("enabled") ?? true,
            DefaultProjectId = body.Text("default_project_id"),
            Options = ResourceOptions.MergeUser("{}", body, caller.Surface),
            PasswordHash = body.Text("password", LongestPassword) is { } password ? await passwords.Hash(password, ct) : null,
            CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        if (await database.Read(rows => DomainStore.Find(rows, domain), ct) is null)
            throw Fault.NotFound($"Could not find domain: {domain}.");
        return await database.Write(tx => UserStore.TryInsert(tx, user), ct) ? user : throw Duplicate(user.Name);
    }

    /// <summary>Changes what the body names; a new password or a disabled user ends all tokens.</summary>
    public async Task<User> Update(RequestContext caller, string id, JsonBody body, CancellationToken ct)
    {
        var old = await Get(caller, "identity:update_user", id, ct);
        if (body.Text("domain_id") is { } domain && domain != old.DomainId)
            throw caller.Surface.BadBody("Cannot change Domain ID");

        var user = old with
        {
            Name = body.Text("name") ?? old.Name,
            Description = body.Has("description") ? body.Text("description", 65_535) : old.Description,
            Email = body.Has("email") ? body.Text("email") : old.Email,
            Enabled = body.Bool("enabled") ?? old.Enabled,
            DefaultProjectId = body.Has("default_project_id") ? body.Text("default_project_id") : old.DefaultProjectId,
            Options = ResourceOptions.MergeUser(old.Options, body, caller.Surface),
            PasswordHash = body.Text("password", LongestPassword) is { } password ? await passwords.Hash(password, ct) : old.PasswordHash,
        };
        await Uniquely.Write(
            database,
            tx =>
            {
                UserStore.Update(tx, user);
                if ((old.Enabled && !user.Enabled) || user.PasswordHash != old.PasswordHash)
                    revocations.User(tx, id);
            },
            () => Duplicate(user.Name), ct);
        return user;
    }

    /// <summary>The user with everything that it had is gone, its tokens end.</summary>
    public async Task Delete(RequestContext caller, string id, CancellationToken ct)
    {
        await Get(caller, "identity:delete_user", id, ct);
        await database.Write(
            tx =>
            {
                revocations.User(tx, id);
                UserStore.Delete(tx, id);
            },
            ct);
    }

    /// <summary>A user changes the own password by telling the old one; all tokens of the user end.</summary>
    public async Task ChangePassword(RequestContext caller, string id, JsonBody body, CancellationToken ct)
    {
        var original = body.Required("original_password", LongestPassword);
        var password = body.Required("password", LongestPassword);
        var user = await database.Read(rows => UserStore.Find(rows, id), ct);
        if (!await passwords.Check(id, Address(caller), user?.PasswordHash, original, ct) || user is not { Enabled: true })
            throw IdentitySurface.LoginFailed();
        if (ResourceOptions.Has(user.Options, ResourceOptions.LockPassword))
            throw Fault.BadRequest($"You cannot change your password at this time due to password policy disallowing password changes. Please contact your administrator to reset your password.");

        var changed = user with { PasswordHash = await passwords.Hash(password, ct) };
        await database.Write(
            tx =>
            {
                UserStore.Update(tx, changed);
                revocations.User(tx, id);
            },
            ct);
    }

    /// <summary>The domain in which a caller makes things when the request names none.</summary>
    internal static string DomainOf(RequestContext caller) => caller.Caller switch
    {
        { DomainId: { } domain } => domain,
        { ProjectId: not null } project => project.ProjectDomainId,
        _ => Domain.Default,
    };

    /// <summary>Whose failures count together.</summary>
    internal static string Address(RequestContext caller) => caller.Http.Connection.RemoteIpAddress?.ToString() ?? "";

    private static Fault Duplicate(string name) => Fault.Conflict($"Conflict occurred attempting to store user - Duplicate entry found with name {name}.");
}
