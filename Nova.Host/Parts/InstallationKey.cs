using System.Security.Cryptography;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Parts;

/// <summary>DIR/master.key: 32 random bytes, mode 0600, made at the first start. Whoever has it and the database has every secret.</summary>
internal static class InstallationKey
{
    private const int Bytes = 32;

    /// <summary>The box that seals with the key of this directory.</summary>
    /// <exception cref="StartupFailure">The file is there and is not a key.</exception>
    public static SecretBox Open(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, "master.key");
        if (!File.Exists(path))
            PrivateFile.Write(path, RandomNumberGenerator.GetBytes(Bytes));

        var key = File.ReadAllBytes(path);
        return key.Length == Bytes
            ? new(key)
            : throw new StartupFailure(ExitCode.DataDirectory, $"{path} is not a key of {Bytes} bytes. Restore it from a backup: without it tokens and stored secrets cannot be read.");
    }
}
