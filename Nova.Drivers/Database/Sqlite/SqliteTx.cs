using System.Data.Common;
using Microsoft.Data.Sqlite;
using Nova.Drivers.Database.Writing;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Sqlite;

/// <summary>One member of a batch on the writer's connection.</summary>
internal sealed class SqliteTx(SqliteConnection connection, SqliteStatements statements, DatabaseCounters counters, TimeProvider time, SharedQueue? shared = null)
    : WriterTx(counters, time, shared)
{
    public override SqlDialect Dialect => SqliteDialect.Instance;

    protected override DbConnection Connection => connection;

    protected override Tx ForShared(DatabaseCounters counters, TimeProvider time) => new SqliteTx(connection, statements, counters, time);

    protected override int RunPrepared(string sql, ReadOnlySpan<SqlValue> values) => statements.Run(sql, values);

    protected override T? OnePrepared<T>(string sql, Func<SqlRow, T> read, ReadOnlySpan<SqlValue> values) where T : default =>
        statements.One(sql, read, values);

    protected override List<T> ManyPrepared<T>(string sql, Func<SqlRow, T> read, ReadOnlySpan<SqlValue> values) =>
        statements.Many(sql, read, values);
}
