using System.Collections.Frozen;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded;

/// <summary>
/// Tokens that ended early. This process knows its own revocations as soon as they are durable, those of others within a
/// second.
/// </summary>
public sealed class Revocations(Db database, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _reading = new(1);

    private long _changes;
    private Known? _known;

    /// <summary>True when the token is revoked.</summary>
    public async ValueTask<bool> Holds(TokenClaims token, CancellationToken ct)
    {
        var known = await Current(ct);
        return token.A.Any(known.Tokens.Contains)
            || (known.Users.TryGetValue(token.U, out var user) && token.F <= user)
            || (token.S == "project" && known.Projects.TryGetValue(token.I, out var project) && token.F <= project);
    }

    /// <summary>One token, with those that were exchanged for it.</summary>
    public void Token(Tx tx, TokenClaims token) => Insert(tx, token.A[0], null, null, token.E);

    /// <summary>Everything that was issued to a user until now.</summary>
    public void User(Tx tx, string userId, long expiresAt) => Insert(tx, null, userId, null, expiresAt);

    /// <summary>Everything that was issued for a project until now.</summary>
    public void Project(Tx tx, string projectId, long expiresAt) => Insert(tx, null, null, projectId, expiresAt);

    private void Insert(Tx tx, string? auditId, string? userId, string? projectId, long expiresAt)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        tx.Execute("DELETE FROM identity_revocations WHERE expires_at < @now", new { now });
        tx.Execute(
            """
            INSERT INTO identity_revocations (audit_id, user_id, project_id, issued_until, expires_at)
            VALUES (@auditId, @userId, @projectId, @now, @expiresAt)
            """,
            new { auditId, userId, projectId, now, expiresAt });
        tx.AfterCommit(() => Interlocked.Increment(ref _changes));
    }

    // Of many requests that find the list stale one reads, the others wait for it.
    private async ValueTask<Known> Current(CancellationToken ct)
    {
        if (Fresh() is { } fresh)
            return fresh;

        await _reading.WaitAsync(ct);
        try
        {
            return Fresh() ?? await Read(ct);
        }
        finally
        {
            _reading.Release();
        }
    }

    private Known? Fresh() =>
        Volatile.Read(ref _known) is { } known && known.Changes == Interlocked.Read(ref _changes) && time.GetElapsedTime(known.ReadAt) < LookEvery ? known : null;

    private async Task<Known> Read(CancellationToken ct)
    {
        // Counted before the rows are read: a revocation that comes during the read makes the next call read again.
        var (changes, at) = (Interlocked.Read(ref _changes), time.GetTimestamp());
        var rows = await database.Read(
            r => r.Query<RevocationRow>("SELECT audit_id, user_id, project_id, issued_until FROM identity_revocations ORDER BY id"), ct);
        var fresh = new Known(
            changes,
            at,
            rows.Where(r => r.AuditId is not null).Select(r => r.AuditId!).ToFrozenSet(),
            Latest(rows, r => r.UserId),
            Latest(rows, r => r.ProjectId));
        Volatile.Write(ref _known, fresh);
        return fresh;
    }

    private static FrozenDictionary<string, long> Latest(IEnumerable<RevocationRow> rows, Func<RevocationRow, string?> key) =>
        rows.Where(r => key(r) is not null).GroupBy(r => key(r)!).ToFrozenDictionary(g => g.Key, g => g.Max(r => r.IssuedUntil));

    private sealed record Known(
        long Changes, long ReadAt, FrozenSet<string> Tokens, FrozenDictionary<string, long> Users, FrozenDictionary<string, long> Projects);

    private sealed class RevocationRow
    {
        public string? AuditId { get; init; }

        public string? UserId { get; init; }

        public string? ProjectId { get; init; }

        public long IssuedUntil { get; init; }
    }
}
