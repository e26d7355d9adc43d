using Microsoft.AspNetCore.Http;

namespace Nova.Modules.Identity;

/// <summary>Says who a token stands for. Implementations cache; most calls complete at once.</summary>
public interface IIdentityProvider
{
    /// <summary>The caller of a token, or null when it is unknown, expired or revoked (401).</summary>
    /// <param name="token">The value of X-Auth-Token.</param>
    /// <param name="headers">The request's headers, for the test identity alone; identity headers of a client never count otherwise.</param>
    /// <param name="ct">Cancels the wait.</param>
    /// <exception cref="Nova.Modules.Shared.Fault">503 when the identity service does not answer: never open.</exception>
    ValueTask<Caller?> Authenticate(string token, IHeaderDictionary headers, CancellationToken ct);
}
