using System.Data.Common;
using Npgsql;
using Nova.Drivers.Database.Writing;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Postgres;

/// <summary>
/// One member of a batch on a writer's connection. <paramref name="together"/>: what needs no answer waits for the next
/// statement that does, of this or a later member.
/// </summary>
internal sealed class PostgresTx(
    NpgsqlConnection connection, NpgsqlTransaction transaction, PostgresStatements statements, DatabaseCounters counters, TimeProvider time, bool together, SharedQueue? shared = null)
    : WriterTx(counters, time, shared)
{
    public override SqlDialect Dialect => PostgresDialect.Instance;

    // Dapper's statements go by themselves, after all that waits.
    protected override DbConnection Connection
    {
        get
        {
            statements.Flush();
            return connection;
        }
    }

    protected override DbTransaction Transaction => transaction;

    protected override Tx ForShared(DatabaseCounters counters, TimeProvider time) => new PostgresTx(connection, transaction, statements, counters, time, together);

    protected override bool SendPrepared(string sql, int? rows, ReadOnlySpan<SqlValue> values)
    {
        if (!together)
            return base.SendPrepared(sql, rows, values);

        statements.Send(sql, rows, values);
        return true;
    }

    protected override int RunPrepared(string sql, ReadOnlySpan<SqlValue> values) => statements.Run(sql, values);

    protected override T? OnePrepared<T>(string sql, Func<SqlRow, T> read, ReadOnlySpan<SqlValue> values) where T : default =>
        statements.One(sql, read, values);

    protected override List<T> ManyPrepared<T>(string sql, Func<SqlRow, T> read, ReadOnlySpan<SqlValue> values) =>
        statements.Many(sql, read, values);
}
