using System.Runtime.CompilerServices;
using Nova.Drivers.Database.Migrations;
using Nova.Host.Configuration;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Settings;
using Nova.Tests.Support;

namespace Nova.Tests.Architecture;

/// <summary>What holds everywhere: every route has a policy, every setting a description, every file a bound.</summary>
public class RuleTests
{
    private const int LongestFile = 500;

    /// <summary>Routes without a rule of their own, by the class that maps them, and why.</summary>
    private static readonly Dictionary<string, string> WithoutRule = new()
    {
        ["VersionEndpoints"] = "Clients read version documents before they can have a token.",
        ["RootEndpoints"] = "Clients read version documents before they can have a token.",
        ["IdentityVersionEndpoints"] = "Clients read version documents before they can have a token.",
        ["ImageEndpoints"] = "Clients read version documents before they can have a token.",
        ["NetworkExtraEndpoints"] = "Clients read version documents before they can have a token.",
        ["ImageTicketEndpoints"] = "A host has a ticket, which the service signed and checks; a compute has no user and no token.",
        ["PlacementVersionEndpoints"] = "Clients read version documents before they can have a token.",
        ["TokenEndpoints"] = "A token is what is asked for; it is checked by the service itself.",
        ["UserEndpoints"] = "A user whose password has expired changes it with the old one, which the service checks.",
    };

    public static TheoryData<Type> EndpointClasses =>
        [.. SettingsCatalog.Assemblies().SelectMany(assembly => assembly.GetTypes()).Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IEndpoints).IsAssignableFrom(type))];

    [Theory]
    [MemberData(nameof(EndpointClasses))]
    public void Every_public_route_has_a_policy_or_a_reason(Type endpoints)
    {
        // Mapping needs no services: a route holds its handler, and nothing is called.
        var routes = new List<Route>();
        ((IEndpoints)RuntimeHelpers.GetUninitializedObject(endpoints)).Map(new(new AnySurface(), "", routes));

        Assert.NotEmpty(routes);
        Assert.Empty(routes.Where(route => route.Rule is null && route.NeedsToken && !route.IsForAnyCaller).Select(Name));
        if (!WithoutRule.ContainsKey(endpoints.Name))
            Assert.Empty(routes.Where(route => !route.NeedsToken).Select(route => $"{Name(route)} needs no token, and {nameof(WithoutRule)} does not say why"));
    }

    [Fact]
    public void Every_setting_has_a_description_and_a_default_that_is_allowed()
    {
        foreach (var record in SettingsCatalog.OfProgram().Records)
        {
            var defaults = record.Defaults();
            Assert.All(record.Settings, setting =>
            {
                Assert.True(setting.Description is { Length: > 10 }, $"{setting.Key} has no [Description].");
                Assert.NotEmpty(setting.Allowed);
                Assert.Null(setting.Get(defaults) is { } value ? setting.Broken(defaults, value) : null);
            });
        }
    }

    [Fact]
    public void Every_record_of_settings_is_found() =>
        Assert.Empty(SettingsCatalog.Assemblies().SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsDefined(typeof(SettingsSectionAttribute), false) && !SettingsCatalog.IsNamedLikeSettings(type)).Select(type => $"{type} must end in Settings or Options"));

    // The log category that would tell of a background service's end is off, so that failed starts show no stack trace.
    [Fact]
    public void Nothing_is_a_background_service_of_the_framework() =>
        Assert.DoesNotContain(SettingsCatalog.Assemblies().SelectMany(assembly => assembly.GetTypes()), typeof(Microsoft.Extensions.Hosting.BackgroundService).IsAssignableFrom);

    [Fact]
    public void Every_migration_is_named_and_described_and_embedded()
    {
        var files = Directory.GetFiles(Path.Combine(Machine.RepositoryRoot!, "migrations"), "*.sql").Where(file => !Path.GetFileName(file).StartsWith("schema.", StringComparison.Ordinal)).ToArray();
        var embedded = Migration.In(typeof(SettingsCatalog).Assembly);

        Assert.Equal(files.Length, embedded.Count);
        Assert.All(files, file => Assert.StartsWith("-- description: ", File.ReadAllText(file), StringComparison.Ordinal));
        Assert.All(embedded.GroupBy(migration => (migration.Version, migration.Dialect)), group => Assert.Single(group));
        Assert.All(embedded.GroupBy(migration => migration.Version), group => Assert.True(group.All(m => m.Dialect is not null) || group.Count() == 1));
    }

    [Fact]
    public void No_source_file_is_longer_than_a_reader_can_hold() =>
        Assert.Empty(SourceFiles().Select(file => (file, lines: File.ReadLines(file).Count())).Where(pair => pair.lines > LongestFile).Select(pair => $"{pair.file}: {pair.lines} lines"));

    private static IEnumerable<string> SourceFiles() =>
        Directory.EnumerateDirectories(Machine.RepositoryRoot!, "Nova.*")
            .SelectMany(project => Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string Name(Route route) => $"{route.Method} {route.Template}";

    private sealed class AnySurface : ApiSurface
    {
        public override string Name => "any";

        public override Answer Render(Fault fault, RequestContext? caller) => throw new NotSupportedException("Nothing is served here.");
    }
}
