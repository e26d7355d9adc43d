using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Tokens;

/// <summary>
/// Signs and reads tokens: <c>v1.KEY.CLAIMS.SIGNATURE</c>, HMAC-SHA256. Keys are rows sealed by the master key; the newest
/// signs, all verify. Reading a token needs the database only for a key that this process has not met.
/// </summary>
public sealed class TokenKeys(Db database, SecretBox box, TimeProvider time, Ids ids)
{
    private const int KeyBytes = 32;

    private static readonly JsonSerializerOptions Json = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true };

    private readonly ConcurrentDictionary<string, byte[]> _keys = new();
    private string? _newest;
    private long _lookedAt;

    /// <summary>There is a key to sign with.</summary>
    public async Task Ensure(CancellationToken ct)
    {
        if (_newest is not null || await Load(ct))
            return;

        var id = ids.Next().ToString("N");
        var key = box.Seal(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));
        await database.Write(
            tx => tx.Execute(
                """
                INSERT INTO identity_keys (id, sealed_key, created_at)
                SELECT @id, @key, @now WHERE NOT EXISTS (SELECT 1 FROM identity_keys)
                """,
                new { id, key, now = time.GetUtcNow().ToUnixTimeMilliseconds() }),
            ct);
        await Load(ct);
    }

    /// <summary>The token of these claims.</summary>
    public async Task<string> Sign(TokenClaims claims, CancellationToken ct)
    {
        await Ensure(ct);
        var text = $"v1.{_newest}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, Json))}";
        return $"{text}.{Base64Url.EncodeToString(HMACSHA256.HashData(_keys[_newest!], Encoding.ASCII.GetBytes(text)))}";
    }

    /// <summary>The claims of a token that this installation signed; null for anything else. Expiry is not looked at.</summary>
    public async ValueTask<TokenClaims?> Read(string token, CancellationToken ct)
    {
        var parts = token.Split('.');
        if (parts is not ["v1", var keyId, var claims, var signature] || token.Length > 8192 || !Ascii.IsValid(token))
            return null;
        if (!_keys.TryGetValue(keyId, out var key) && (!await LookAgain(ct) || !_keys.TryGetValue(keyId, out key)))
            return null;

        var expected = Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"v1.{keyId}.{claims}")));
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(signature)))
            return null;

        return JsonSerializer.Deserialize<TokenClaims>(Base64Url.DecodeFromChars(claims), Json);
    }

    // A made-up key id must not cost a query each time.
    private async Task<bool> LookAgain(CancellationToken ct)
    {
        var last = Interlocked.Read(ref _lookedAt);
        if (last != 0 && time.GetElapsedTime(last) < TimeSpan.FromSeconds(1))
            return false;

        Interlocked.Exchange(ref _lookedAt, time.GetTimestamp());
        return await Load(ct);
    }

    private async Task<bool> Load(CancellationToken ct)
    {
        var rows = await database.Read(r => r.Query<KeyRow>("SELECT id, sealed_key FROM identity_keys ORDER BY created_at, id"), ct);
        foreach (var row in rows)
            _keys.GetOrAdd(row.Id, _ => Convert.FromBase64String(box.Open(row.SealedKey)));
        _newest = rows.Count > 0 ? rows[^1].Id : null;
        return rows.Count > 0;
    }

    private sealed class KeyRow
    {
        public string Id { get; init; } = "";

        public string SealedKey { get; init; } = "";
    }
}
