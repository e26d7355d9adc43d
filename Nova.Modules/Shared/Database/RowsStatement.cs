using System.Collections.Concurrent;

namespace Nova.Modules.Shared.Database;

/// <summary>
/// One statement for any number of rows of values. Where the database takes columns, each is one parameter, so that the text is the
/// same for any number; elsewhere the rows are written out, in slices of 1 to 4 and powers of two, so that few texts are prepared.
/// </summary>
public sealed class RowsStatement
{
    /// <summary>Where the rows go in the text: they become a table <c>v</c> with the columns <c>column1</c>, <c>column2</c> and so on.</summary>
    public const string Rows = "{rows}";

    private const int MostRows = 64;
    private const int MostValues = 512;

    private readonly string _text;
    private readonly int _columns;
    private readonly Lazy<string> _ofColumns;
    private readonly ConcurrentDictionary<int, string> _ofRows = new();
    private readonly bool _isInsert;

    /// <summary>A statement with <see cref="Rows"/> in its text.</summary>
    /// <param name="text">
    /// Such as <c>UPDATE t SET a = v.column2 FROM {rows} WHERE t.id = v.column1</c>. The first column of the key is compared with a
    /// column, not with a constant (<c>cell = 0</c>): on tables that are new PostgreSQL would take the constant for a rare one and
    /// look at all rows that have it.
    /// </param>
    /// <param name="columns">How many values a row has.</param>
    public RowsStatement(string text, int columns) : this(text, columns, isInsert: false)
    {
    }

    private RowsStatement(string text, int columns, bool isInsert)
    {
        (_text, _columns, _isInsert) = (text, columns, isInsert);
        _ofColumns = new(() => Text($"{(isInsert ? "SELECT * FROM " : "")}unnest{Bulk.List(1, columns)} AS v {Names(columns)}"));
    }

    /// <summary>An INSERT.</summary>
    /// <param name="into">The table and its columns: <c>events (kind, subject)</c>.</param>
    /// <param name="columns">How many columns those are.</param>
    /// <param name="tail">What stands behind the rows, such as <c>ON CONFLICT DO NOTHING</c>.</param>
    public static RowsStatement Insert(string into, int columns, string tail = "") => new($"INSERT INTO {into} {Rows} {tail}", columns, isInsert: true);

    /// <summary>Executes it; whether it changes exactly one row for each, as far as is known (<see cref="Tx.Changes"/>).</summary>
    public bool Changes(Tx tx, IReadOnlyList<SqlValue[]> rows)
    {
        var all = true;
        foreach (var (sql, values, count) in Slices(tx, rows))
            all &= tx.Changes(count, sql, values);
        return all;
    }

    /// <summary>Executes it; its outcome does not matter here.</summary>
    public void Send(Tx tx, IReadOnlyList<SqlValue[]> rows)
    {
        foreach (var (sql, values, _) in Slices(tx, rows))
            tx.Send(sql, values);
    }

    /// <summary>Executes it, and reads what it returns.</summary>
    public List<T> Many<T>(Tx tx, IReadOnlyList<SqlValue[]> rows, Func<SqlRow, T> read)
    {
        var found = new List<T>(rows.Count);
        foreach (var (sql, values, _) in Slices(tx, rows))
            found.AddRange(tx.Many(sql, read, values));
        return found;
    }

    private IEnumerable<(string Sql, SqlValue[] Values, int Count)> Slices(Tx tx, IReadOnlyList<SqlValue[]> rows)
    {
        if (tx.Dialect.TakesColumns)
        {
            if (rows.Count > 0)
                yield return (_ofColumns.Value, [.. Enumerable.Range(0, _columns).Select(i => SqlValue.Column(rows, i))], rows.Count);
            yield break;
        }

        for (var from = 0; from < rows.Count;)
        {
            var count = SliceOf(rows.Count - from);
            var values = new SqlValue[count * _columns];
            for (var i = 0; i < count; i++)
                rows[from + i].CopyTo(values, i * _columns);
            yield return (_ofRows.GetOrAdd(count, OfRows), values, count);
            from += count;
        }
    }

    private int SliceOf(int left)
    {
        var most = Math.Max(1, Math.Min(MostRows, MostValues / _columns));
        return left <= 4 ? Math.Min(left, most) : 1 << System.Numerics.BitOperations.Log2((uint)Math.Min(left, most));
    }

    private string OfRows(int count) => Text(_isInsert ? $"VALUES {Bulk.Rows(1, _columns, count)}" : $"(VALUES {Bulk.Rows(1, _columns, count)}) AS v");

    private string Text(string rows) => _text.Replace(Rows, rows, StringComparison.Ordinal);

    private static string Names(int columns) => $"({string.Join(", ", Enumerable.Range(1, columns).Select(i => $"column{i}"))})";
}
