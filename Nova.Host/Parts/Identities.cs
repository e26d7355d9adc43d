using System.Security.Cryptography;
using System.Text;
using Nova.Modules.Operations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Parts;

/// <summary>Who this process is, from files in its data directory: the same after a restart, whatever the machine is called.</summary>
internal static class Identities
{
    /// <summary>DIR/conductor.id, with a new incarnation.</summary>
    public static ConductorIdentity Conductor(string dataDirectory, string address, Ids ids) =>
        new(FromFile(Path.Combine(dataDirectory, "conductor.id"), ids), ids.Next(), address);

    /// <summary>DIR/host/identity: the host's UUID; several hosts of one process derive theirs from it.</summary>
    public static Guid Host(string dataDirectory, int number, Ids ids)
    {
        var directory = Path.Combine(dataDirectory, "host");
        Directory.CreateDirectory(directory);
        var first = FromFile(Path.Combine(directory, "identity"), ids);
        return number == 0 ? first : Derived(first, number);
    }

    private static Guid FromFile(string path, Ids ids)
    {
        if (!File.Exists(path))
            PrivateFile.Write(path, Encoding.ASCII.GetBytes(ids.Next().ToString()));

        return Guid.TryParse(File.ReadAllText(path), out var id)
            ? id
            : throw new StartupFailure(ExitCode.DataDirectory, $"{path} does not hold a UUID. Restore it from a backup; if there is none, delete it, and move what belonged to the old identity away first.");
    }

    private static Guid Derived(Guid first, int number)
    {
        Span<byte> input = stackalloc byte[20];
        first.TryWriteBytes(input);
        BitConverter.TryWriteBytes(input[16..], number);
        return new(SHA256.HashData(input).AsSpan(0, 16));
    }
}
