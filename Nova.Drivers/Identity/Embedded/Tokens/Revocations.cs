using System.Collections.Frozen;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Identity.Embedded.Tokens;

/// <summary>
/// Tokens that ended early. This process knows its own revocations as soon as they are durable, those of others within a
/// second.
/// </summary>
public sealed class Revocations(Db database, IdentitySettings settings, TimeProvider time)
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
            || Ended(known.Users, token.U)
            || (known.Scopes.Count > 0 && Ended(known.Scopes, ScopeOf(token.U, token.S, token.I)))
            || (token.S == "project" && Ended(known.Projects, token.I))
            || (known.Domains.Count > 0 && (Ended(known.Domains, token.UD) || (token.S == "domain" && Ended(known.Domains, token.I)) || (token.PD is { } domain && Ended(known.Domains, domain))))
            || (token.K is { } credential && Ended(known.Credentials, credential));

        bool Ended(FrozenDictionary<string, long> ends, string key) => ends.TryGetValue(key, out var until) && token.F <= until;
    }

    /// <summary>One token, with those that were exchanged for it.</summary>
    public void Token(Tx tx, TokenClaims token) => Insert(tx, new() { AuditId = token.A[0], ExpiresAt = token.E });

    /// <summary>Everything that was issued to a user until now.</summary>
    public void User(Tx tx, string userId) => Insert(tx, new() { UserId = userId });

    /// <summary>What was issued to a user in one scope until now.</summary>
    public void UserIn(Tx tx, string userId, TokenScope scope) => Insert(tx, new() { Scope = ScopeOf(userId, scope.Kind, scope.Id) });

    /// <summary>Everything that was issued for a project until now.</summary>
    public void Project(Tx tx, string projectId) => Insert(tx, new() { ProjectId = projectId });

    /// <summary>Everything that was issued for a domain and its projects, and to its users, until now.</summary>
    public void Domain(Tx tx, string domainId) => Insert(tx, new() { DomainId = domainId });

    /// <summary>Everything that was issued for an application credential until now.</summary>
    public void Credential(Tx tx, string credentialId) => Insert(tx, new() { ApplicationCredentialId = credentialId });

    private static string ScopeOf(string userId, string kind, string id) => $"{userId}/{kind}/{id}";

    private void Insert(Tx tx, Row row)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        tx.Execute("DELETE FROM identity_revocations WHERE expires_at < @now", new { now });
        tx.Execute(
            """
            INSERT INTO identity_revocations (audit_id, user_id, project_id, scope, application_credential_id, domain_id, issued_until, expires_at)
            VALUES (@AuditId, @UserId, @ProjectId, @Scope, @ApplicationCredentialId, @DomainId, @IssuedUntil, @ExpiresAt)
            """,

            // No token that is valid now lives longer than a new one.
            row with { IssuedUntil = now, ExpiresAt = row.ExpiresAt > 0 ? row.ExpiresAt : now + settings.TokenSeconds * 1000L });
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
            r => r.Query<Row>("SELECT audit_id, user_id, project_id, scope, application_credential_id, domain_id, issued_until FROM identity_revocations ORDER BY id"), ct);
        var fresh = new Known(changes, at, rows.Select(r => r.AuditId).OfType<string>().ToFrozenSet())
        {
            Users = Latest(rows, r => r.UserId),
            Scopes = Latest(rows, r => r.Scope),
            Projects = Latest(rows, r => r.ProjectId),
            Domains = Latest(rows, r => r.DomainId),
            Credentials = Latest(rows, r => r.ApplicationCredentialId),
        };
        Volatile.Write(ref _known, fresh);
        return fresh;
    }

    private static FrozenDictionary<string, long> Latest(IEnumerable<Row> rows, Func<Row, string?> key) =>
        rows.Where(r => key(r) is not null).GroupBy(r => key(r)!).ToFrozenDictionary(g => g.Key, g => g.Max(r => r.IssuedUntil));

    private sealed record Known(long Changes, long ReadAt, FrozenSet<string> Tokens)
    {
        public required FrozenDictionary<string, long> Users { get; init; }
        public required FrozenDictionary<string, long> Scopes { get; init; }
        public required FrozenDictionary<string, long> Projects { get; init; }
        public required FrozenDictionary<string, long> Domains { get; init; }
        public required FrozenDictionary<string, long> Credentials { get; init; }
    }

    private sealed record Row
    {
        public string? AuditId { get; init; }
        public string? UserId { get; init; }
        public string? ProjectId { get; init; }
        public string? Scope { get; init; }
        public string? ApplicationCredentialId { get; init; }
        public string? DomainId { get; init; }
        public long IssuedUntil { get; init; }
        public long ExpiresAt { get; init; }
    }
}
