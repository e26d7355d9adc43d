using System.Text;
using Nova.Drivers.Hypervisor.Libvirt.Native;

namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>
/// The serial consoles' logs. QEMU or virtlogd append to them; <see cref="Sweep"/> gives the oldest bytes back to the disk
/// (a hole at the front, so nothing that is written meanwhile can get lost) and removes what virtlogd has rotated away.
/// </summary>
internal sealed class ConsoleLogs(string dataDirectory, int bound)
{
    private static readonly UTF8Encoding Replacing = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);

    private readonly string _directory = Path.Combine(dataDirectory, "consoles");

    public string PathOf(Guid server) => Path.Combine(_directory, $"{server}.log");

    public void CreateDirectory() => Directory.CreateDirectory(_directory, Disks.GuestDirectory.Mode);

    /// <summary>The last lines, or all that is kept.</summary>
    public string Read(Guid server, int? lines)
    {
        var path = PathOf(server);
        var tail = Tail(path, bound);
        // virtlogd begins a new file now and then: what is missing is at the end of the one before.
        if (tail.Length < bound)
            tail = [.. Tail(path + ".0", bound - tail.Length), .. tail];
        return LastLines(Replacing.GetString(tail), lines);
    }

    public void Remove(Guid server)
    {
        if (Directory.Exists(_directory))
            foreach (var file in Directory.GetFiles(_directory, $"{server}.log*"))
                File.Delete(file);
    }

    /// <summary>Cuts every log to its bound, one file before it included.</summary>
    public void Sweep()
    {
        foreach (var file in new DirectoryInfo(_directory).GetFiles())
            if (file.Extension is ".log" or ".0")
                Cut(file);
            else
                file.Delete();
    }

    private void Cut(FileInfo file)
    {
        var surplus = file.Length - bound;
        if (surplus <= 0)
            return;

        using var handle = File.OpenHandle(file.FullName, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        Posix.Forget(handle, file.FullName, surplus);
    }

    private static byte[] Tail(string path, int bytes)
    {
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(handle);
            var tail = new byte[Math.Min(length, bytes)];
            return tail[..RandomAccess.Read(handle, tail, length - tail.Length)];
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    private static string LastLines(string text, int? lines)
    {
        if (lines is not { } wanted)
            return text;

        var end = text.EndsWith('\n') ? text.Length - 1 : text.Length;
        for (var n = wanted; n > 0; n--)
        {
            end = end <= 0 ? -1 : text.LastIndexOf('\n', end - 1);
            if (end < 0)
                return text;
        }

        return wanted > 0 ? text[(end + 1)..] : "";
    }
}
