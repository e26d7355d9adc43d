using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Nova.Drivers.Identity.Embedded.ApplicationCredentials;
using Nova.Modules.Identity;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Tokens;

/// <summary>Validates tokens that this installation signed: from memory after the first time, without the database.</summary>
public sealed class EmbeddedIdentity(TokenKeys keys, Revocations revocations, Db database, TimeProvider time) : IIdentityProvider
{
    private const int CacheLimit = 20_000;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public async ValueTask<Caller?> Authenticate(string token, IHeaderDictionary headers, CancellationToken ct) => (await Find(token, ct))?.Caller;

    /// <summary>The claims of a valid token; null when it is unknown, expired or revoked.</summary>
    public async ValueTask<TokenClaims?> Claims(string token, CancellationToken ct) => (await Find(token, ct))?.Claims;

    /// <summary>The application credential by which a valid token was got; null when there is none.</summary>
    public async ValueTask<ApplicationCredential?> Credential(string token, CancellationToken ct) => (await Find(token, ct))?.Credential;

    private async ValueTask<Known?> Find(string token, CancellationToken ct)
    {
        if (!_known.TryGetValue(token, out var found))
        {
            if (await keys.Read(token, ct) is not { } claims || await Read(claims, ct) is not { } read)
                return null;

            found = read;
            if (_known.Count >= CacheLimit)
                _known.Clear();
            _known[token] = found;
        }

        if (found.Claims.E <= time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            _known.TryRemove(token, out _);
            return null;
        }

        return await revocations.Holds(found.Claims, ct) ? null : found;
    }

    // What an application credential allows never changes, so it is read once for each of its tokens.
    private async Task<Known?> Read(TokenClaims claims, CancellationToken ct)
    {
        if (claims.K is not { } id)
            return new(claims, claims.ToCaller(), null);

        var credential = await database.Read(rows => ApplicationCredentialStore.Find(rows, id), ct);
        return credential is null ? null : new(claims, claims.ToCaller() with { AccessRules = credential.AccessRules }, credential);
    }

    private sealed record Known(TokenClaims Claims, Caller Caller, ApplicationCredential? Credential);
}
