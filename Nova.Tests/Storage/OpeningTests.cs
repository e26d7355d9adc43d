using System.Diagnostics;
using Nova.Drivers.Database;
using Nova.Drivers.Database.Sqlite;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Storage;

/// <summary>What an operator is told when a SQLite database cannot be opened, and that it still works afterwards.</summary>
public sealed class OpeningTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("nova-open-").FullName;

    private string Path => System.IO.Path.Combine(_directory, "nova.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_missing_directory() => Expect(DatabaseProblemKind.MissingDirectory, Path + "/no/nova.db");

    [Fact]
    public void A_missing_file_where_one_is_expected()
    {
        var problem = Assert.Throws<DatabaseProblem>(() => new SqliteDatabase(Path, mustExist: true));

        Assert.Equal(DatabaseProblemKind.MissingDatabase, problem.Kind);
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void A_file_that_is_no_database()
    {
        File.WriteAllText(Path, new string('x', 8192));

        Expect(DatabaseProblemKind.Damaged, Path);

        Assert.Equal(8192, new FileInfo(Path).Length);
    }

    [Fact]
    public async Task A_file_that_was_cut_off()
    {
        await Fill();
        using (var file = File.OpenWrite(Path))
            file.SetLength(file.Length - 4096);

        Expect(DatabaseProblemKind.Damaged, Path);
    }

    [Fact]
    public async Task A_second_opening_within_the_process()
    {
        await using (new SqliteDatabase(Path))
            Assert.Contains($"process {Environment.ProcessId}.", Expect(DatabaseProblemKind.Locked, Path).Message, StringComparison.Ordinal);

        await Fill();
    }

    [NeedsFact(Need.Root)]
    public async Task A_directory_that_cannot_be_written()
    {
        await using var mount = new Mount(_directory);
        await Fill();
        Execute("mount", "-o", "remount,ro", _directory);

        Expect(DatabaseProblemKind.ReadOnly, Path);

        Execute("mount", "-o", "remount,rw", _directory);
        Assert.Equal(1, await CountNotes());
    }

    [NeedsFact(Need.Root)]
    public async Task A_full_disk_at_the_start()
    {
        await using var mount = new Mount(_directory);
        await Fill();
        FillDisk();

        Expect(DatabaseProblemKind.DiskFull, Path);

        File.Delete(_directory + "/filler");
        Assert.Equal(1, await CountNotes());
    }

    [NeedsFact(Need.Root)]
    public async Task A_disk_that_fills_up_refuses_writes_loses_nothing_and_goes_on_when_there_is_space()
    {
        await using var mount = new Mount(_directory);
        await using var database = new SqliteDatabase(Path);
        await database.Write(tx => tx.Execute("CREATE TABLE notes (id BIGINT, text TEXT)"), default);
        await database.Write(tx => Note(tx, 1, 10), default);
        FillDisk();

        var failure = await Record.ExceptionAsync(() => database.Write(tx => Note(tx, 2, 3_000_000), default));

        Assert.True(failure is Fault { Kind: FaultKind.Unavailable } or UnknownOutcomeException, failure?.ToString());
        Assert.Equal([1L], await database.Read(rows => rows.Query<long>("SELECT id FROM notes"), default));
        File.Delete(_directory + "/filler");
        await database.Write(tx => Note(tx, 3, 10), default);
        Assert.Equal([1L, 3], await database.Read(rows => rows.Query<long>("SELECT id FROM notes"), default));
    }

    [Fact]
    public void Every_problem_has_an_exit_code_of_its_own() =>
        Assert.Equal(Enumerable.Range(20, 12), Enum.GetValues<DatabaseProblemKind>().Select(k => (int)k).Order());

    private static DatabaseProblem Expect(DatabaseProblemKind kind, string path)
    {
        var problem = Assert.Throws<DatabaseProblem>(() => new SqliteDatabase(path));
        Assert.Equal((kind, (int)kind), (problem.Kind, problem.ExitCode));
        Assert.NotEmpty(problem.Advice);
        return problem;
    }

    private static void Note(Tx tx, int id, int length) => tx.Run("INSERT INTO notes (id, text) VALUES ($1, $2)", id, new string('x', length));

    private async Task Fill()
    {
        await using var database = new SqliteDatabase(Path);
        await database.Write(tx => tx.Execute("CREATE TABLE notes (id BIGINT, text TEXT)"), default);
        await database.Write(tx => Note(tx, 1, 20_000), default);
    }

    private async Task<long> CountNotes()
    {
        await using var database = new SqliteDatabase(Path);
        return await database.Read(rows => rows.Value<long>("SELECT count(*) FROM notes"), default);
    }

    private void FillDisk()
    {
        using var filler = File.Create(_directory + "/filler");
        var page = new byte[4096];
        try
        {
            while (true)
                filler.Write(page);
        }
        catch (IOException)
        {
            // No space is left: that was the purpose.
            return;
        }
    }

    private static void Execute(params string[] command)
    {
        using var process = Process.Start(command[0], command[1..]);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(20)));
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>A file system of 2 MB on the test's directory.</summary>
    private sealed class Mount : IAsyncDisposable
    {
        private readonly string _directory;

        public Mount(string directory)
        {
            _directory = directory;
            Execute("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", directory);
        }

        public ValueTask DisposeAsync()
        {
            Execute("umount", "-l", _directory);
            return ValueTask.CompletedTask;
        }
    }
}
