using Nova.Drivers.Embedded;
using Nova.Drivers.Identity.Embedded.ApplicationCredentials;
using Nova.Drivers.Identity.Embedded.Domains;
using Nova.Drivers.Identity.Embedded.Users;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Tokens;

/// <summary>Proves who somebody is: by password, token or application credential, or by several of them.</summary>
public sealed class Authentication(Db database, EmbeddedIdentity identity, Passwords passwords, TimeProvider time)
{
    private static readonly string[] Known = ["password", "token", "application_credential"];

    /// <summary>Looks at everything that the request brings.</summary>
    /// <exception cref="Fault">400 for a request that says too little, 401 for one that proves nothing.</exception>
    public async Task<Proof> Of(RequestContext caller, JsonBody request, CancellationToken ct)
    {
        var methods = request.Texts("methods")?.Distinct().ToList() ?? throw caller.Surface.BadBody("'methods' is a required property");
        if (methods.Count == 0 || methods.Find(m => !Known.Contains(m)) is not null)
            throw methods.Count == 0 ? IdentitySurface.LoginFailed() : new(FaultKind.Unauthorized, Message.Of($"Attempted to authenticate with an unsupported method."));

        Proof? proof = null;
        foreach (var method in methods)
        {
            var payload = request.Find(method) ?? throw IdentitySurface.Expected(method, "identity");
            var next = method switch
            {
                "password" => await ByPassword(caller, payload.Object("user"), ct),
                "token" => await ByToken(payload.Required("id", 8192), ct),
                _ => await ByCredential(caller, payload, ct),
            };
            if (proof is not null && proof.User.Id != next.User.Id)
                throw IdentitySurface.LoginFailed();
            proof = proof is null ? next : new(next.User, [.. proof.Methods.Union(next.Methods)], proof.Parent ?? next.Parent, proof.Credential ?? next.Credential);
        }

        if (!ResourceOptions.SufficesFor(proof!.User.Options, proof.Methods))
            throw new Fault(FaultKind.Unauthorized, Message.Of($"Additional authentications steps required."));
        return proof;
    }

    private async Task<Proof> ByPassword(RequestContext caller, JsonBody given, CancellationToken ct)
    {
        var password = given.Text("password", 4096) ?? throw caller.Surface.BadBody("'password' is a required property");
        var (user, asked) = await User(caller, given, ct);
        if (!await passwords.Check(user?.Id ?? asked, UserService.Address(caller), user?.PasswordHash, password, ct) || user is null || !await IsUsable(user, ct))
            throw IdentitySurface.LoginFailed();
        return new(user, ["password"], null, null);
    }

    private async Task<Proof> ByToken(string token, CancellationToken ct)
    {
        var parent = await identity.Claims(token, ct) ?? throw IdentitySurface.LoginFailed();
        var credential = await identity.Credential(token, ct);
        var user = await database.Read(rows => UserStore.Find(rows, parent.U), ct);
        return user is not null && await IsUsable(user, ct) ? new(user, [.. parent.M.Prepend("token").Distinct()], parent, credential) : throw IdentitySurface.LoginFailed();
    }

    // A secret is as hard to guess as a password: the same hash, the same count of failures.
    private async Task<Proof> ByCredential(RequestContext caller, JsonBody given, CancellationToken ct)
    {
        var secret = given.Text("secret", 4096) ?? throw caller.Surface.BadBody("'secret' is a required property");
        var (id, name) = (given.Text("id"), given.Text("name"));
        var asked = id ?? "";
        ApplicationCredential? credential;
        if (id is not null)
        {
            credential = await database.Read(rows => ApplicationCredentialStore.Find(rows, id), ct);
        }
        else
        {
            if (name is null)
                throw IdentitySurface.Expected("name or ID", "application credential");
            var (owner, named) = await User(caller, given.Find("user") ?? throw IdentitySurface.Expected("user", "application credential"), ct);
            asked = $"{owner?.Id ?? named}/{name}";
            credential = owner is null ? null : await database.Read(rows => ApplicationCredentialStore.Named(rows, owner.Id, name), ct);
        }

        var isRight = await passwords.Check(credential?.Id ?? asked, UserService.Address(caller), credential?.SecretHash, secret, ct);
        var user = credential is null ? null : await database.Read(rows => UserStore.Find(rows, credential.UserId), ct);
        if (!isRight || user is null || credential is null || credential.ExpiresAt <= time.GetUtcNow().ToUnixTimeMilliseconds() || !await IsUsable(user, ct))
            throw IdentitySurface.LoginFailed();
        return new(user, ["application_credential"], null, credential);
    }

    // The user, or under what name one was looked for, so that failures are counted for it.
    private async Task<(User? User, string Asked)> User(RequestContext caller, JsonBody given, CancellationToken ct)
    {
        var (id, name) = (given.Text("id"), given.Text("name"));
        if (id is null && name is null)
            throw caller.Surface.BadBody("'id' or 'name' is a required property");
        if (id is not null)
            return (await database.Read(rows => UserStore.Find(rows, id), ct), id);

        var domain = given.Find("domain") ?? throw caller.Surface.BadBody("'domain' is a required property");
        return (
            await database.Read(async rows => await Domain(rows, domain) is { } found ? await UserStore.Named(rows, name!, found.Id) : null, ct),
            $"{domain.Text("id") ?? domain.Text("name")}/{name}");
    }

    /// <summary>The domain that a body names by id or name, or null.</summary>
    internal static async Task<Domain?> Domain(Rows rows, JsonBody given) =>
        given.Text("id") is { } id ? await DomainStore.Find(rows, id) : given.Text("name") is { } name ? await DomainStore.Named(rows, name) : null;

    private async Task<bool> IsUsable(User user, CancellationToken ct) =>
        user.Enabled && await database.Read(rows => DomainStore.Find(rows, user.DomainId), ct) is { Enabled: true };
}
