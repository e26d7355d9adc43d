using System.Runtime.InteropServices;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// Work inside a named network namespace. A thread that entered one must never serve anything else afterwards, so each
/// piece of work gets a thread of its own; sockets that it made stay in the namespace and may be used from anywhere.
/// </summary>
internal static partial class NetworkNamespace
{
    private const string Folder = "/run/netns/";
    private const int CloneNewNet = 0x40000000;
    private const long NsfsMagic = 0x6e736673;

    /// <summary>Where the kernel's handle of a namespace is mounted.</summary>
    public static string PathOf(string name) => Folder + name;

    /// <summary>Names below /run/netns that begin with <paramref name="prefix"/>, dead ones included.</summary>
    public static IReadOnlyList<string> List(string prefix) =>
        Directory.Exists(Folder) ? [.. Directory.EnumerateFiles(Folder, prefix + "*").Select(path => Path.GetFileName(path)).Order()] : [];

    /// <summary>
    /// False for a name without a namespace behind it, which a kill in the middle of <c>ip netns add</c> leaves.
    /// </summary>
    public static unsafe bool IsAlive(string name)
    {
        // struct statfs is 120 bytes on 64-bit Linux and begins with the file system's magic number.
        var buffer = stackalloc long[32];
        return StatFs(PathOf(name), buffer) == 0 && buffer[0] == NsfsMagic;
    }

    /// <summary>Runs <paramref name="work"/> in the namespace, or right here when <paramref name="name"/> is null.</summary>
    public static Task<T> Run<T>(string? name, Func<T> work)
    {
        if (name is null)
            return Task.FromResult(work());

        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Enter(name, work, result)) { IsBackground = true, Name = "netns" }.Start();
        return result.Task;
    }

    /// <summary>The kernel's number of an interface in the namespace of the calling thread; 0 when there is none.</summary>
    public static int IndexOf(string link) => (int)IfNameToIndex(link);

    private static void Enter<T>(string name, Func<T> work, TaskCompletionSource<T> result)
    {
        // Everything is caught, because an exception that leaves a thread ends the process; the caller gets it.
        try
        {
            using (var handle = File.OpenHandle(PathOf(name)))
                if (SetNs(handle.DangerousGetHandle().ToInt32(), CloneNewNet) != 0)
                    throw new IOException($"Entering the network namespace {name} failed: {Marshal.GetLastPInvokeErrorMessage()}.");
            result.SetResult(work());
        }
        catch (Exception e)
        {
            result.SetException(e);
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNs(int fd, int kind);

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatFs(string path, long* buffer);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint IfNameToIndex(string link);
}
