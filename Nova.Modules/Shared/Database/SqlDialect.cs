using System.Data.Common;

namespace Nova.Modules.Shared.Database;

/// <summary>The few places where SQLite and PostgreSQL spell the same thing differently.</summary>
public abstract class SqlDialect
{
    /// <summary><c>sqlite</c> or <c>postgres</c>; as in the names of migration files and settings.</summary>
    public abstract string Name { get; }

    /// <summary>Appended to a SELECT that locks its rows in order; empty where a single writer makes it needless.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>True when a parameter can be a whole column, an array that <c>unnest</c> makes rows of.</summary>
    public abstract bool TakesColumns { get; }

    /// <summary>True when a unique constraint refused a row.</summary>
    public abstract bool IsUniqueViolation(DbException exception);

    /// <summary>A column is one of the values of an array parameter of Dapper, which hands arrays to PostgreSQL as they are and spells them out for others.</summary>
    public virtual string OneOf(string column, string parameter) => $"{column} IN @{parameter}";
}
