using System.Diagnostics;
using FluentAssertions;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Tests.Support;
using Xunit;

namespace Nova.Tests.Scheduling;

/// <summary>The example of docs/scheduling.md, compiled as an operator would, and loaded by the setting.</summary>
public sealed class PluginTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("nova-plugin").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Filters_and_weighers_of_an_assembly_are_used_by_name()
    {
        var assembly = await Compile("Scheduling/Plugin/QuietHosts.cs.txt");
        var options = new SchedulerOptions { Assemblies = [assembly], Filters = ["QuietHostsFilter", "CapacityFilter"], Weighers = ["FullDisksWeigher"] };
        options.Validate(new(options)).Should().BeEmpty();
        TestHost[] hosts = [TestHost.Of(1, disk: 900), TestHost.Of(2, disk: 300), TestHost.Of(3, disk: 100)];
        var chooser = World.Chooser(options, new ManualTime(), hosts);

        chooser.Choose(World.Request()).Ranked[0][0].Host.Should().Be("host-3", "it has the least disk");
        for (var i = 0; i < 3; i++)
            chooser.UsageChanged(new ProviderUsage(hosts[2].Id, 2 + i, Guid.NewGuid(), []) { Holds = true });

        chooser.Begin();
        chooser.Choose(World.Request()).Ranked[0][0].Host.Should().Be("host-2", "host-3 has three servers now");
    }

    [Fact]
    public void What_cannot_be_loaded_is_told_with_the_setting()
    {
        var text = Path.Combine(_directory, "text.dll");
        File.WriteAllText(text, "not an assembly");
        var options = new SchedulerOptions { Assemblies = [text], Filters = ["CapacityFilter"] };

        options.Validate(new(options)).Should().ContainSingle().Which.ErrorMessage.Should().StartWith($"The assembly '{text}' cannot be loaded: ");
        var none = options with { Assemblies = [typeof(Xunit.Assert).Assembly.Location] };
        none.Validate(new(none)).Should().ContainSingle().Which.ErrorMessage.Should().Contain("has no public class that implements IHostFilter or IHostWeigher");
    }

    // The compiler of the SDK that built this test.
    private async Task<string> Compile(string source)
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var sdks = Path.Combine(runtime, "..", "..", "..", "sdk");
        var compiler = Directory.GetDirectories(sdks).Select(sdk => Path.Combine(sdk, "Roslyn", "bincore", "csc.dll")).Last(File.Exists);
        var output = Path.Combine(_directory, "Example.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        List<string> arguments =
        [
            "exec", compiler, "-nologo", "-target:library", "-langversion:latest", $"-out:{output}", $"-reference:{typeof(IHostFilter).Assembly.Location}",
            .. Directory.GetFiles(runtime, "System*.dll").Where(IsManaged).Select(file => $"-reference:{file}"),
            Path.Combine(Machine.RepositoryRoot!, "Nova.Tests", source), Usings(),
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, said);
        return output;
    }

    private string Usings()
    {
        var file = Path.Combine(_directory, "Usings.cs");
        File.WriteAllText(file, "global using System;");
        return file;
    }

    private static bool IsManaged(string file) => !Path.GetFileName(file).Contains(".Native", StringComparison.Ordinal);
}
