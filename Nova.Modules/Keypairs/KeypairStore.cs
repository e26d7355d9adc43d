using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Keypairs;

/// <summary>The table <c>keypairs</c>.</summary>
public sealed class KeypairStore(Database database)
{
    /// <summary>Raised after the commit that removed a key pair.</summary>
    public event Action? Changed;

    /// <summary>The key pair, or null.</summary>
    public Task<Keypair?> Find(string userId, string name, CancellationToken ct) => database.Read(
        rows => rows.Find<Keypair>(
            "SELECT user_id, name, number, type, public_key, fingerprint, created_at FROM keypairs WHERE user_id = @userId AND name = @name", new { userId, name }),
        ct);

    /// <summary>One page by name; null when the marker is no key pair of the user.</summary>
    public Task<IReadOnlyList<Keypair>?> List(string userId, Page? page, CancellationToken ct) => database.Read<IReadOnlyList<Keypair>?>(
        async rows =>
        {
            var args = new { userId, page?.Marker, limit = page?.Limit ?? int.MaxValue };
            if (page?.Marker is not null && await rows.Find<string>("SELECT name FROM keypairs WHERE user_id = @userId AND name = @Marker", args) is null)
                return null;

            return await rows.Query<Keypair>(
                $"""
                SELECT user_id, name, number, type, public_key, fingerprint, created_at FROM keypairs
                WHERE user_id = @userId {(page?.Marker is null ? "" : "AND name > @Marker")}
                ORDER BY name
                LIMIT @limit
                """, args);
        },
        ct);

    /// <summary>How many the user has.</summary>
    public long Count(Tx tx, string userId) => tx.Find<long>("SELECT COUNT(*) FROM keypairs WHERE user_id = @userId", new { userId });

    /// <summary>False when the user already has a key pair of that name.</summary>
    public bool TryInsert(Tx tx, Keypair keypair) => tx.Execute(
        """
        INSERT INTO keypairs (user_id, name, number, type, public_key, fingerprint, created_at)
        VALUES (@UserId, @Name, @Number, @Type, @PublicKey, @Fingerprint, @CreatedAt)
        ON CONFLICT (user_id, name) DO NOTHING
        """, keypair) == 1;

    /// <summary>False when there is none.</summary>
    public bool Delete(Tx tx, string userId, string name)
    {
        tx.AfterCommit(() => Changed?.Invoke());
        return tx.Execute("DELETE FROM keypairs WHERE user_id = @userId AND name = @name", new { userId, name }) == 1;
    }
}
