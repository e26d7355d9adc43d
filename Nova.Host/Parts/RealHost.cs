using System.Security.Cryptography;
using System.Text;
using Nova.Drivers.Hypervisor.Libvirt;
using Nova.Drivers.Network.LinuxBridge;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Parts;

/// <summary>Where the libvirt driver and the host's network keep their things below the data directory, and under which name.</summary>
internal static class RealHost
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int IdLength = 4;

    /// <summary>
    /// DIR/installation: four characters that tell this installation's guests, bridges and tables from those of others on
    /// the same machine. Made at the first start, never changed.
    /// </summary>
    /// <exception cref="StartupFailure">The file is there and holds something else.</exception>
    public static string Installation(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "installation");
        if (!File.Exists(path))
            PrivateFile.Write(path, Encoding.ASCII.GetBytes(RandomNumberGenerator.GetString(Letters, IdLength)));

        var id = File.ReadAllText(path).Trim();
        return id.Length == IdLength && id.All(Letters.Contains)
            ? id
            : throw new StartupFailure(ExitCode.DataDirectory, $"{path} does not hold {IdLength} characters of a-z and 0-9. Restore it from a backup: guests and networks on this machine are found by it.");
    }

    /// <summary>The libvirt driver of this directory.</summary>
    public static LibvirtOptions Libvirt(string dataDirectory) =>
        new() { DataDirectory = Path.Combine(dataDirectory, "guests"), InstallationId = Installation(dataDirectory) };

    /// <summary>The host's network of this directory.</summary>
    public static LinuxBridgeOptions Network(string dataDirectory) =>
        new() { Directory = Path.Combine(dataDirectory, "network"), Installation = Installation(dataDirectory) };
}
