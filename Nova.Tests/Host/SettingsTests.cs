using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Host.Configuration;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Settings;
using Nova.Tests.Support;

namespace Nova.Tests.Host;

public class SettingsTests
{
    private static readonly SettingsCatalog Program = SettingsCatalog.OfProgram();

    [Fact]
    public void The_line_is_stronger_than_the_environment_and_that_than_the_file()
    {
        var bound = Bind(
            [Raw("server.port", "1", "file"), Raw("server.data", "a", "file"), Raw("log.format", "json", "file")],
            [Raw("server.port", "2", "environment"), Raw("server.data", "b", "environment")],
            [Raw("server.port", "3", "line")]);

        Assert.Equal(3, bound.Get<ServerSettings>().Port);
        Assert.Equal("b", bound.Get<ServerSettings>().Data);
        Assert.Equal(LogFormat.Json, bound.Get<LogSettings>().Format);
        Assert.Equal("line", bound.Written("server.port")?.Source);
    }

    [Fact]
    public void All_problems_are_told_at_once_with_key_value_source_and_what_is_allowed()
    {
        var problems = Refused(Raw("server.port", "70000", "environment NOVA__SERVER__PORT"), Raw("compute.driver", "kvm", "f.json"), Raw("server.prot", "1", "f.json"));

        Assert.Equal(
            [
                "server.prot = '1' (f.json): there is no such setting; did you mean server.port?",
                "compute.driver = 'kvm' (f.json): allowed is libvirt or fake.",
                "server.port = '70000' (environment NOVA__SERVER__PORT): allowed is a whole number, 0 to 65535.",
            ],
            problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("database.connection", "Password=hunter2")]
    [InlineData("database.conection", "Password=hunter2")]
    [InlineData("identity.admin_pasword_token", "hunter2")]
    public void A_secret_is_not_printed_even_when_its_key_is_mistyped(string key, string value)
    {
        var exception = Assert.Throws<SettingsException>(() => Bind([Raw(key, value, "file")]));

        Assert.DoesNotContain("hunter2", exception.Message, StringComparison.Ordinal);
        Assert.Contains("***", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("identity.kind=test,server.listen=0.0.0.0", "server.listen")]
    [InlineData("server.listen=everywhere", "server.listen")]
    [InlineData("server.admin_listen=here:1", "server.admin_listen")]
    [InlineData("database.kind=postgres", "database.connection")]
    [InlineData("database.connection=Host=x", "database.connection")]
    [InlineData("compute.hosts=2", "compute.hosts")]
    [InlineData("server.role=api", "server.role")]
    [InlineData("server.role=compute", "server.conductors")]
    public void What_does_not_fit_together_is_refused(string settings, string key)
    {
        var raw = settings.Split(',').Select(pair => pair.Split('=', 2)).Select(pair => Raw(pair[0], pair[1], "line"));

        Assert.Equal([key], Refused([.. raw]).Select(problem => problem.Key));
    }

    [Fact]
    public void A_policy_file_that_cannot_be_used_is_a_problem_like_any_other() => WithFile("os_compute_api:flavors: (role:x\n", path =>
    {
        var problems = Refused(Raw("policy.file", path, "line"), Raw("server.port", "70000", "line"));

        Assert.Equal(["server.port", "policy.file"], problems.Select(problem => problem.Key));
        Assert.Contains("there is no rule named os_compute_api:flavors", problems[1].Reason, StringComparison.Ordinal);
        Assert.Contains("there is no file", Assert.Single(Refused(Raw("policy.file", path + ".missing", "line"))).Reason, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData("", true, true, false)]
    [InlineData("server.role=api,scheduler,conductor", false, true, true)]
    [InlineData("server.wire=grpc", true, true, true)]
    public void Roles_say_what_the_process_plays_and_whether_it_serves_others(string setting, bool whole, bool conductor, bool opensRpc)
    {
        var server = Bind(setting.Length == 0 ? [] : [Raw(setting.Split('=')[0], setting.Split('=')[1], "line")]).Get<ServerSettings>();

        Assert.Equal((whole, conductor, opensRpc), (server.IsWhole, server.Plays(HostRole.Conductor), server.OpensRpc));
    }

    [Theory]
    [InlineData(8774, 28774, 18774)]
    [InlineData(50_000, 30_000, 60_000)]
    [InlineData(0, 0, 0)]
    public void The_other_ports_derive_from_the_public_one(int port, int admin, int rpc)
    {
        var server = new ServerSettings { Port = port };

        Assert.Equal((admin, rpc), (server.AdminEndpoint.Port, server.RpcEndpoint.Port));
    }

    [Fact]
    public void The_environment_is_read_by_its_prefix()
    {
        var variables = new Hashtable { ["NOVA__SERVER__PORT"] = "1", ["nova__log__format"] = "json", ["NOVA_TESTS_REQUIRE"] = "x", ["PATH"] = "y" };

        Assert.Equal(["log.format", "server.port"], SettingsSources.Environment(variables).Select(raw => raw.Key).Order());
    }

    [Theory]
    [InlineData("{ \"server\": 1 }", "the section 'server' must be an object")]
    [InlineData("[]", "one object with a member per section")]
    [InlineData("{ \"server\": {\n \"port\": } }", "it is not JSON, line 2")]
    public void A_file_that_is_not_settings_says_why(string text, string reason) => WithFile(text, path =>
        Assert.Contains(reason, Assert.Throws<SettingsException>(() => SettingsSources.File(path)).Message, StringComparison.Ordinal));

    [Fact]
    public void An_absent_file_is_a_problem_with_its_path()
    {
        var missing = Path.Combine(Path.GetTempPath(), "nova-no-such-file.json");

        Assert.Contains(missing, Assert.Throws<SettingsException>(() => SettingsSources.File(missing)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_value_is_read_from_a_file_with_comments() => WithFile(
        """
        { // all kinds
          "kinds": { "text": "a,b", "flag": true, "count": 7, "ratio": 1.5, "wait": "90s", "names": ["x", "y"], "limits": { "cores": 20 }, "maybe": null, "key": "s", },
        }
        """,
        path =>
        {
            var kinds = new SettingsBinder(WithKinds()).Bind(SettingsSources.File(path)).Get<KindsSettings>();

            Assert.Equal(("a,b", true, 7L, 1.5, TimeSpan.FromSeconds(90)), (kinds.Text, kinds.Flag, kinds.Count, kinds.Ratio, kinds.Wait));
            Assert.Equal(["x", "y"], kinds.Names);
            Assert.Equal(20, kinds.Limits["cores"]);
            Assert.Null(kinds.Maybe);
            Assert.Equal("s", kinds.Key?.Reveal);
        });

    [Theory]
    [InlineData("kinds.wait", "soon", "a time such as")]
    [InlineData("kinds.flag", "yes", "true or false")]
    [InlineData("kinds.ratio", "much", "a number")]
    [InlineData("kinds.limits", "20", "an object whose values are: a whole number")]
    public void A_value_of_the_wrong_kind_says_what_is_allowed(string key, string value, string allowed)
    {
        var problems = Assert.Throws<SettingsException>(() => new SettingsBinder(WithKinds()).Bind([Raw(key, value, "x")])).Problems;

        Assert.StartsWith($"allowed is {allowed}", Assert.Single(problems).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_of_the_whole_record_is_checked_when_its_parts_are_good()
    {
        var problems = Assert.Throws<SettingsException>(() => new SettingsBinder(WithKinds()).Bind([Raw("kinds.count", "13", "x")])).Problems;

        Assert.Equal("kinds.count = '13' (x): Thirteen is not wanted.", Assert.Single(problems).ToString());
    }

    [Fact]
    public void Two_records_may_share_a_section_but_not_a_key() =>
        Assert.Throws<InvalidOperationException>(() => new SettingsCatalog([typeof(KindsSettings), typeof(KindsAgainSettings)]));

    [Fact]
    public void The_example_file_lists_every_setting_and_is_up_to_date()
    {
        var path = Path.Combine(Machine.RepositoryRoot!, "appsettings.example.json");
        var rendered = ExampleFile.Render(Program);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(path, rendered);

        Assert.Equal(rendered, File.ReadAllText(path));
    }

    [Fact]
    public void The_example_file_is_accepted_as_settings_and_changes_nothing()
    {
        var bound = new SettingsBinder(Program).Bind(SettingsSources.File(Path.Combine(Machine.RepositoryRoot!, "appsettings.example.json")));

        Assert.Equal(ExampleFile.Render(Program), ExampleFile.Render(bound.Catalog));
        Assert.All(Program.Keys, key => Assert.NotNull(bound.Written(key)));
        Assert.Equal(new ServerSettings().Port, bound.Get<ServerSettings>().Port);
    }

    private static BoundSettings Bind(params IEnumerable<RawSetting>[] sources) => new SettingsBinder(Program).Bind(sources);

    private static IReadOnlyList<SettingsProblem> Refused(params RawSetting[] raw) => Assert.Throws<SettingsException>(() => Bind(raw)).Problems;

    private static RawSetting Raw(string key, string value, string source) => new(key, new(value), source);

    private static SettingsCatalog WithKinds() => new(Program.Records.Select(record => record.Type).Append(typeof(KindsSettings)));

    private static void WithFile(string text, Action<string> test)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            test(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [SettingsSection("kinds")]
    private sealed record KindsSettings : IValidatableObject
    {
        [Description("Text.")] public string Text { get; init; } = "";
        [Description("Flag.")] public bool Flag { get; init; }
        [Description("Count.")] public long Count { get; init; }
        [Description("Ratio.")] public double Ratio { get; init; }
        [Description("Wait.")] public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(1);
        [Description("Names.")] public IReadOnlyList<string> Names { get; init; } = [];
        [Description("Limits.")] public IReadOnlyDictionary<string, int> Limits { get; init; } = new Dictionary<string, int>();
        [Description("Maybe.")] public int? Maybe { get; init; } = 3;
        [Description("Key.")] public Secret? Key { get; init; }

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
            Count == 13 ? [new("Thirteen is not wanted.", [nameof(Count)])] : [];
    }

    [SettingsSection("kinds")]
    private sealed record KindsAgainSettings
    {
        [Description("Text.")] public string Text { get; init; } = "";
    }
}
