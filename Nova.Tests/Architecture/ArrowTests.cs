using System.Reflection;
using Nova.Host.Configuration;

namespace Nova.Tests.Architecture;

/// <summary>Who may know whom, read from the compiled assemblies.</summary>
public class ArrowTests
{
    private static readonly Assembly HostAssembly = typeof(SettingsCatalog).Assembly;
    private static readonly Assembly Drivers = typeof(Nova.Drivers.Database.Migrations.Migration).Assembly;
    private static readonly Assembly Modules = typeof(Nova.Modules.Shared.Ids).Assembly;

    [Fact]
    public void Modules_know_no_driver_and_no_host() =>
        Assert.Empty(References(Modules).Intersect([Drivers.GetName().Name, HostAssembly.GetName().Name]));

    [Fact]
    public void Drivers_know_modules_and_no_host()
    {
        Assert.Contains(Modules.GetName().Name, References(Drivers));
        Assert.DoesNotContain(HostAssembly.GetName().Name, References(Drivers));
    }

    // What a folder of Nova.Modules may use beside itself. A folder that is not listed may use everything but is used by
    // none of these. The shared kernel knows the caller, because every request has one, and nothing else. A port says what it
    // wants of the providers of its host in the words of the request for a place.
    [Theory]
    [InlineData("Shared", "Identity")]
    [InlineData("Identity", "Shared")]
    [InlineData("Rpc", "Shared")]
    [InlineData("Policy", "Shared,Identity")]
    [InlineData("Images", "Shared,Identity")]
    [InlineData("Networks", "Shared,Identity,Compute,Hardware,Placement,Scheduling")]
    [InlineData("Compute", "Shared,Identity,Hardware,Images,Networks,Rpc,Operations,Hosts")]
    [InlineData("Quotas", "Shared,Identity")]
    [InlineData("Placement", "Shared,Identity,Hardware,Scheduling,Compute,Hosts")]
    [InlineData("Scheduling", "Shared,Identity,Hardware,Placement,Compute,Hosts,Rpc")]
    [InlineData("Hardware", "Shared")]
    public void A_module_uses_only_what_it_may(string module, string allowed)
    {
        var uses = Dependencies.OfFolder(Modules, "Nova.Modules", module);

        Assert.Empty(uses.Where(use => !allowed.Split(',').Contains(use.Key)).Select(use => $"{module} uses {use.Key}: {use.Value}"));
    }

    [Fact]
    public void A_driver_does_not_know_other_kinds_of_drivers()
    {
        string[] kinds = [.. Drivers.GetTypes().Select(type => Dependencies.Folder(type, "Nova.Drivers")).OfType<string>().Distinct()];

        Assert.All(kinds.Where(kind => kind is not "Database"), kind =>
            Assert.Empty(Dependencies.OfFolder(Drivers, "Nova.Drivers", kind).Where(use => use.Key is "Hypervisor").Select(use => $"{kind} uses {use.Key}: {use.Value}")));
    }

    private static IEnumerable<string?> References(Assembly assembly) => assembly.GetReferencedAssemblies().Select(name => name.Name);
}
