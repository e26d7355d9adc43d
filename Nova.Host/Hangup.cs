using System.Runtime.InteropServices;
using Nova.Modules.Shared.Settings;

namespace Nova.Host;

/// <summary>
/// SIGHUP: files of settings are read again. The same signal tells that the terminal of the process is gone; then it ends,
/// as any program in the foreground of a terminal does.
/// </summary>
internal static class Hangup
{
    /// <summary>Listens until the result is disposed.</summary>
    public static IDisposable Listen(IServiceProvider services)
    {
        var hadTerminal = HasTerminal();
        return PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            if (hadTerminal && !HasTerminal())
                services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
            else
                services.GetRequiredService<Reloader>().ReloadAll();
        });
    }

    private static bool HasTerminal()
    {
        try
        {
            using var terminal = File.OpenHandle("/dev/tty");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
