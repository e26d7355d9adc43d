using System.Data.Common;

namespace Nova.Modules.Shared.Database;

/// <summary>
/// What many units of a batch want done alike. It is done for all of them at once, in a few statements, when the batch ends or
/// before the first statement that names one of its tables. That it succeeds is assumed until then; when it does not, the batch
/// is rolled back and its units run again, each with true answers.
/// </summary>
public abstract class SharedWork
{
    /// <summary>Work of a lower place is done first, so that rows are locked in the same order by everybody.</summary>
    public abstract int Place { get; }

    /// <summary>Every table that it reads or writes.</summary>
    public abstract IReadOnlyList<string> Tables { get; }
}

/// <summary>Such work with what one unit adds to it.</summary>
/// <typeparam name="T">What a unit adds.</typeparam>
public abstract class SharedWork<T> : SharedWork
{
    /// <summary>Does it for all items; false when it cannot be done for every one of them.</summary>
    /// <param name="tx">The transaction; not that of one unit.</param>
    /// <param name="items">At least one, in the order of the units.</param>
    public abstract bool TryRun(Tx tx, IReadOnlyList<T> items);
}

/// <summary>The places of shared work: what is taken first, then new rows in the order of their references, then changes.</summary>
public static class SharedPlaces
{
    /// <summary>Quota.</summary>
    public const int Quota = 10;

    /// <summary>Capacity that is taken.</summary>
    public const int Claims = 20;

    /// <summary>Capacity that is given back.</summary>
    public const int Releases = 25;

    /// <summary>Rows that others refer to.</summary>
    public const int NewRows = 30;

    /// <summary>Rows that refer to them.</summary>
    public const int NewParts = 40;

    /// <summary>Changes of rows that exist.</summary>
    public const int Changes = 50;
}

/// <summary>One change of a row that is made alike by many units: <c>UPDATE … FROM {rows} WHERE id = v.column1</c>. Each must change one row.</summary>
/// <param name="table">The table.</param>
/// <param name="statement">Changes one row for each row of values.</param>
public sealed class SharedChange(string table, RowsStatement statement) : SharedWork<SqlValue[]>
{
    /// <inheritdoc />
    public override int Place => SharedPlaces.Changes;

    /// <inheritdoc />
    public override IReadOnlyList<string> Tables { get; } = [table];

    /// <inheritdoc />
    public override bool TryRun(Tx tx, IReadOnlyList<SqlValue[]> items) => statement.Changes(tx, items);
}

/// <summary>Something that units of a batch assumed is not so: the batch is rolled back, and they run again with true answers.</summary>
public sealed class WrongAssumptionException() : DbException("What units of a batch did together could not be done for all of them.");
