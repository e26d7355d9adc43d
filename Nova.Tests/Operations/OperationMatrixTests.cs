using Nova.Modules.Servers;
using Nova.Tests.Support;
using Xunit.Abstractions;

namespace Nova.Tests.Operations;

/// <summary>Every operation, at every step, with everything that can go wrong there, on both databases, with calls and over the network.</summary>
[Trait("Category", "Harness")]
public class OperationMatrixTests(ITestOutputHelper output)
{
    // When everything is broken, the rest says nothing new.
    private const int EnoughFailures = 20;

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Create(string database, string wire) => Run(database, wire, Subject.Create);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Create_that_finds_no_host_at_once(string database, string wire) => Run(database, wire, Subject.CreateUnplaced);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Delete(string database, string wire) => Run(database, wire, Subject.Delete);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Start(string database, string wire) => Run(database, wire, Subject.Start);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Stop(string database, string wire) => Run(database, wire, Subject.Stop);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Soft_reboot(string database, string wire) => Run(database, wire, Subject.SoftReboot);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Hard_reboot(string database, string wire) => Run(database, wire, Subject.HardReboot);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Pause(string database, string wire) => Run(database, wire, Subject.Pause);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Unpause(string database, string wire) => Run(database, wire, Subject.Unpause);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Suspend(string database, string wire) => Run(database, wire, Subject.Suspend);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Resume(string database, string wire) => Run(database, wire, Subject.Resume);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Soft_delete(string database, string wire) => Run(database, wire, Subject.SoftDelete);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Restore(string database, string wire) => Run(database, wire, Subject.Restore);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Rebuild(string database, string wire) => Run(database, wire, Subject.Rebuild);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Rebuild_of_a_stopped_server(string database, string wire) => Run(database, wire, Subject.RebuildStopped);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Rescue(string database, string wire) => Run(database, wire, Subject.Rescue);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Unrescue(string database, string wire) => Run(database, wire, Subject.Unrescue);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Change_of_password(string database, string wire) => Run(database, wire, Subject.ChangePassword);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Crash_dump(string database, string wire) => Run(database, wire, Subject.CrashDump);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Image_of_a_server(string database, string wire) => Run(database, wire, Subject.CreateImage);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Backup_of_a_server(string database, string wire) => Run(database, wire, Subject.CreateBackup);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Attach_an_interface(string database, string wire) => Run(database, wire, Subject.Attach);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Attach_an_interface_to_a_stopped_server(string database, string wire) => Run(database, wire, Subject.AttachStopped);

    [Theory, OnSqlite(EachWire = true), OnPostgres(EachWire = true)]
    public Task Detach_an_interface(string database, string wire) => Run(database, wire, Subject.Detach);

    [Fact]
    public void The_matrix_has_so_many_cells()
    {
        foreach (var subject in Subject.All)
            output.WriteLine($"{subject.Name}: {OperationMatrix.For(subject).Count} cells");

        // test.sh prints this line.
        var cells = Subject.All.Sum(s => OperationMatrix.For(s).Count);
        output.WriteLine($"failure matrix: {cells} cells, on 2 databases and 2 wires: {cells * 4}");
        Assert.All(Subject.All, subject => Assert.All(subject.Forward, step => Assert.Contains(OperationMatrix.For(subject), c => c.Name.StartsWith(step.Name + ": dies", StringComparison.Ordinal))));
    }

    private async Task Run(string database, string wire, Subject subject)
    {
        var failures = new List<string>();
        var cells = OperationMatrix.For(subject);
        var cloud = await FakeCloud.Start(database, wire);
        foreach (var cell in cells.TakeWhile(_ => failures.Count < EnoughFailures))
        {
            if (await Failure(cloud, subject, cell) is not { } failure)
                continue;

            failures.Add($"{cell.Name}: {failure}");
            await cloud.DisposeAsync();
            cloud = await FakeCloud.Start(database, wire);
        }

        await cloud.DisposeAsync();
        output.WriteLine($"{subject.Name} on {database}, {wire}: {cells.Count} cells");
        Assert.True(failures.Count == 0, $"{failures.Count} of {cells.Count} cells failed:{Environment.NewLine}{string.Join(Environment.NewLine, failures)}");
    }

    // The cells share a cloud, which is as good as new after each; one that fails must not hide the others.
    private static async Task<string?> Failure(FakeCloud cloud, Subject subject, Cell cell)
    {
        try
        {
            await Run(cloud, subject, cell);
            return null;
        }
#pragma warning disable CA1031 // Whatever the cell threw is its failure.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e is Xunit.Sdk.XunitException ? e.Message : e.ToString();
        }
    }

    private static async Task Run(FakeCloud cloud, Subject subject, Cell cell)
    {
        var server = await subject.Prepare(cloud);
        cloud.Forget();
        cell.Arrange(cloud);
        server = await subject.Begin(cloud, server);
        await cloud.Settle();
        Assert.True(!cell.Strikes || cloud.Plan.Struck > 0, "Nothing went wrong: the moment never came.");
        cloud.Plan.Clear();
        cloud.Script.Clear();

        await cloud.HostsComeBack();
        await cloud.Reconcile();
        Assert.Equal(cell.Expected, (await cloud.Server(server)).VmState);
        await cloud.AssertNothingLeft();
        await cloud.DeliverAgain();
        await cloud.Reconcile();
        await cloud.AssertNothingLeft();

        if (cell.Expected != VmStates.Deleted)
            await cloud.Delete(server);
        await cloud.Settle();
        await cloud.DeliverAgain();
        await cloud.AssertNothingLeft();
        Assert.Equal(VmStates.Deleted, (await cloud.Server(server)).VmState);
    }
}
