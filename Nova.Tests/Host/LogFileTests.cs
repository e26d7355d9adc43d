using Nova.Host.Logging;

namespace Nova.Tests.Host;

/// <summary>The log file and its bound.</summary>
public sealed class LogFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nova-log-").FullName;

    private string Path0 => Path.Combine(_folder, "nova-host.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_full_file_is_moved_away_and_the_oldest_goes()
    {
        using var log = new LogFile(Path0, maxBytes: 20, kept: 2);
        for (var i = 0; i < 10; i++)
            log.WriteLine($"line {i} é");

        Assert.Equal(["nova-host.log", "nova-host.log.1", "nova-host.log.2"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
        Assert.Equal("line 8 é\nline 9 é\n", File.ReadAllText(Path0));
        Assert.Equal("line 6 é\nline 7 é\n", File.ReadAllText(Path0 + ".1"));
        Assert.Equal("line 4 é\nline 5 é\n", File.ReadAllText(Path0 + ".2"));
    }

    [Fact]
    public void A_file_that_is_there_is_gone_on_with_and_without_older_ones_it_begins_anew()
    {
        File.WriteAllText(Path0, "before\n");
        using var log = new LogFile(Path0, maxBytes: 20, kept: 0);

        log.WriteLine("after");
        Assert.Equal("before\nafter\n", File.ReadAllText(Path0));
        log.WriteLine("a longer line than fits into it");
        Assert.Equal("a longer line than fits into it\n", File.ReadAllText(Path0));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void What_cannot_be_written_is_lost_and_the_next_line_tries_again()
    {
        var folder = Path.Combine(_folder, "later");
        using var log = new LogFile(Path.Combine(folder, "log"), maxBytes: 100, kept: 1);

        log.WriteLine("lost");
        Directory.CreateDirectory(folder);
        log.WriteLine("kept");

        Assert.Equal("kept\n", File.ReadAllText(Path.Combine(folder, "log")));
    }
}
