using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Nova.Modules.Shared.Database;

/// <summary>An INSERT that the units of a batch do together: one statement for many rows.</summary>
/// <param name="into">The table and its columns: <c>events (kind, subject)</c>.</param>
/// <param name="columns">How many columns those are.</param>
public sealed class SharedInsert(string into, int columns)
{
    private const int MostRows = 64;
    private const int MostValues = 512;

    private readonly ConcurrentDictionary<int, string> _statements = new();

    /// <summary>Inserts the rows in order, with as few statements as possible.</summary>
    public void Write(Tx tx, IReadOnlyList<SqlValue[]> rows)
    {
        var atOnce = Math.Min(MostRows, MostValues / columns);
        for (var from = 0; from < rows.Count; from += atOnce)
        {
            var count = Math.Min(atOnce, rows.Count - from);
            var values = new SqlValue[count * columns];
            for (var i = 0; i < count; i++)
                rows[from + i].CopyTo(values, i * columns);
            tx.Run(_statements.GetOrAdd(count, Statement), values);
        }
    }

    /// <summary>Inserts what the units of a batch appended.</summary>
    public static void WriteAll(Tx tx, IEnumerable<SharedRow> rows)
    {
        foreach (var group in rows.GroupBy(row => row.Insert))
            group.Key.Write(tx, [.. group.Select(row => row.Values)]);
    }

    private string Statement(int rows)
    {
        var sql = new StringBuilder("INSERT INTO ").Append(into).Append(" VALUES ");
        for (var i = 0; i < rows * columns; i++)
            sql.Append(i % columns == 0 ? i == 0 ? "(" : ", (" : ", ")
                .Append(CultureInfo.InvariantCulture, $"${i + 1}")
                .Append(i % columns == columns - 1 ? ")" : "");
        return sql.ToString();
    }
}

/// <summary>A row of a shared INSERT.</summary>
/// <param name="Insert">Into what.</param>
/// <param name="Values">One per column.</param>
public readonly record struct SharedRow(SharedInsert Insert, SqlValue[] Values);
