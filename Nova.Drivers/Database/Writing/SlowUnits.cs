using Microsoft.Extensions.Logging;

namespace Nova.Drivers.Database.Writing;

/// <summary>A unit that takes long holds up everybody behind it: it is named in the log.</summary>
internal static partial class SlowUnits
{
    /// <summary>The longest time that passes without a word.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    /// <summary>Ends the clock of a unit and logs it when it was slow.</summary>
    public static void Look(ILogger logger, WriterTx tx)
    {
        var took = tx.Stop();
        if (took > Limit)
            LogSlow(logger, took.TotalMilliseconds, tx.SlowestSql ?? "no statement: the time went into its own code");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A unit of work held the writer for {Milliseconds} ms; its slowest statement was: {Sql}")]
    private static partial void LogSlow(ILogger logger, double milliseconds, string sql);
}
