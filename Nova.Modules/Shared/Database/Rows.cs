using System.Data.Common;
using Dapper;

namespace Nova.Modules.Shared.Database;

/// <summary>
/// A read-only connection inside <see cref="Database.Read{T}"/>. As in <see cref="Tx"/> there are two ways to say a
/// query: Dapper (<c>@Name</c>) for whatever is rare, and <see cref="Many{T}"/>/<see cref="One{T}"/> (<c>$1, $2…</c>,
/// prepared once per connection) for what every request asks.
/// </summary>
public abstract class Rows(DbConnection connection, DbTransaction? transaction, SqlDialect dialect, CancellationToken ct)
{
    /// <summary>How this database spells the few things that differ.</summary>
    public SqlDialect Dialect => dialect;

    /// <summary>Cancels the reading.</summary>
    protected CancellationToken Cancellation => ct;

    /// <summary>All rows of a query.</summary>
    public async Task<IReadOnlyList<T>> Query<T>(string sql, object? args = null) =>
        (await connection.QueryAsync<T>(new(sql, args, transaction, cancellationToken: ct))).AsList();

    /// <summary>The only row of a query, or the default when there is none.</summary>
    public Task<T?> Find<T>(string sql, object? args = null) =>
        connection.QuerySingleOrDefaultAsync<T?>(new(sql, args, transaction, cancellationToken: ct));

    /// <summary>The only value of a query.</summary>
    public async Task<T> Value<T>(string sql, object? args = null) =>
        (await connection.ExecuteScalarAsync<T>(new(sql, args, transaction, cancellationToken: ct)))!;

    /// <summary>All rows of a prepared query with <c>$1…</c> parameters.</summary>
    public abstract Task<List<T>> Many<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<SqlValue> values);

    /// <summary>The first row of a prepared query with <c>$1…</c> parameters, or the default when there is none.</summary>
    public abstract Task<T?> One<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<SqlValue> values);
}
