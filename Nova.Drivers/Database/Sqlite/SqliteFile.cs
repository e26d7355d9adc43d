using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Nova.Drivers.Database.Sqlite;

/// <summary>Opening the file, and saying what is wrong with it when it cannot be opened.</summary>
internal static class SqliteFile
{
    private const int HeaderBytes = 100;

    /// <summary>A connection outside any pool of the library; it waits up to 10 s for the lock of another connection.</summary>
    public static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        raw.sqlite3_busy_timeout(connection.Handle!, 10_000);
        return connection;
    }

    /// <summary>The writing connection: WAL, synchronous=FULL (a completed write survives a power cut), 4 kB pages, foreign keys checked.</summary>
    /// <exception cref="DatabaseProblem">The file cannot be used.</exception>
    public static SqliteConnection OpenForWriting(string path, bool mustExist)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(directory))
            throw DatabaseProblem.MissingDirectory(directory);
        if (mustExist && !File.Exists(path))
            throw DatabaseProblem.MissingDatabase(path);

        RefuseTruncated(path);
        SqliteConnection? connection = null;
        try
        {
            connection = Connect(path, SqliteOpenMode.ReadWriteCreate);
            foreach (var pragma in (string[])["page_size=4096", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=0", "temp_store=MEMORY"])
                Execute(connection, "PRAGMA " + pragma);

            // Reads the whole schema, and takes the write lock: what is damaged or may not be written shows here.
            Execute(connection, "SELECT count(*) FROM sqlite_master");
            Execute(connection, "BEGIN IMMEDIATE; PRAGMA user_version = 1; COMMIT");
            return connection;
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            throw Explain(path, e);
        }
    }

    /// <summary>A connection that has read: SQLite 3.35.5 checkpoints nothing on one that has not opened the log yet, and says OK.</summary>
    public static SqliteConnection OpenForCheckpoints(string path)
    {
        var connection = Connect(path, SqliteOpenMode.ReadWrite);
        Execute(connection, "SELECT count(*) FROM sqlite_master");
        return connection;
    }

    /// <summary>What an error of SQLite means for an operator.</summary>
    public static DatabaseProblem Explain(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT => DatabaseProblem.Damaged(path, e.Message, e),
        raw.SQLITE_FULL => DatabaseProblem.DiskFull(path, e),
        // The files beside the database fail in other words when no space is left.
        raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_NOMEM when IsFull(path) => DatabaseProblem.DiskFull(path, e),
        raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => DatabaseProblem.ReadOnly(path, e),
        _ => DatabaseProblem.Unusable(path, e.Message, e),
    };

    private static bool IsFull(string path) => new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace < 65_536;

    // SQLite notices a file that is cut off only when it reads the missing page, which may be days later.
    private static void RefuseTruncated(string path)
    {
        var log = new FileInfo(path + "-wal");
        var file = new FileInfo(path);
        if (!file.Exists || file.Length == 0 || log.Exists && log.Length > 0)
            return;

        Span<byte> header = stackalloc byte[HeaderBytes];
        int read;
        try
        {
            using var stream = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            read = stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        }
        catch (UnauthorizedAccessException e)
        {
            throw DatabaseProblem.ReadOnly(path, e);
        }

        var pageSize = BinaryPrimitives.ReadUInt16BigEndian(header[16..]) is var size and not 1 ? size : 65_536;
        var pages = BinaryPrimitives.ReadUInt32BigEndian(header[28..]);
        if (read < HeaderBytes || file.Length < (long)pages * pageSize)
            throw DatabaseProblem.Damaged(path, $"the file has {file.Length} bytes, its header says {pages} pages of {pageSize}", null);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
