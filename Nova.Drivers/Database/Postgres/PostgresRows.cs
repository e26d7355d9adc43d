using Npgsql;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Postgres;

/// <summary>
/// A reader of the pool. Its statements are prepared by Npgsql itself after their second use, per connection, and stay so
/// when the connection goes back to the pool.
/// </summary>
internal sealed class PostgresRows(NpgsqlConnection connection, NpgsqlTransaction? snapshot, CancellationToken ct)
    : Rows(connection, snapshot, PostgresDialect.Instance, ct)
{
    public override Task<List<T>> Many<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<SqlValue> values) =>
        Many(Command(sql, values), read);

    public override Task<T?> One<T>(string sql, Func<SqlRow, T> read, params ReadOnlySpan<SqlValue> values) where T : default =>
        One(Command(sql, values), read);

    private NpgsqlCommand Command(string sql, ReadOnlySpan<SqlValue> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        PostgresStatements.SetValues(command.Parameters, values);
        return command;
    }

    private async Task<List<T>> Many<T>(NpgsqlCommand command, Func<SqlRow, T> read)
    {
        await using var owned = command;
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var (rows, row) = (new List<T>(), new PostgresStatements.Row(reader));
        while (await reader.ReadAsync(Cancellation))
            rows.Add(read(row));
        return rows;
    }

    private async Task<T?> One<T>(NpgsqlCommand command, Func<SqlRow, T> read)
    {
        await using var owned = command;
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        return await reader.ReadAsync(Cancellation) ? read(new PostgresStatements.Row(reader)) : default;
    }
}
