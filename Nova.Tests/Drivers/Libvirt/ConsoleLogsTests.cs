using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Tests.Support;

namespace Nova.Tests.Drivers.Libvirt;

public sealed class ConsoleLogsTests : IDisposable
{
    private static readonly Guid Guest = new("0197fb9e-0000-7000-8000-000000000001");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ncl");
    private readonly ConsoleLogs _logs;

    public ConsoleLogsTests()
    {
        _logs = new(_folder.FullName, bound: 8192);
        _logs.CreateDirectory();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_last_lines_are_counted_from_the_end()
    {
        Write("one\ntwo\nthree\n");

        Assert.Equal("three\n", _logs.Read(Guest, 1));
        Assert.Equal("two\nthree\n", _logs.Read(Guest, 2));
        Assert.Equal("one\ntwo\nthree\n", _logs.Read(Guest, 3));
        Assert.Equal("one\ntwo\nthree\n", _logs.Read(Guest, 99));
        Assert.Equal("one\ntwo\nthree\n", _logs.Read(Guest, null));
        Assert.Equal("", _logs.Read(Guest, 0));
    }

    [Fact]
    public void No_log_is_an_empty_one()
    {
        Assert.Equal("", _logs.Read(Guest, 10));
        Write("");
        Assert.Equal("", _logs.Read(Guest, 10));
    }

    [Fact]
    public void Invalid_bytes_are_replaced()
    {
        File.WriteAllBytes(_logs.PathOf(Guest), [(byte)'a', 0xff, (byte)'b']);

        Assert.Equal("a\ufffdb", _logs.Read(Guest, null));
    }

    [NeedsFact(Need.Libvirt)]
    public void A_log_that_grows_keeps_its_tail_and_little_disk()
    {
        using (var writer = new FileStream(_logs.PathOf(Guest), FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            for (var i = 0; i < 100_000; i++)
                writer.Write("0123456789abcde\n"u8);
            writer.Flush();
            _logs.Sweep();
            writer.Write("the end\n"u8);
        }

        Assert.EndsWith("0123456789abcde\nthe end\n", _logs.Read(Guest, null), StringComparison.Ordinal);
        Assert.Equal(8192, _logs.Read(Guest, null).Length);
        Assert.InRange(BytesOnDisk(_logs.PathOf(Guest)), 1, 32 << 10);
    }

    [Fact]
    public void What_was_rotated_away_fills_up_the_tail_and_older_files_go()
    {
        Write("new\n");
        File.WriteAllText(_logs.PathOf(Guest) + ".0", "older\nold\n");
        File.WriteAllText(_logs.PathOf(Guest) + ".1", "oldest\n");

        _logs.Sweep();

        Assert.Equal("older\nold\nnew\n", _logs.Read(Guest, null));
        Assert.False(File.Exists(_logs.PathOf(Guest) + ".1"));
        _logs.Remove(Guest);
        Assert.Empty(_folder.GetFiles("*", SearchOption.AllDirectories));
    }

    private void Write(string text) => File.WriteAllText(_logs.PathOf(Guest), text);

    private static long BytesOnDisk(string path)
    {
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%b", path]) { RedirectStandardOutput = true })!;
        return 512 * long.Parse(stat.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
