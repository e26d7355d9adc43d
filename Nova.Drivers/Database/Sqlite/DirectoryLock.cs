using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Nova.Drivers.Database.Sqlite;

/// <summary>
/// <c>nova.lock</c> in the data directory: held by the one process that may write the database, with its process id as
/// the content. The kernel releases it when the process ends, however it ends; the file stays.
/// </summary>
public sealed partial class DirectoryLock : IDisposable
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "nova.lock";

    private const int ReadWriteCreateCloseOnExec = 0x2 | 0x40 | 0x80000;
    private const int Exclusive = 2, NonBlocking = 4;
    private const int WouldBlock = 11, NotFound = 2;

    private readonly SafeFileHandle _file;

    private DirectoryLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock at once or not at all.</summary>
    /// <exception cref="DatabaseProblem">Another process holds it (named by its id), or the directory is missing or may not be written.</exception>
    public static DirectoryLock Take(string directory)
    {
        var path = Path.Combine(directory, FileName);
        var file = Open(path, ReadWriteCreateCloseOnExec, 0x1a4);
        if (file.IsInvalid)
            throw Marshal.GetLastPInvokeError() == NotFound
                ? DatabaseProblem.MissingDirectory(directory)
                : DatabaseProblem.ReadOnly(path, new IOException(Marshal.GetLastPInvokeErrorMessage()));

        if (Lock(file, Exclusive | NonBlocking) != 0)
        {
            var isHeld = Marshal.GetLastPInvokeError() == WouldBlock;
            var reason = Marshal.GetLastPInvokeErrorMessage();
            var holder = Holder(file);
            file.Dispose();
            throw isHeld ? DatabaseProblem.Locked(directory, holder) : DatabaseProblem.Unusable(path, reason, null);
        }

        try
        {
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"), 0);
            return new(file);
        }
        catch (IOException e)
        {
            file.Dispose();
            throw DatabaseProblem.DiskFull(path, e);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private static string Holder(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[16];
        return Encoding.ASCII.GetString(text[..RandomAccess.Read(file, text, 0)]).Trim();
    }

    // FileStream takes this lock too, but then nobody else can open the file to read the process id.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);
}
