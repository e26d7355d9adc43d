using Microsoft.Extensions.Logging.Abstractions;
using Nova.Modules.Compute;
using Nova.Tests.Support;

namespace Nova.Tests.Compute;

/// <summary>The host's journal while it grows.</summary>
public sealed class HostJournalTests : IDisposable
{
    private const long Smallest = 20_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("nova-journal").FullName;
    private readonly ManualTime _time = new();
    private readonly Guid _host = Guid.CreateVersion7();

    private string File => Path.Combine(_folder, "journal");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_is_written_anew_while_the_process_runs_and_keeps_the_last_of_each()
    {
        var servers = Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7()).ToArray();
        long largest = 0;
        await using (var journal = Open())
            await Task.WhenAll(servers.Select(async server =>
            {
                for (var epoch = 1; epoch <= 200; epoch++)
                {
                    await journal.Put(new() { HostId = _host, ServerId = server, Epoch = epoch }, default);
                    largest = Math.Max(largest, new FileInfo(File).Length);
                }
            }));

        // 4,000 lines of more than 100 bytes; a group of lines may pass the bound before it is looked at.
        Assert.InRange(largest, Smallest / 2, 3 * Smallest);
        await using var again = Open();
        Assert.All(servers, server => Assert.Equal(200, again.Find(_host, server)!.Epoch));
        Assert.Equal(["journal"], Directory.GetFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Tombstones_are_forgotten_after_a_week_also_by_a_process_that_runs()
    {
        await using var journal = Open();
        var (old, late, busy) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await journal.Put(Tombstone(old), default);
        _time.Advance(TimeSpan.FromDays(5));
        await journal.Put(Tombstone(late), default);
        _time.Advance(TimeSpan.FromDays(3));

        for (var epoch = 1; journal.Find(_host, old) is not null; epoch++)
        {
            Assert.True(epoch < 2000, "It is never written anew.");
            await journal.Put(new() { HostId = _host, ServerId = busy, Epoch = epoch }, default);
        }

        Assert.NotNull(journal.Find(_host, late));

        // What memory has forgotten may still be on its way to the file.
        await journal.DisposeAsync();
        Assert.DoesNotContain(old.ToString(), await ReadAll(), StringComparison.Ordinal);
        Assert.Contains(late.ToString(), await ReadAll(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_torn_line_in_the_middle_costs_no_other()
    {
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await using (var journal = Open())
        {
            await journal.Put(new() { HostId = _host, ServerId = first, Epoch = 1 }, default);
            await journal.Put(new() { HostId = _host, ServerId = second, Epoch = 1 }, default);
        }

        var lines = await System.IO.File.ReadAllLinesAsync(File);
        await System.IO.File.WriteAllTextAsync(File, $"{lines[0]}\n{lines[0][..20]}\n{lines[1]}\n{lines[1][..30]}");

        await using var again = Open();
        Assert.Equal([1L, 1L], new[] { first, second }.Select(server => again.Find(_host, server)!.Epoch));
    }

    private HostJournal Open() => new(_folder, new(new byte[32]), _time, NullLogger<HostJournal>.Instance, Smallest);

    private JournalEntry Tombstone(Guid server) => new() { HostId = _host, ServerId = server, Epoch = 1, DestroyedAt = _time.GetUtcNow().ToUnixTimeMilliseconds() };

    private async Task<string> ReadAll()
    {
        await using var file = new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync();
    }
}
