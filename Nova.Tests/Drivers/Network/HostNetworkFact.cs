using Nova.Tests.Support;

namespace Nova.Tests.Drivers.Network;

/// <summary>A fact on real namespaces: skipped, with the reason, without root or without the programs that the driver runs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HostNetworkFactAttribute : FactAttribute
{
    private static readonly (string Program, string Package)[] Programs =
        [("ip", "iproute2"), ("nft", "nftables"), ("nsenter", "util-linux"), ("dnsmasq", "dnsmasq-base"), ("ping", "iputils-ping")];

    public HostNetworkFactAttribute() => Skip = Machine.ReasonToSkip(Need.Root) ?? MissingProgram();

    private static string? MissingProgram()
    {
        string[] folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
        var missing = Programs.FirstOrDefault(entry => !folders.Any(folder => File.Exists(Path.Combine(folder, entry.Program))));
        return missing.Package is null ? null : $"{missing.Program} is not installed (Debian package {missing.Package}).";
    }
}
