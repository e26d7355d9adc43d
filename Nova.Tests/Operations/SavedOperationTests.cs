using System.Text.Json;
using Nova.Modules.Operations;
using Nova.Modules.Shared;
using Nova.Tests.Support;
using Xunit.Abstractions;

namespace Nova.Tests.Operations;

/// <summary>A row of <c>operations</c> as a release left it, with names in the place of the ids of its world.</summary>
internal sealed record SavedOperation(string Point, string Kind, int KindVersion, string WrittenBy, string Status, string? Step, string State, string Caller, string Steps, string? Fault);

/// <summary>
/// Rows that this and every earlier release may leave behind (saved/RELEASE), at every step, forward and back: each is
/// resumed. UPDATE_SNAPSHOTS=1 writes those of this release.
/// </summary>
public class SavedOperationTests(ITestOutputHelper output)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Folder => Path.Combine(Machine.RepositoryRoot!, "Nova.Tests", "Operations", "saved");

    public static TheoryData<string> Subjects => [.. Kept.Select(s => s.Name)];

    private static IReadOnlyList<Subject> Kept => [.. Subject.All.Where(s => s != Subject.Create)];

    [Theory, MemberData(nameof(Subjects))]
    public async Task Every_saved_row_can_be_resumed(string name)
    {
        var subject = Kept.Single(s => s.Name == name);
        await using var cloud = await FakeCloud.Start("sqlite");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
            await Write(cloud, subject);

        var releases = Directory.GetDirectories(Folder);
        Assert.Contains(releases, folder => Path.GetFileName(folder) == Release.Version);
        foreach (var release in releases)
        {
            var rows = JsonSerializer.Deserialize<SavedOperation[]>(await File.ReadAllTextAsync(FileOf(release, subject)))!;
            if (Path.GetFileName(release) == Release.Version)
                Assert.Equal(Points(subject).Select(p => p.Name), rows.Select(r => r.Point));
            foreach (var row in rows)
                await Resume(cloud, subject, row);
            output.WriteLine($"{subject.Name}: {rows.Length} rows of {Path.GetFileName(release)} resumed");
        }
    }

    private static string FileOf(string folder, Subject subject) =>
        Path.Combine(folder, subject.Name.Replace(", ", "-", StringComparison.Ordinal).Replace(' ', '-') + ".json");

    private static async Task Write(FakeCloud cloud, Subject subject)
    {
        var rows = new List<SavedOperation>();
        foreach (var point in Points(subject))
        {
            var (row, names) = await StopAt(cloud, subject, point);
            string Named(string text) => names.Aggregate(text, (t, name) => t.Replace(name.Key, name.Value, StringComparison.Ordinal));
            rows.Add(new(
                point.Name, row.Kind, row.KindVersion, row.WrittenBy, OperationStore.Text(row.Status), row.Step, Named(row.State), Named(row.Caller), Named(row.Steps), row.Fault is null ? null : Named(row.Fault)));
            await Clean(cloud);
        }

        var folder = Path.Combine(Folder, Release.Version);
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(FileOf(folder, subject), JsonSerializer.Serialize(rows, Indented) + "\n");
    }

    // The world is brought to the same point by this release; then the row is what the other release had written.
    private static async Task Resume(FakeCloud cloud, Subject subject, SavedOperation saved)
    {
        var point = Points(subject).Single(p => p.Name == saved.Point);
        var (row, names) = await StopAt(cloud, subject, point);
        string Real(string text) => names.Aggregate(text, (t, name) => t.Replace(name.Value, name.Key, StringComparison.Ordinal));
        await cloud.Database.Write(
            tx => tx.Execute(
                """
                UPDATE operations
                SET kind = @Kind, kind_version = @KindVersion, written_by = @WrittenBy, status = @Status, step = @Step, state = @state,
                    caller = @caller, steps = @steps, fault = @fault
                WHERE id = @Id
                """,
                new
                {
                    row.Id, saved.Kind, saved.KindVersion, saved.WrittenBy, saved.Status, saved.Step, state = Real(saved.State), caller = Real(saved.Caller),
                    steps = Real(saved.Steps), fault = saved.Fault is null ? null : Real(saved.Fault),
                }), default);
        await cloud.Settle();
        await cloud.Reconcile();
        Assert.Equal((saved.Point, point.Expected), (saved.Point, (await cloud.Server(row.ServerId)).VmState));
        await cloud.AssertNothingLeft();
        await Clean(cloud);
    }

    private static async Task Clean(FakeCloud cloud)
    {
        cloud.Plan.Clear();
        await cloud.Settle();
        foreach (var id in await cloud.Database.Read(rows => rows.Query<Guid>("SELECT id FROM servers WHERE deleted_at IS NULL"), default))
            await cloud.Delete(id);
        await cloud.Settle();
        await cloud.AssertNothingLeft();
    }

    // The process dies when the row says exactly this step: a try that failed in passing is saved with it.
    private static async Task<(OperationRow Row, IReadOnlyDictionary<string, string> Names)> StopAt(FakeCloud cloud, Subject subject, Point point)
    {
        var server = await subject.Prepare(cloud);
        cloud.Forget();
        if (point.Failing is { } failing)
            cloud.Plan.On(Moment.BeforeStep, failing, () => throw new Fault(FaultKind.Internal, Message.Of($"This was meant to fail.")));
        cloud.Plan.On(point.Moment, point.Step, () => throw Fault.Unavailable($"This was meant to fail in passing."));
        cloud.Plan.On(point.Moment, point.Step, () => throw cloud.Now.Life.Die());
        await subject.Begin(cloud, server);
        await Task.WhenAny(cloud.Now.Life.Died, Moved(cloud)).WaitAsync(Eventually.Limit);
        await cloud.Now.Life.Died.WaitAsync(Eventually.Limit);
        cloud.Plan.Clear();
        var row = Assert.Single(await cloud.Unfinished());
        Assert.Equal(point.Step, row.Step);
        return (row, cloud.NamesOf(row));
    }

    private static async Task Moved(FakeCloud cloud)
    {
        await cloud.Time.WhenOneWaits();
        cloud.Time.AdvanceToNext();
        await cloud.Now.Life.Died;
    }

    private static IEnumerable<Point> Points(Subject subject)
    {
        foreach (var step in subject.Forward)
            yield return new($"at {step.Name}", Moment.BeforeStep, step.Name, null, subject.Done);
        var last = subject.Forward.Last(s => !subject.IsPastReturn(s));
        foreach (var step in subject.Steps.TakeWhile(s => s != last).Append(last).Reverse())
            yield return new($"undoing {step.Name}", Moment.BeforeUndo, step.Name, last.Name, subject.Undone);
    }

    private sealed record Point(string Name, Moment Moment, string Step, string? Failing, string Expected);
}
