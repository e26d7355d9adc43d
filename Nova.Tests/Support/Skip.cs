using System.Runtime.InteropServices;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Nova.Tests.Support;

/// <summary>What a test may need that not every machine has.</summary>
public enum Need
{
    /// <summary>The API reference beside the repository (<c>../shared/reference</c>).</summary>
    Reference,
    /// <summary>Debian's python3-grpcio and python3-protobuf.</summary>
    PythonGrpc,
    /// <summary>Debian's python3-jsonschema.</summary>
    PythonJsonSchema,
    /// <summary>libvirtd with QEMU, and libvirt's C library.</summary>
    Libvirt,
    /// <summary>The test process is root.</summary>
    Root,
    /// <summary>A PostgreSQL server's programs, to start one of our own.</summary>
    Postgres,
    /// <summary>The <c>openstack</c> command.</summary>
    OpenStackClient,
    /// <summary>Debian's python3-gabbi.</summary>
    Gabbi,
    /// <summary>systemd's own check of units.</summary>
    SystemdAnalyze,
    /// <summary>The <c>openstack</c> command's plugin for Placement.</summary>
    OscPlacement,
    /// <summary>Debian's python3-keystone, to start a Keystone of our own.</summary>
    Keystone,
}

/// <summary>A fact that is skipped, with the reason, when the machine lacks one of its needs.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer("Nova.Tests.Support.NeedTraits", "Nova.Tests")]
public sealed class NeedsFactAttribute : FactAttribute, ITraitAttribute
{
    /// <summary>Names everything that the test needs.</summary>
    public NeedsFactAttribute(params Need[] needs) => Skip = Machine.ReasonToSkip(needs);
}

/// <summary>A theory that is skipped, with the reason, when the machine lacks one of its needs.</summary>
[AttributeUsage(AttributeTargets.Method)]
[TraitDiscoverer("Nova.Tests.Support.NeedTraits", "Nova.Tests")]
public sealed class NeedsTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    /// <summary>Names everything that the test needs.</summary>
    public NeedsTheoryAttribute(params Need[] needs) => Skip = Machine.ReasonToSkip(needs);
}

/// <summary>Puts tests that boot real guests into the category Guest, which test.sh runs by itself: a guest takes a whole core.</summary>
public sealed class NeedTraits : ITraitDiscoverer
{
    /// <inheritdoc />
    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute) =>
        traitAttribute.GetConstructorArguments().OfType<Need[]>().Any(needs => needs.Contains(Need.Libvirt)) ? [new("Category", "Guest")] : [];
}

/// <summary>
/// What this machine has. Nothing is installed or started to find out. Two environment variables with names of
/// <see cref="Need"/> separated by commas change it: <c>NOVA_TESTS_REQUIRE</c> turns skipping into failing, and
/// <c>NOVA_TESTS_WITHOUT</c> leaves tests out although the machine could run them.
/// </summary>
public static class Machine
{
    private const string PythonPackages = "/usr/lib/python3/dist-packages";

    /// <summary>The folder of nova.sln, or null when the tests run outside a checkout.</summary>
    public static string? RepositoryRoot { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The folder of the API reference; read it only in a test that needs <see cref="Need.Reference"/>.</summary>
    public static string ReferenceFolder => Path.GetFullPath(Path.Combine(RepositoryRoot ?? ".", "..", "shared", "reference"));

    /// <summary>A sentence that says what is missing, or null when everything is there.</summary>
    public static string? ReasonToSkip(params Need[] needs)
    {
        foreach (var need in needs)
            if (!IsNamed("NOVA_TESTS_REQUIRE", need) && (LeftOut(need) ?? Missing(need)) is { } reason)
                return reason;

        return null;
    }

    private static string? Missing(Need need) => need switch
    {
        Need.Reference => Reference(),
        Need.PythonGrpc => PythonGrpc(),
        Need.PythonJsonSchema => PythonJsonSchema(),
        Need.Libvirt => Libvirt(),
        Need.Root => Root(),
        Need.Postgres => Postgres(),
        Need.OpenStackClient => OpenStackClient(),
        Need.Gabbi => Gabbi(),
        Need.SystemdAnalyze => File.Exists("/usr/bin/systemd-analyze") ? null : "systemd-analyze is not there: apt install systemd.",
        Need.Keystone => PythonModule("keystone", "python3-keystone"),
        Need.OscPlacement => PythonModule("osc_placement", "python3-osc-placement"),
        _ => throw new ArgumentOutOfRangeException(nameof(need), need, "No probe is written for this need."),
    };

    private static string? Reference() =>
        Directory.Exists(ReferenceFolder) ? null : "The API reference is not beside the repository (../shared/reference).";

    private static string? PythonGrpc() => PythonModule("grpc", "python3-grpcio") ?? PythonModule("google/protobuf", "python3-protobuf");

    private static string? PythonJsonSchema() => PythonModule("jsonschema", "python3-jsonschema");

    private static string? Libvirt() =>
        File.Exists("/usr/sbin/libvirtd") && HasLibrary("libvirt.so.0") && File.Exists("/usr/bin/qemu-system-x86_64")
            ? null
            : "libvirt with QEMU is not installed (Debian packages libvirt-daemon-system and qemu-system-x86).";

    private static string? Root() => Environment.IsPrivilegedProcess ? null : "The test changes the host and must run as root.";

    private static string? Postgres() =>
        Directory.Exists("/usr/lib/postgresql") && Directory.GetFiles("/usr/lib/postgresql", "initdb", SearchOption.AllDirectories).Length > 0
            ? null
            : "PostgreSQL is not installed (Debian package postgresql).";

    private static string? OpenStackClient() =>
        File.Exists("/usr/bin/openstack") ? null : "The openstack command is not installed (Debian package python3-openstackclient).";

    private static string? Gabbi() => PythonModule("gabbi", "python3-gabbi");

    private static string? PythonModule(string folder, string package) =>
        File.Exists("/usr/bin/python3") && Directory.Exists(Path.Combine(PythonPackages, folder))
            ? null
            : $"The Python module {folder} is not installed (Debian package {package}).";

    private static bool HasLibrary(string name)
    {
        if (!NativeLibrary.TryLoad(name, out var library))
            return false;

        NativeLibrary.Free(library);
        return true;
    }

    private static string? LeftOut(Need need) => IsNamed("NOVA_TESTS_WITHOUT", need) ? $"Tests that need {need} are left out (NOVA_TESTS_WITHOUT)." : null;

    private static bool IsNamed(string variable, Need need) =>
        (Environment.GetEnvironmentVariable(variable) ?? "").Split(',', StringSplitOptions.TrimEntries).Contains(need.ToString(), StringComparer.OrdinalIgnoreCase);

    private static string? FindRoot(string? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder, "nova.sln")))
            folder = Path.GetDirectoryName(folder);

        return folder;
    }
}
