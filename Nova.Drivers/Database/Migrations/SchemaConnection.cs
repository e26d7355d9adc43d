using System.Data;
using System.Data.Common;
using Dapper;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Migrations;

/// <summary>A database whose schema can be changed: it gives out the one connection that may do so.</summary>
internal interface ISchemaOwner
{
    /// <summary>Waits until nobody else changes the schema, then opens a connection of its own for it.</summary>
    Task<SchemaConnection> OpenSchema(CancellationToken ct);
}

/// <summary>A connection outside the group writers, for statements that want a transaction of their own or none.</summary>
internal sealed class SchemaConnection(DbConnection connection, SqlDialect dialect, Func<ValueTask> release) : IAsyncDisposable
{
    public SqlDialect Dialect => dialect;

    // Said to be text, because Dapper takes a single word such as COMMIT for a stored procedure.
    public Task<int> Execute(string sql, object? args = null) => connection.ExecuteAsync(sql, args, commandTimeout: 0, commandType: CommandType.Text);

    public async Task<IReadOnlyList<T>> Query<T>(string sql, object? args = null) => (await connection.QueryAsync<T>(sql, args)).AsList();

    /// <summary>Ends what is open without a commit, and lets the next one in.</summary>
    public async ValueTask DisposeAsync()
    {
        await release();
        await connection.DisposeAsync();
    }
}
