using System.Globalization;
using Microsoft.Data.Sqlite;
using Nova.Modules.Shared.Database;
using SQLitePCL;

namespace Nova.Drivers.Database.Sqlite;

/// <summary>
/// The prepared statements of one connection, straight on SQLitePCLRaw: Microsoft.Data.Sqlite 6 looks every parameter up
/// by name and allocates a reader per execution, which costs half as much CPU again (docs/performance.md).
/// </summary>
internal sealed class SqliteStatements(sqlite3 handle) : IDisposable
{
    /// <summary>Far more than the product has; reached only by statements composed with varying text.</summary>
    private const int Limit = 500;

    private readonly Dictionary<string, Prepared> _prepared = new(StringComparer.Ordinal);

    public int Run(string sql, ReadOnlySpan<SqlValue> values)
    {
        var statement = Bind(sql, values);
        try
        {
            Step(statement);
            return raw.sqlite3_changes(handle);
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    public T? One<T>(string sql, Func<SqlRow, T> read, ReadOnlySpan<SqlValue> values)
    {
        var statement = Bind(sql, values);
        try
        {
            // RETURNING rows are computed at the first step; the statement is complete before the row is seen.
            return Step(statement) ? read(new Row(statement)) : default;
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    public List<T> Many<T>(string sql, Func<SqlRow, T> read, ReadOnlySpan<SqlValue> values)
    {
        var statement = Bind(sql, values);
        try
        {
            var rows = new List<T>();
            var row = new Row(statement);
            while (Step(statement))
                rows.Add(read(row));
            return rows;
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    public void Dispose()
    {
        foreach (var prepared in _prepared.Values)
            prepared.Statement.Dispose();
        _prepared.Clear();
    }

    private sqlite3_stmt Bind(string sql, ReadOnlySpan<SqlValue> values)
    {
        if (!_prepared.TryGetValue(sql, out var prepared))
        {
            if (_prepared.Count == Limit)
                Dispose();
            Check(raw.sqlite3_prepare_v3(handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
            _prepared.Add(sql, prepared = new(statement, Indexes(statement, values.Length)));
        }

        for (var i = 0; i < values.Length; i++)
            if (prepared.Indexes[i] is var index and > 0)
                Bind(prepared.Statement, index, values[i]);

        return prepared.Statement;
    }

    // "$7" is a named parameter to SQLite: its index is the order of first appearance.
    private static int[] Indexes(sqlite3_stmt statement, int values) =>
        [.. Enumerable.Range(1, values).Select(i => raw.sqlite3_bind_parameter_index(statement, "$" + i.ToString(CultureInfo.InvariantCulture)))];

    private void Bind(sqlite3_stmt statement, int index, in SqlValue value) => Check(value.Kind switch
    {
        SqlValue.Type.Null => raw.sqlite3_bind_null(statement, index),
        SqlValue.Type.Integer or SqlValue.Type.Boolean => raw.sqlite3_bind_int64(statement, index, value.Number),
        SqlValue.Type.Real => raw.sqlite3_bind_double(statement, index, value.Real),
        SqlValue.Type.Uuid => BindUuid(statement, index, value.Uuid),
        SqlValue.Type.Text => raw.sqlite3_bind_text(statement, index, (string)value.Reference!),
        _ => raw.sqlite3_bind_blob(statement, index, (byte[])value.Reference!),
    });

    private static int BindUuid(sqlite3_stmt statement, int index, Guid uuid)
    {
        Span<byte> text = stackalloc byte[36];
        uuid.TryFormat(text, out _);
        return raw.sqlite3_bind_text(statement, index, text);
    }

    private bool Step(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        if (code is raw.SQLITE_ROW)
            return true;
        if (code is not raw.SQLITE_DONE)
            throw Error(code);
        return false;
    }

    private void Check(int code)
    {
        if (code is not raw.SQLITE_OK)
            throw Error(code);
    }

    private SqliteException Error(int code) =>
        new(raw.sqlite3_errmsg(handle).utf8_to_string(), code & 0xff, raw.sqlite3_extended_errcode(handle));

    private sealed record Prepared(sqlite3_stmt Statement, int[] Indexes);

    private sealed class Row(sqlite3_stmt statement) : SqlRow
    {
        public override bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

        public override long Long(int column) => raw.sqlite3_column_int64(statement, column);

        public override bool Bool(int column) => raw.sqlite3_column_int64(statement, column) != 0;

        public override double Double(int column) => raw.sqlite3_column_double(statement, column);

        public override string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

        public override Guid Uuid(int column) => Guid.Parse(Text(column), CultureInfo.InvariantCulture);
    }
}
