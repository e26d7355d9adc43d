using Nova.Modules.Shared.Startup;

namespace Nova.Host;

/// <summary>The one directory in which an instance keeps everything.</summary>
public static class DataDirectory
{
    // o+x lets QEMU's user reach the guests' disks; the files that matter are 0600 by themselves.
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Makes the directory where it is missing, and proves that it can be written.</summary>
    /// <returns>Its full path.</returns>
    /// <exception cref="StartupFailure">It cannot be made or written.</exception>
    public static string Prepare(string path)
    {
        var full = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full, Mode);
            var probe = Path.Combine(full, $".write-probe-{Environment.ProcessId}");
            File.WriteAllBytes(probe, [0]);
            File.Delete(probe);
            return full;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupFailure(
                ExitCode.DataDirectory,
                $"the data directory {full} cannot be written: {e.Message} Choose another with --data, free some space, or start as a user who may write there.",
                e);
        }
    }
}
