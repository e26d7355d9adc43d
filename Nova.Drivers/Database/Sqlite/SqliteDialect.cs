using System.Data.Common;
using Microsoft.Data.Sqlite;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Sqlite;

/// <summary>SQLite 3.35.5. A single writer makes row locks needless.</summary>
public sealed class SqliteDialect : SqlDialect
{
    /// <summary>The one instance.</summary>
    public static readonly SqliteDialect Instance = new();

    /// <inheritdoc />
    public override string Name => "sqlite";

    /// <inheritdoc />
    public override string ForUpdate => "";

    /// <inheritdoc />
    public override bool TakesColumns => false;

    /// <inheritdoc />
    public override bool IsUniqueViolation(DbException exception) =>
        exception is SqliteException { SqliteExtendedErrorCode: 1555 or 2067 };
}
