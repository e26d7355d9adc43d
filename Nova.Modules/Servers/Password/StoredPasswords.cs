using Nova.Modules.Compute;
using Nova.Modules.Compute.Link;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers.Password;

/// <summary>The table <c>server_passwords</c>: what guests stored for their owners, once. Sealed, because nobody can know what it is.</summary>
public sealed class StoredPasswords(Database database, SecretBox secrets) : IGuestPasswords, IHostedPasswords
{
    /// <inheritdoc />
    public async ValueTask<string> Find(Guid serverId, CancellationToken ct)
    {
        var row = await database.Read(rows => rows.Find<Stored>("SELECT password FROM server_passwords WHERE cell = 0 AND server_id = @serverId", new { serverId }), ct);
        return row is null ? "" : secrets.Open(row.Password);
    }

    /// <inheritdoc />
    public async ValueTask<bool> TrySet(Guid serverId, string password, CancellationToken ct) =>
        await database.Write(tx => Store(tx, serverId, null, password), ct);

    /// <inheritdoc />
    public async Task<(string Text, bool IsStored)> Ask(Guid hostId, Guid serverId, string? text, CancellationToken ct)
    {
        var isOwn = await database.Read(rows => rows.One("SELECT COUNT(*) FROM servers WHERE cell = 0 AND id = $1 AND host_id = $2 AND deleted_at IS NULL", row => row.Long(0), serverId, hostId), ct);
        if (isOwn == 0)
            throw ServerAccess.NotFound(serverId);

        var isStored = text is not null && await database.Write(tx => Store(tx, serverId, hostId, text), ct);
        return (isStored ? text! : await Find(serverId, ct), isStored);
    }

    /// <summary>Nothing is stored; the guest may store again.</summary>
    public Task Clear(Guid serverId, CancellationToken ct) => database.Write(tx => tx.Run("DELETE FROM server_passwords WHERE cell = 0 AND server_id = $1", serverId), ct);

    // The server is looked at in the same statement: nothing is kept for one that is gone, or has left the host.
    private bool Store(Tx tx, Guid serverId, Guid? hostId, string password) =>
        password.Length > 0
        && tx.Execute(
            """
            INSERT INTO server_passwords (cell, server_id, password)
            SELECT 0, id, @sealed FROM servers WHERE cell = 0 AND id = @serverId AND host_id = COALESCE(@hostId, host_id) AND deleted_at IS NULL
            ON CONFLICT DO NOTHING
            """,
            new { serverId, hostId, @sealed = secrets.Seal(password) }) == 1;

    private sealed class Stored
    {
        public string Password { get; init; } = "";
    }
}
