using System.Diagnostics;
using Nova.Tests.Support;

namespace Nova.Tests.Drivers.Libvirt;

/// <summary>The small guest image of tools/make-guest-image.sh, built once per machine.</summary>
public static class SmallGuest
{
    private static readonly Lazy<Task<string>> Built = new(Build);

    /// <summary>The path of guest.qcow2.</summary>
    public static Task<string> Image => Built.Value;

    private static async Task<string> Build()
    {
        var folder = Path.Combine(Environment.GetEnvironmentVariable("TMPDIR") ?? "/var/tmp", "guest-image");
        var script = Path.Combine(Machine.RepositoryRoot!, "tools", "make-guest-image.sh");
        // The lock is for other test runs on this machine.
        using var build = Process.Start(new ProcessStartInfo("flock", [folder + ".lock", script, folder]) { RedirectStandardInput = true, RedirectStandardError = true })!;
        build.StandardInput.Close();
        var words = await build.StandardError.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(5));
        await build.WaitForExitAsync();
        return build.ExitCode == 0 ? Path.Combine(folder, "guest.qcow2") : throw new InvalidOperationException(words);
    }
}
