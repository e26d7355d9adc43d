namespace Nova.Modules.Shared;

/// <summary>
/// How far a release is: what its messages and its schema may hold. Raised by one when a release begins to write a new
/// message field, operation version, event type or column; two neighbouring levels always work together.
/// </summary>
/// <param name="Wire">Of messages between roles.</param>
/// <param name="Schema">Of rows.</param>
public readonly record struct Level(int Wire, int Schema)
{
    /// <summary>This release's own.</summary>
    public static readonly Level Own = new(Release.WireLevel, Release.SchemaLevel);

    /// <summary>True when both numbers are at least those of <paramref name="other"/>.</summary>
    public bool Reaches(Level other) => Wire >= other.Wire && Schema >= other.Schema;
}

/// <summary>
/// The level of the cloud: the minimum over all rows of <c>instances</c> and <c>services</c>. During an upgrade it stays
/// at the older release's until the last row of that release is gone.
/// </summary>
/// <param name="own">How far this process is.</param>
public sealed class Levels(Level own)
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();

    // Until the rows were read for the first time, the former release is expected to be there.
    private Level _cloud = new(own.Wire - 1, own.Schema - 1);

    /// <summary>This release's own.</summary>
    public Levels()
        : this(Level.Own)
    {
    }

    /// <summary>The level that everybody reaches, as it was last read.</summary>
    public Level Cloud
    {
        get
        {
            lock (_gate)
                return _cloud;
        }
    }

    /// <summary>Names something that may be used only when everybody knows it: <c>levels.At(new(Wire: 2, Schema: 1)).IsOn</c>.</summary>
    public LevelSwitch At(Level needs) => new(this, needs);

    /// <summary>Reads the rows again.</summary>
    public async Task Refresh(Database.Database database, CancellationToken ct)
    {
        var cloud = await Read(database, own, ct);
        lock (_gate)
            _cloud = cloud;
    }

    /// <summary>
    /// Reads the rows every five seconds until cancelled. A member of an older release that joins is seen late by so much: it
    /// works with what its neighbour writes, because two neighbouring levels always do.
    /// </summary>
    public async Task Follow(Database.Database database, TimeProvider time, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(ReadEvery, time);
        do
        {
            try
            {
                await Refresh(database, ct);
            }
            catch (Fault fault) when (fault.IsTransient)
            {
                // What was read last still holds; the next look is near.
            }
        }
        while (await timer.WaitForNextTickAsync(ct));
    }

    /// <summary>The minimum over the rows, and the level of whoever asks.</summary>
    public static Task<Level> Read(Database.Database database, Level own, CancellationToken ct) => database.ReadOne(
        rows => rows.One(
            """
            SELECT COALESCE(MIN(wire_level), $1), COALESCE(MIN(schema_level), $2)
            FROM (SELECT wire_level, schema_level FROM instances UNION ALL SELECT wire_level, schema_level FROM services) AS members
            """,
            row => new Level(Math.Min(row.Int(0), own.Wire), Math.Min(row.Int(1), own.Schema)),
            own.Wire,
            own.Schema),
        ct);
}

/// <summary>Something that is used only when the whole cloud has reached a level.</summary>
/// <param name="levels">The level of the cloud.</param>
/// <param name="needs">The level that it was introduced with.</param>
public sealed class LevelSwitch(Levels levels, Level needs)
{
    /// <summary>True when every member of the cloud knows it. It may turn off again when an older release joins.</summary>
    public bool IsOn => levels.Cloud.Reaches(needs);
}
