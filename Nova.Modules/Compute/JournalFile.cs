using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Nova.Modules.Compute;

/// <summary>
/// A file of lines that is appended to and now and then replaced by a shorter one of the same meaning. What was appended or
/// replaced is on the disk when the call returns; a failed call leaves at most a torn line, which the next one ends.
/// </summary>
internal sealed partial class JournalFile : IDisposable
{
    private readonly string _path;
    private FileStream _file;
    private bool _isTorn;

    /// <summary>Writes the file anew with these lines.</summary>
    public JournalFile(string path, IEnumerable<byte[]> lines)
    {
        _path = path;
        _file = Fresh(lines);
    }

    /// <summary>Bytes.</summary>
    public long Length => _file.Length;

    /// <summary>Bytes when it was written anew for the last time.</summary>
    public long FreshLength { get; private set; }

    /// <summary>Appends lines with one write and one flush.</summary>
    public void Append(IEnumerable<byte[]> lines)
    {
        var text = new ArrayBufferWriter<byte>(4096);
        if (_isTorn)
            text.Write("\n"u8);
        foreach (var line in lines)
        {
            text.Write(line);
            text.Write("\n"u8);
        }

        _isTorn = true;
        _file.Write(text.WrittenSpan);
        _file.Flush(flushToDisk: true);
        _isTorn = false;
    }

    /// <summary>The file holds these lines and nothing else. When that fails it is as it was.</summary>
    public void Replace(IEnumerable<byte[]> lines)
    {
        var old = _file;
        _file = Fresh(lines);
        old.Dispose();
        _isTorn = false;
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private FileStream Fresh(IEnumerable<byte[]> lines)
    {
        var next = _path + ".new";
        var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.Read);
        try
        {
            foreach (var line in lines)
            {
                file.Write(line);
                file.WriteByte((byte)'\n');
            }

            file.Flush(flushToDisk: true);
            File.Move(next, _path, overwrite: true);
            FlushDirectory(Path.GetDirectoryName(_path)!);
            FreshLength = file.Length;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Without it a power failure could bring the old file back, and with it lose what was appended to the new one.
    private static void FlushDirectory(string directory)
    {
        using var handle = Open(directory, ReadOnlyDirectory);
        if (handle.IsInvalid || Fsync(handle) != 0)
            throw new IOException($"The directory {directory} cannot be flushed: error {Marshal.GetLastPInvokeError()}.");
    }

    private const int ReadOnlyDirectory = 0x10000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle handle);
}
