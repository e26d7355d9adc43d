using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Nova.Modules.Identity;

namespace Nova.Drivers.Identity.Keystone;

/// <summary>
/// Asks Keystone who a token stands for, and believes the answer for a while. Requests with the same token wait for one
/// question. Memory holds hashes of tokens only. When Keystone is away, what is not known is refused with 503: never open.
/// </summary>
public sealed class KeystoneIdentity(KeystoneClient keystone, KeystoneSettings settings, TimeProvider time) : IIdentityProvider
{
    private const int MostKnown = 20_000;
    private const int LongestToken = 8192;

    // Refused ones apart: whoever tries random tokens must not push out those that are in use.
    private readonly ConcurrentDictionary<TokenHash, Answer> _known = new(), _refused = new();
    private readonly ConcurrentDictionary<TokenHash, Lazy<Task<Answer>>> _asking = new();

    /// <inheritdoc />
    public async ValueTask<Caller?> Authenticate(string token, IHeaderDictionary headers, CancellationToken ct)
    {
        if (token.Length is 0 or > LongestToken || !Ascii.IsValid(token))
            return null;

        var (hash, now) = (TokenHash.Of(token), time.GetUtcNow());
        if (!(_known.TryGetValue(hash, out var answer) && now < answer.Until) && !(_refused.TryGetValue(hash, out answer) && now < answer.Until))
            answer = await _asking.GetOrAdd(hash, _ => new(() => Ask(hash, token))).Value.WaitAsync(ct);
        return answer!.Caller is { } caller && caller.ExpiresAt > now.ToUnixTimeMilliseconds() ? caller : null;
    }

    // For all that wait, so none of them cancels it; the client has a time limit of its own.
    private async Task<Answer> Ask(TokenHash hash, string token)
    {
        try
        {
            var found = await keystone.Get<TokenAnswer>("auth/tokens?nocatalog", token, CancellationToken.None);
            var answer = new Answer(found?.Token.ToCaller(), time.GetUtcNow().AddSeconds(settings.CacheSeconds));
            _known.TryRemove(hash, out _);
            if (settings.CacheSeconds > 0)
                Keep(answer.Caller is null ? _refused : _known, hash, answer);
            return answer;
        }
        finally
        {
            _asking.TryRemove(hash, out _);
        }
    }

    private void Keep(ConcurrentDictionary<TokenHash, Answer> answers, TokenHash hash, Answer answer)
    {
        if (answers.Count >= MostKnown)
        {
            var now = time.GetUtcNow();
            foreach (var (old, _) in answers.Where(a => a.Value.Until <= now))
                answers.TryRemove(old, out _);
            if (answers.Count >= MostKnown)
                answers.Clear();
        }

        answers[hash] = answer;
    }

    private sealed record Answer(Caller? Caller, DateTimeOffset Until);

    private readonly record struct TokenHash(Guid Low, Guid High)
    {
        public static TokenHash Of(string token)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.ASCII.GetBytes(token), hash);
            return new(new(hash[..16]), new(hash[16..]));
        }
    }
}
