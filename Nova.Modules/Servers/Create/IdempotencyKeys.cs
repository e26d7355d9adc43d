using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Nova.Modules.Operations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Create;

/// <summary>The key of one request.</summary>
/// <param name="ProjectId">Keys of different projects never meet.</param>
/// <param name="UserId">Nor those of different users.</param>
/// <param name="Key">As the client sent it.</param>
/// <param name="BodyHash">SHA-256 of the body and the microversion.</param>
public sealed record IdempotencyKey(string ProjectId, string UserId, string Key, string BodyHash);

/// <summary>What a create was answered.</summary>
/// <param name="ServerId">The first server.</param>
/// <param name="ReservationId">Shared by all.</param>
/// <param name="DiskConfig">AUTO or MANUAL.</param>
/// <param name="AdminPass">The guest's password; sealed in the row.</param>
public sealed record CreateAnswer(Guid ServerId, string ReservationId, string DiskConfig, Secret? AdminPass);

/// <summary>The table <c>idempotency_keys</c>: a create that is repeated with its key within 24 hours is answered as before and makes nothing.</summary>
public sealed class IdempotencyKeys(Database database, SecretBox secrets, TimeProvider time)
{
    private const string Header = "Idempotency-Key";
    private const int MaxLength = 255;
    internal static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    private readonly JsonSerializerOptions _json = StateJson.With(secrets);

    /// <summary>The key of the request, or null without the header.</summary>
    /// <exception cref="Fault">400: not a usable key.</exception>
    public async ValueTask<IdempotencyKey?> Of(RequestContext caller, CancellationToken ct)
    {
        if (caller.Header(Header) is not { } key)
            return null;
        if (key.Length is 0 or > MaxLength || key.Any(char.IsControl))
            throw Fault.BadRequest($"The header Idempotency-Key must have 1 to {MaxLength} printable characters.");

        var body = (await BodyReader.Element(caller, ct))!.Value.GetRawText();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{caller.Version}\n{body}"));
        return new(caller.ProjectId, caller.Caller.UserId, key, Convert.ToHexStringLower(hash));
    }

    /// <summary>What the key was answered, or null when it is new or expired.</summary>
    /// <exception cref="Fault">409: the key came with another body before.</exception>
    public async Task<CreateAnswer?> Find(IdempotencyKey key, CancellationToken ct)
    {
        var row = await database.Read(
            rows => rows.Find<Row>(
                """
                SELECT body_hash, answer FROM idempotency_keys
                WHERE project_id = @ProjectId AND user_id = @UserId AND key = @Key AND created_at > @Oldest
                """,
                new { key.ProjectId, key.UserId, key.Key, Oldest }),
            ct);
        if (row is null)
            return null;
        if (row.BodyHash != key.BodyHash)
            throw Fault.Conflict($"The Idempotency-Key was used before with another request: use a new key for a new request.");
        return JsonSerializer.Deserialize<CreateAnswer>(row.Answer, _json);
    }

    /// <summary>Keeps the answer, in the transaction that makes the servers.</summary>
    /// <exception cref="KeyTakenException">Another request with the key was faster.</exception>
    public void Store(Tx tx, IdempotencyKey key, CreateAnswer answer)
    {
        var stored = tx.Execute(
            """
            INSERT INTO idempotency_keys (project_id, user_id, key, body_hash, answer, created_at)
            VALUES (@ProjectId, @UserId, @Key, @BodyHash, @answer, @now)
            ON CONFLICT (project_id, user_id, key) DO UPDATE
            SET body_hash = excluded.body_hash, answer = excluded.answer, created_at = excluded.created_at
            WHERE idempotency_keys.created_at <= @Oldest
            """,
            new { key.ProjectId, key.UserId, key.Key, key.BodyHash, answer = JsonSerializer.Serialize(answer, _json), now = Now, Oldest });
        if (stored == 0)
            throw new KeyTakenException();
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private long Oldest => Now - (long)KeptFor.TotalMilliseconds;

    private sealed class Row
    {
        public string BodyHash { get; set; } = "";
        public string Answer { get; set; } = "";
    }
}

/// <summary>Two requests with the same key ran at once, and this one lost.</summary>
public sealed class KeyTakenException() : Exception("The idempotency key is taken.");
