using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Nova.Drivers.Database.Sqlite;

/// <summary>
/// Moves the write-ahead log into the file beside the writer. A passive checkpoint beside a busy writer never lets the
/// log start again, so beyond <see cref="FrameLimit"/> frames the writer makes one itself after a commit: its next
/// commit then overwrites the log from its beginning (docs/performance.md).
/// </summary>
internal sealed partial class SqliteCheckpoints : IDisposable
{
    /// <summary>About 64 MB of 4 kB pages.</summary>
    private const int FrameLimit = 16_000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly SqliteConnection _connection;
    private readonly ILogger _logger;
    private readonly int _frameLimit;
    private readonly ManualResetEvent _stop = new(false);
    private readonly Thread _thread;
    private int _restartIsDue;
    private long _commits;

    /// <summary>Starts the side thread on a connection of its own, which it disposes.</summary>
    public SqliteCheckpoints(SqliteConnection connection, ILogger logger, int frameLimit = FrameLimit)
    {
        (_connection, _logger, _frameLimit) = (connection, logger, frameLimit);
        _thread = new(Loop) { Name = "sqlite-checkpoint", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The frames of the write-ahead log when it was last looked at; exported as a metric.</summary>
    public int Frames { get; private set; }

    /// <summary>How often the writer restarted the log.</summary>
    public long Restarts { get; private set; }

    /// <summary>Called by the writer after each commit, between transactions.</summary>
    public void AfterCommit(sqlite3 writer)
    {
        Interlocked.Increment(ref _commits);
        if (Interlocked.Exchange(ref _restartIsDue, 0) == 0)
            return;

        raw.sqlite3_wal_checkpoint_v2(writer, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        Restarts++;
    }

    /// <summary>Ends the side thread.</summary>
    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _connection.Dispose();
        _stop.Dispose();
    }

    private void Loop()
    {
        var seen = 0L;
        while (!_stop.WaitOne(Interval))
        {
            var commits = Interlocked.Read(ref _commits);
            if (commits == seen)
                continue;

            seen = commits;
            Checkpoint();
        }
    }

    private void Checkpoint()
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_connection.Handle!, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var frames, out _);
        if (code is not (raw.SQLITE_OK or raw.SQLITE_BUSY))
        {
            LogFailed(raw.sqlite3_errmsg(_connection.Handle!).utf8_to_string());
            return;
        }

        Frames = frames;
        if (frames > _frameLimit)
            Interlocked.Exchange(ref _restartIsDue, 1);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A checkpoint of the write-ahead log failed: {Reason}. Nothing is lost; the log grows until one succeeds")]
    private partial void LogFailed(string reason);
}
