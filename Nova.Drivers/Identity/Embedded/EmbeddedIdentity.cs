using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Nova.Modules.Identity;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>Validates tokens that this installation signed: from memory after the first time, without the database.</summary>
public sealed class EmbeddedIdentity(TokenKeys keys, Revocations revocations, TimeProvider time) : IIdentityProvider
{
    private const int CacheLimit = 20_000;

    private readonly ConcurrentDictionary<string, (TokenClaims Claims, Caller Caller)> _known = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public async ValueTask<Caller?> Authenticate(string token, IHeaderDictionary headers, CancellationToken ct) =>
        await Find(token, ct) is { } found ? found.Caller : null;

    /// <summary>The claims of a valid token; null when it is unknown, expired or revoked.</summary>
    public async ValueTask<TokenClaims?> Claims(string token, CancellationToken ct) => (await Find(token, ct))?.Claims;

    private async ValueTask<(TokenClaims Claims, Caller Caller)?> Find(string token, CancellationToken ct)
    {
        if (!_known.TryGetValue(token, out var found))
        {
            if (await keys.Read(token, ct) is not { } claims)
                return null;

            found = (claims, claims.ToCaller());
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
}
