using System.Security.Cryptography;
using System.Text;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Consoles;

/// <summary>
/// The table <c>console_tokens</c>. A token is random, kept as its hash alone, and worth something for a while and for as long as
/// its server is on the host for which it was made: it ends with the server and with a move.
/// </summary>
public sealed class ConsoleTokens(Database database, ConsoleOptions options, TimeProvider time)
{
    /// <summary>Tokens of one server that are kept; with one more the oldest goes.</summary>
    public const int MostOfServer = 32;

    private const int LongestToken = 64;

    /// <summary>A new token for a console of a server.</summary>
    public async Task<string> Create(Server server, string type, ConsolePlace place, CancellationToken ct)
    {
        var token = NewToken();
        var hash = HashOf(token);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var expires = now + options.TokenSeconds * 1000L;
        await database.Write(
            tx =>
            {
                tx.Run(
                    """
                    INSERT INTO console_tokens (cell, token_hash, server_id, host_id, type, host, port, internal_access_path, tls_port, created_at, expires_at)
                    VALUES (0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                    """,
                    hash, server.Id, server.HostId!.Value, type, place.Host, place.Port, place.InternalAccessPath, (long?)place.TlsPort, now, expires);
                tx.Run(
                    """
                    DELETE FROM console_tokens
                    WHERE cell = 0 AND server_id = $1 AND (expires_at <= $2 OR token_hash NOT IN (
                        SELECT token_hash FROM console_tokens WHERE cell = 0 AND server_id = $1 ORDER BY created_at DESC, token_hash LIMIT $3))
                    """,
                    server.Id, now, MostOfServer);
            },
            ct);
        return token;
    }

    /// <summary>What the token opens, or null when it opens nothing: unknown, expired, of a server that is gone or elsewhere.</summary>
    public async Task<ConsoleToken?> Find(string token, CancellationToken ct)
    {
        if (token.Length is 0 or > LongestToken)
            return null;

        return await database.ReadOne(
            rows => rows.One(
                """
                SELECT t.server_id, s.project_id, t.host_id, t.type, t.host, t.port, t.internal_access_path, t.tls_port
                FROM console_tokens t JOIN servers s ON s.cell = t.cell AND s.id = t.server_id
                WHERE t.cell = 0 AND t.token_hash = $1 AND t.expires_at > $2 AND s.host_id = t.host_id AND s.deleted_at IS NULL
                """,
                row => new ConsoleToken
                {
                    ServerId = row.Uuid(0), ProjectId = row.Text(1), HostId = row.Uuid(2), Type = row.Text(3), Host = row.TextOrNull(4), Port = row.Int(5),
                    InternalAccessPath = row.TextOrNull(6), TlsPort = (int?)row.LongOrNull(7),
                },
                HashOf(token), time.GetUtcNow().ToUnixTimeMilliseconds()),
            ct);
    }

    // 128 random bits in the form that the original's tokens have.
    private static string NewToken() => new Guid(RandomNumberGenerator.GetBytes(16)).ToString();

    private static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
