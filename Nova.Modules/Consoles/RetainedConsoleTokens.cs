using Nova.Modules.Retention;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Consoles;

/// <summary>Tokens of consoles that are worth nothing any more.</summary>
public sealed class RetainedConsoleTokens : IRetained
{
    /// <inheritdoc />
    public string Name => "console_tokens";

    /// <inheritdoc />
    public int Days(RetentionOptions options) => 1;

    /// <inheritdoc />
    public int RemoveSlice(Tx tx, long before) => tx.Run(
        "DELETE FROM console_tokens WHERE cell = 0 AND token_hash IN (SELECT token_hash FROM console_tokens WHERE expires_at < $1 LIMIT $2)", before, Purge.SliceRows);

    /// <inheritdoc />
    public Task<long> Count(Rows rows, long before) => rows.One("SELECT COUNT(*) FROM console_tokens WHERE expires_at < $1", row => row.Long(0), before);
}
