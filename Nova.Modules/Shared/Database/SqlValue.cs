namespace Nova.Modules.Shared.Database;

/// <summary>A parameter of a prepared statement without boxing: null, a 64-bit integer, a boolean, a double, a UUID, text or bytes.</summary>
public readonly struct SqlValue
{
    /// <summary>What the value is.</summary>
    public enum Type : byte
    {
        /// <summary>NULL.</summary>
        Null,
        /// <summary>A 64-bit integer; times are milliseconds since 1970 UTC.</summary>
        Integer,
        /// <summary>TRUE or FALSE.</summary>
        Boolean,
        /// <summary>A double.</summary>
        Real,
        /// <summary>A UUID: lower-case text in SQLite, uuid in PostgreSQL.</summary>
        Uuid,
        /// <summary>Text.</summary>
        Text,
        /// <summary>Bytes.</summary>
        Bytes,
        /// <summary>A column of several rows: an array of <see cref="SqlValue.Declared"/>.</summary>
        Column,
    }

    private SqlValue(Type kind, long number = 0, double real = 0, Guid uuid = default, object? reference = null, Type? declared = null) =>
        (Kind, Number, Real, Uuid, Reference, Declared) = (kind, number, real, uuid, reference, declared ?? kind);

    /// <summary>What the value is.</summary>
    public Type Kind { get; }

    /// <summary>What a NULL would be if it were not; the kind of any other value. A statement keeps its types whether or not a value is NULL.</summary>
    public Type Declared { get; }

    /// <summary>The integer, or 1 for TRUE.</summary>
    public long Number { get; }

    /// <summary>The double.</summary>
    public double Real { get; }

    /// <summary>The UUID.</summary>
    public Guid Uuid { get; }

    /// <summary>The string or the byte array.</summary>
    public object? Reference { get; }

    /// <summary>NULL.</summary>
    public static SqlValue Null => default;

    /// <summary>An integer.</summary>
    public static implicit operator SqlValue(long value) => new(Type.Integer, value);

    /// <summary>An integer or NULL.</summary>
    public static implicit operator SqlValue(long? value) => value is { } v ? v : new SqlValue(Type.Null, declared: Type.Integer);

    /// <summary>A boolean.</summary>
    public static implicit operator SqlValue(bool value) => new(Type.Boolean, value ? 1 : 0);

    /// <summary>A double.</summary>
    public static implicit operator SqlValue(double value) => new(Type.Real, real: value);

    /// <summary>A UUID.</summary>
    public static implicit operator SqlValue(Guid value) => new(Type.Uuid, uuid: value);

    /// <summary>A UUID or NULL.</summary>
    public static implicit operator SqlValue(Guid? value) => value is { } v ? v : new SqlValue(Type.Null, declared: Type.Uuid);

    /// <summary>Text or NULL.</summary>
    /// <exception cref="Fault">400: the text holds U+0000, which PostgreSQL cannot keep; SQLite is held to the same.</exception>
    public static implicit operator SqlValue(string? value) => value switch
    {
        null => new(Type.Null, declared: Type.Text),
        _ when value.Contains('\0') => throw Fault.BadRequest($"Text must not contain the character U+0000."),
        _ => new(Type.Text, reference: value),
    };

    /// <summary>One column of rows, for databases that take such. Its type is that of the first row.</summary>
    public static SqlValue Column(IReadOnlyList<SqlValue[]> rows, int column)
    {
        var declared = rows[0][column].Declared;
        object values = declared switch
        {
            Type.Integer => Array<long>(rows, column, value => value.Number),
            Type.Boolean => Array<bool>(rows, column, value => value.Number != 0),
            Type.Real => Array<double>(rows, column, value => value.Real),
            Type.Uuid => Array<Guid>(rows, column, value => value.Uuid),
            Type.Bytes => References<byte[]>(rows, column),
            _ => References<string>(rows, column),
        };
        return new(Type.Column, reference: values, declared: declared);
    }

    private static object Array<T>(IReadOnlyList<SqlValue[]> rows, int column, Func<SqlValue, T> read) where T : struct
    {
        for (var i = 0; i < rows.Count; i++)
            if (rows[i][column].Kind == Type.Null)
                return rows.Select(row => row[column].Kind == Type.Null ? (T?)null : read(row[column])).ToArray();

        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = read(rows[i][column]);
        return values;
    }

    private static T?[] References<T>(IReadOnlyList<SqlValue[]> rows, int column) where T : class
    {
        var values = new T?[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = (T?)rows[i][column].Reference;
        return values;
    }

    /// <summary>Bytes or NULL.</summary>
    public static implicit operator SqlValue(byte[]? value) => value is null ? new(Type.Null, declared: Type.Bytes) : new(Type.Bytes, reference: value);
}

/// <summary>The current row of a prepared statement; columns are counted from 0.</summary>
public abstract class SqlRow
{
    /// <summary>True when the column is NULL.</summary>
    public abstract bool IsNull(int column);

    /// <summary>An integer.</summary>
    public abstract long Long(int column);

    /// <summary>An integer that fits 32 bits.</summary>
    public int Int(int column) => checked((int)Long(column));

    /// <summary>A boolean.</summary>
    public abstract bool Bool(int column);

    /// <summary>A double.</summary>
    public abstract double Double(int column);

    /// <summary>Text.</summary>
    public abstract string Text(int column);

    /// <summary>A UUID.</summary>
    public abstract Guid Uuid(int column);

    /// <summary>Text or null.</summary>
    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>A UUID or null.</summary>
    public Guid? UuidOrNull(int column) => IsNull(column) ? null : Uuid(column);

    /// <summary>An integer or null.</summary>
    public long? LongOrNull(int column) => IsNull(column) ? null : Long(column);
}
