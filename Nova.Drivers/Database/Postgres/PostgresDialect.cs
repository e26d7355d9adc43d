using System.Data.Common;
using Npgsql;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Postgres;

/// <summary>PostgreSQL 15.</summary>
public sealed class PostgresDialect : SqlDialect
{
    /// <summary>The one instance.</summary>
    public static readonly PostgresDialect Instance = new();

    /// <inheritdoc />
    public override string Name => "postgres";

    /// <inheritdoc />
    public override string ForUpdate => "FOR UPDATE";

    /// <inheritdoc />
    public override bool TakesColumns => true;

    /// <inheritdoc />
    public override bool IsUniqueViolation(DbException exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    /// <inheritdoc />
    public override string OneOf(string column, string parameter) => $"{column} = ANY(@{parameter})";
}
