using System.Data.Common;
using Npgsql;
using NpgsqlTypes;
using Nova.Modules.Shared.Database;

namespace Nova.Drivers.Database.Postgres;

/// <summary>
/// The prepared statements of one connection, with positional parameters. Statements that nobody waits for go to the server
/// in one message with the next one that somebody does wait for, in their order.
/// </summary>
internal sealed class PostgresStatements(NpgsqlConnection connection) : IDisposable
{
    /// <summary>Far more than the product has; reached only by statements composed with varying text.</summary>
    private const int Limit = 500;

    /// <summary>So many parameters or statements bound what a message holds.</summary>
    private const int MostWaiting = 128;

    private readonly Dictionary<string, NpgsqlCommand> _prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Stack<NpgsqlBatchCommand>> _spare = new(StringComparer.Ordinal);
    private readonly List<(NpgsqlBatchCommand Command, int? Rows)> _waiting = [];

    public int Run(string sql, ReadOnlySpan<SqlValue> values)
    {
        if (_waiting.Count == 0)
            return Math.Max(0, Bind(sql, values).ExecuteNonQuery());

        var last = Take(sql, values);
        using var batch = Together(last);
        batch.ExecuteNonQuery();
        Settle();
        return Math.Max(0, Return(last).RecordsAffected);
    }

    public T? One<T>(string sql, Func<SqlRow, T> read, ReadOnlySpan<SqlValue> values) =>
        Read(sql, values, reader => reader.Read() ? read(new Row(reader)) : default);

    public List<T> Many<T>(string sql, Func<SqlRow, T> read, ReadOnlySpan<SqlValue> values) => Read(sql, values, reader =>
    {
        var (rows, row) = (new List<T>(), new Row(reader));
        while (reader.Read())
            rows.Add(read(row));
        return rows;
    });

    /// <summary>The statement goes with the next one; what it changes is compared then.</summary>
    public void Send(string sql, int? rows, ReadOnlySpan<SqlValue> values)
    {
        _waiting.Add((Take(sql, values), rows));
        if (_waiting.Count == MostWaiting)
            Flush();
    }

    /// <summary>Nothing waits afterwards.</summary>
    /// <exception cref="WrongAssumptionException">A statement did not change as many rows as was assumed.</exception>
    public void Flush()
    {
        if (_waiting.Count == 0)
            return;

        using var batch = Together(null);
        batch.ExecuteNonQuery();
        Settle();
    }

    /// <summary>What waits is not sent, and what was done since the savepoint is undone.</summary>
    public void RollBackTo(string savepoint)
    {
        var isSet = !_waiting.Exists(waiting => waiting.Command.CommandText == $"SAVEPOINT {savepoint}");
        Forget();
        if (isSet)
            Run($"ROLLBACK TO SAVEPOINT {savepoint}", []);
        else
            Send($"SAVEPOINT {savepoint}", null, []);
    }

    /// <summary>What waits is not sent: its transaction is rolled back.</summary>
    public void Forget() => _waiting.Clear();

    private T Read<T>(string sql, ReadOnlySpan<SqlValue> values, Func<NpgsqlDataReader, T> read)
    {
        if (_waiting.Count == 0)
        {
            using var alone = Bind(sql, values).ExecuteReader();
            return read(alone);
        }

        // Only the last statement returns rows, so that the reader begins with them.
        var last = Take(sql, values);
        using var batch = Together(last);
        T result;
        using (var reader = batch.ExecuteReader())
            result = read(reader);
        Settle();
        Return(last);
        return result;
    }

    private NpgsqlBatch Together(NpgsqlBatchCommand? last)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var (command, _) in _waiting)
            batch.BatchCommands.Add(command);
        if (last is not null)
            batch.BatchCommands.Add(last);
        return batch;
    }

    private void Settle()
    {
        var wrong = _waiting.Exists(waiting => waiting.Rows is { } rows && waiting.Command.RecordsAffected != rows);
        foreach (var (command, _) in _waiting)
            Return(command);
        _waiting.Clear();
        if (wrong)
            throw new WrongAssumptionException();
    }

    private NpgsqlBatchCommand Take(string sql, ReadOnlySpan<SqlValue> values)
    {
        var command = _spare.TryGetValue(sql, out var spare) && spare.TryPop(out var used) ? used : new(sql);
        SetValues(command.Parameters, values);
        return command;
    }

    private NpgsqlBatchCommand Return(NpgsqlBatchCommand command)
    {
        if (!_spare.TryGetValue(command.CommandText, out var spare))
        {
            if (_spare.Count == Limit)
                _spare.Clear();
            _spare[command.CommandText] = spare = [];
        }

        if (spare.Count < MostWaiting)
            spare.Push(command);
        return command;
    }

    /// <summary>The command with its values, prepared on the server.</summary>
    private NpgsqlCommand Bind(string sql, ReadOnlySpan<SqlValue> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            if (_prepared.Count == Limit)
                Dispose();
            _prepared.Add(sql, command = new(sql, connection));
        }

        if (SetValues(command.Parameters, values) || !command.IsPrepared)
            command.Prepare();
        return command;
    }

    /// <summary>Fills a command's parameters; true when one of them is new or has another type than before.</summary>
    public static bool SetValues(NpgsqlParameterCollection parameters, ReadOnlySpan<SqlValue> values)
    {
        var changed = false;
        while (parameters.Count < values.Length)
        {
            parameters.Add(new Parameter { Value = DBNull.Value });
            changed = true;
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (values[i].Declared is not SqlValue.Type.Null)
                changed |= ((Parameter)parameters[i]).Declare(TypeOf(values[i]));

            parameters[i].Value = Boxed(values[i]);
        }

        return changed;
    }

    public void Dispose()
    {
        _spare.Clear();
        foreach (var command in _prepared.Values)
            command.Dispose();
        _prepared.Clear();
    }

    private static NpgsqlDbType TypeOf(in SqlValue value) =>
        value.Kind == SqlValue.Type.Column ? NpgsqlDbType.Array | TypeOf(value.Declared) : TypeOf(value.Declared);

    private static NpgsqlDbType TypeOf(SqlValue.Type kind) => kind switch
    {
        SqlValue.Type.Integer => NpgsqlDbType.Bigint,
        SqlValue.Type.Boolean => NpgsqlDbType.Boolean,
        SqlValue.Type.Real => NpgsqlDbType.Double,
        SqlValue.Type.Uuid => NpgsqlDbType.Uuid,
        SqlValue.Type.Text => NpgsqlDbType.Text,
        _ => NpgsqlDbType.Bytea,
    };

    private static object Boxed(in SqlValue value) => value.Kind switch
    {
        SqlValue.Type.Null => DBNull.Value,
        SqlValue.Type.Integer => value.Number,
        SqlValue.Type.Boolean => value.Number != 0,
        SqlValue.Type.Real => value.Real,
        SqlValue.Type.Uuid => value.Uuid,
        _ => value.Reference!,
    };

    /// <summary>Remembers its type, which the library works out anew whenever it is asked.</summary>
    private sealed class Parameter : NpgsqlParameter
    {
        private NpgsqlDbType? _declared;

        /// <summary>True when it had another type.</summary>
        public bool Declare(NpgsqlDbType type)
        {
            if (_declared == type)
                return false;

            (_declared, NpgsqlDbType) = (type, type);
            return true;
        }
    }

    /// <summary>The current row of a reader.</summary>
    internal sealed class Row(NpgsqlDataReader reader) : SqlRow
    {
        public override bool IsNull(int column) => reader.IsDBNull(column);

        // INTEGER columns are 32 bits wide and counts 64; the callers do not care.
        public override long Long(int column) => reader.GetFieldType(column) == typeof(int) ? reader.GetInt32(column) : reader.GetInt64(column);

        public override bool Bool(int column) => reader.GetBoolean(column);

        public override double Double(int column) => reader.GetDouble(column);

        public override string Text(int column) => reader.GetString(column);

        public override Guid Uuid(int column) => reader.GetGuid(column);
    }
}
