using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Nova.Modules.Shared.Database;

/// <summary>
/// One statement for many rows or keys. The text of such a statement depends on how many there are; lengths are rounded, so that
/// only a few texts are prepared, and long lists go in slices, because a database takes a bounded number of parameters.
/// </summary>
public static class Bulk
{
    /// <summary>The most keys of one statement.</summary>
    public const int MostKeys = 4096;

    /// <summary>The most rows of one statement.</summary>
    public const int MostRows = 128;

    /// <summary>Reads by a list of keys; an empty list reads nothing.</summary>
    /// <param name="tx">The unit.</param>
    /// <param name="statement">Its list is the last group of parameters.</param>
    /// <param name="keys">In the order in which their rows are to be locked.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="before">The parameters before the list.</param>
    public static List<T> Many<T>(Tx tx, SizedStatement statement, IReadOnlyList<SqlValue> keys, Func<SqlRow, T> read, params ReadOnlySpan<SqlValue> before)
    {
        var rows = new List<T>();
        for (var from = 0; from < keys.Count; from += MostKeys)
        {
            var values = WithKeys(before, keys, from, Math.Min(MostKeys, keys.Count - from));
            rows.AddRange(tx.Many(statement[values.Length - before.Length], read, values));
        }

        return rows;
    }

    /// <summary>As the other overload, outside of a unit; at most <see cref="MostKeys"/>, so that it is one statement.</summary>
    public static Task<List<T>> Many<T>(Rows rows, SizedStatement statement, IReadOnlyList<SqlValue> keys, Func<SqlRow, T> read)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, MostKeys);
        var values = WithKeys([], keys, 0, keys.Count);
        return rows.Many(statement[values.Length], read, values);
    }

    /// <summary>Changes by a list of keys; returns how many rows were changed.</summary>
    public static int Run(Tx tx, SizedStatement statement, IReadOnlyList<SqlValue> keys, params ReadOnlySpan<SqlValue> before)
    {
        var changed = 0;
        for (var from = 0; from < keys.Count; from += MostKeys)
        {
            var values = WithKeys(before, keys, from, Math.Min(MostKeys, keys.Count - from));
            changed += tx.Run(statement[values.Length - before.Length], values);
        }

        return changed;
    }

    /// <summary>Writes rows; returns how many were changed.</summary>
    /// <param name="tx">The unit.</param>
    /// <param name="statement">Its rows are the last group of parameters.</param>
    /// <param name="rows">Each with the same number of values.</param>
    /// <param name="before">The parameters before the rows.</param>
    public static int RunRows(Tx tx, SizedStatement statement, IReadOnlyList<SqlValue[]> rows, params ReadOnlySpan<SqlValue> before)
    {
        var changed = 0;
        for (var from = 0; from < rows.Count;)
        {
            var count = SliceOf(rows.Count - from);
            var width = rows[from].Length;
            var values = new SqlValue[before.Length + count * width];
            before.CopyTo(values);
            for (var i = 0; i < count; i++)
                rows[from + i].CopyTo(values, before.Length + i * width);
            changed += tx.Run(statement[count], values);
            from += count;
        }

        return changed;
    }

    /// <summary><c>($3, $4, $5)</c>: a list of parameters.</summary>
    public static string List(int first, int count) =>
        new StringBuilder("(").AppendJoin(", ", Enumerable.Range(first, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"${i}"))).Append(')').ToString();

    /// <summary><c>($3, $4), ($5, $6)</c>: parameters of rows.</summary>
    public static string Rows(int first, int width, int count) =>
        string.Join(", ", Enumerable.Range(0, count).Select(i => List(first + i * width, width)));

    // A list is filled up to a power of two with its last key, which changes nothing.
    private static SqlValue[] WithKeys(ReadOnlySpan<SqlValue> before, IReadOnlyList<SqlValue> keys, int from, int count)
    {
        var values = new SqlValue[before.Length + (int)BitOperations.RoundUpToPowerOf2((uint)count)];
        before.CopyTo(values);
        for (var i = before.Length; i < values.Length; i++)
            values[i] = keys[from + Math.Min(i - before.Length, count - 1)];
        return values;
    }

    // Rows cannot be filled up: they go in slices of 1 to 4 and powers of two.
    private static int SliceOf(int left) => left <= 4 ? left : Math.Min(MostRows, 1 << BitOperations.Log2((uint)left));
}

/// <summary>A statement whose text depends on the length of a list; each text is made once.</summary>
/// <param name="text">The statement for a length.</param>
public sealed class SizedStatement(Func<int, string> text)
{
    private readonly ConcurrentDictionary<int, string> _texts = new();

    /// <summary>The statement for a length.</summary>
    public string this[int length] => _texts.GetOrAdd(length, text);
}
