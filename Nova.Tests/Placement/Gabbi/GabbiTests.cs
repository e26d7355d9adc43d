using System.Diagnostics;
using Nova.Modules.Policy;
using Nova.Tests.Support;

namespace Nova.Tests.Placement.Gabbi;

/// <summary>The published conformance suites of Placement, in each of the configurations that they need.</summary>
[Trait("Category", "Gabbi")]
public sealed class GabbiTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nova-gabbi-");

    private static string Reference => Path.Combine(Machine.ReferenceFolder, "placement-api");

    public void Dispose() => _folder.Delete(recursive: true);

    [NeedsTheory(Need.Reference, Need.Gabbi), OnSqlite, OnPostgres]
    public async Task Every_suite_passes(string database)
    {
        var report = new List<string>();
        foreach (var (configuration, settings) in Configurations())
            if (FilesOf(configuration) is { Count: > 0 } files)
                report.Add(await Run(database, settings, files));

        Assert.NotEmpty(report);
        Assert.DoesNotContain("FAILED", string.Join('\n', report), StringComparison.Ordinal);
    }

    private Dictionary<string, Dictionary<string, string>> Configurations()
    {
        var open = Path.Combine(_folder.FullName, "policy.yaml");
        File.WriteAllLines(open, PlacementPolicyDefaults.All.Select(rule => $"\"{rule.Name}\": \"@\""));
        return new()
        {
            ["default"] = new() { ["policy.enforce_new_defaults"] = "false" },
            ["deprecated policy defaults too"] = new() { ["policy.enforce_new_defaults"] = "false" },
            ["new policy defaults only"] = new() { ["policy.enforce_new_defaults"] = "true" },
            ["all policies open"] = new() { ["policy.file"] = open },
            ["cors configured"] = new() { ["cors.origins"] = "http://valid.example.com", ["cors.allow_headers"] = "openstack-api-version" },
        };
    }

    // Columns: file, tests, included, fixture, configuration, versions.
    private static List<string> FilesOf(string configuration) =>
    [
        .. File.ReadLines(Path.Combine(Reference, "gabbits-index.tsv")).Skip(1).Select(line => line.Split('\t'))
            .Where(c => c[2] == "yes" && c[4] == configuration).Select(c => Path.Combine(Reference, "gabbits", c[0])),
    ];

    private static async Task<string> Run(string database, Dictionary<string, string> settings, IReadOnlyList<string> files)
    {
        if (database == "postgres")
            (settings["database.kind"], settings["database.connection"]) = ("postgres", await PostgresServer.Shared.CreateEmpty());
        var cloud = new SuiteCloud(settings);
        await cloud.InitializeAsync();
        try
        {
            return await Suites([Path.Combine(AppContext.BaseDirectory, "Placement", "Gabbi", "run_suites.py"), cloud.Url + "/placement", Path.Combine(Reference, "gabbits-fixtures.tsv"), .. files]);
        }
        finally
        {
            await cloud.DisposeAsync();
        }
    }

    private static async Task<string> Suites(string[] arguments)
    {
        using var runner = Process.Start(new ProcessStartInfo("/usr/bin/python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (runner.StandardOutput.ReadToEndAsync(), runner.StandardError.ReadToEndAsync());
        await runner.WaitForExitAsync();
        var said = await output;
        Assert.True(runner.ExitCode == 0, $"{said}\n{await error}");
        return said;
    }

    private sealed class SuiteCloud(IReadOnlyDictionary<string, string> settings) : TestCloud
    {
        protected override IReadOnlyDictionary<string, string> Changed { get; } = new Dictionary<string, string>(settings) { ["compute.hosts"] = "0" };
    }
}
