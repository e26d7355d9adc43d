using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Nova.Host;
using Nova.Modules.Shared.Startup;

namespace Nova.Tests.Host;

/// <summary>The program as its operator meets it: a process with output and an exit code.</summary>
public sealed class ProgramTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("nova-program").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Help_shows_examples_and_exit_codes()
    {
        var (code, output, _) = await Run("--help");

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("Examples:", output, StringComparison.Ordinal);
        Assert.Contains("Exit codes:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_the_release() => Assert.Equal($"nova-host {ProgramVersion.Text}\n", (await Run("version")).Output);

    [Theory]
    [InlineData("--prot", "--port")]
    [InlineData("operation", "operations")]
    public async Task A_typo_gets_a_suggestion(string typed, string meant)
    {
        var (code, output, error) = await Run(typed);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(meant, output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_settings_are_one_message_without_a_stack_trace()
    {
        var (code, _, error) = await Run("--port", "many", "--driver", "kvm", "--config", "/nonexistent.json");
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("/nonexistent.json", error, StringComparison.Ordinal);

        (code, _, error) = await Run("--port", "many", "--driver", "kvm");
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("server.port", error, StringComparison.Ordinal);
        Assert.Contains("compute.driver", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_written_is_one_message()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");

        var (code, _, error) = await Run("--driver", "fake", "--data", file);

        Assert.Equal(ExitCode.DataDirectory, code);
        Assert.Contains(file, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_key_is_one_message()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "master.key"), "short");

        var (code, _, error) = await Run("--driver", "fake", "--identity", "test", "--data", _folder, "--port", "0");

        Assert.Equal(ExitCode.DataDirectory, code);
        Assert.Contains("master.key", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_another_process_holds_is_one_message_with_its_pid()
    {
        using var held = Nova.Drivers.Database.Sqlite.DirectoryLock.Take(_folder);

        var (code, _, error) = await Run("db", "expand", "--data", _folder);

        Assert.Equal(28, (int)code);
        Assert.Contains($"{Environment.ProcessId}", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_one_message()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (code, _, error) = await Run("--driver", "fake", "--identity", "test", "--data", _folder, "--admin-listen", "127.0.0.1:0", "--port", $"{port}");

        Assert.Equal(ExitCode.Address, code);
        Assert.Contains($"{port}", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_running_instance_operations_says_where_it_looked()
    {
        var (code, _, error) = await Run("operations", "list", "--identity", "test", "--port", "1");

        Assert.Equal(ExitCode.Refused, code);
        Assert.Contains("http://127.0.0.1:1", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Db_makes_a_database_and_says_what_was_applied()
    {
        var (missing, _, error) = await Run("db", "status", "--data", _folder);
        Assert.Equal(22, (int)missing);
        Assert.Contains("db expand", error, StringComparison.Ordinal);

        var (code, output, _) = await Run("db", "expand", "--data", _folder);
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("0001  expand    applied", output, StringComparison.Ordinal);

        (code, output, _) = await Run("db", "contract", "--data", _folder);
        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("contract: nothing was left to do", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Db_purge_works_on_a_stopped_database_and_asks_the_instance_that_holds_it()
    {
        string[] purge = ["db", "purge", "--before", "2026-01-31", "--data", _folder, "--identity", "test"];
        Assert.Equal(22, (int)(await Run(purge)).Code);
        await Run("db", "expand", "--data", _folder);
        Assert.Contains("would be removed: what ended before 2026-01-31T00:00:00Z", (await Run([.. purge, "--dry-run"])).Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, (await Run("db", "purge", "--before", "yesterday", "--data", _folder)).Code);
        Assert.Contains("at least an hour ago", (await Run("db", "purge", "--before", "2999-01-01", "--data", _folder)).Error, StringComparison.Ordinal);

        using var process = Start("--driver", "fake", "--identity", "test", "--data", _folder, "--admin-listen", "127.0.0.1:0", "--port", "0");
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var port = (await process.StandardOutput.ReadLineAsync(patience.Token))!.Split(' ')[1].Split(':')[2];
            var (code, output, _) = await Run([.. purge, "--port", port]);
            Assert.Equal(ExitCode.Done, code);
            Assert.Matches("operations +0\nservers +0\nmigrations +0\nidempotency_keys +0\nconsole_tokens +0\nevents +0\nremoved: ", output);
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task Purge_wants_a_directory_that_is_there()
    {
        var (code, _, error) = await Run("purge", "--data", Path.Combine(_folder, "none"));

        Assert.Equal(ExitCode.DataDirectory, code);
        Assert.Contains("none", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_ready_warns_of_test_identity_and_ends_cleanly_on_sigterm()
    {
        using var process = Start("--driver", "fake", "--identity", "test", "--data", _folder, "--admin-listen", "127.0.0.1:0", "--port", "0");
        using var patience = new CancellationTokenSource(Patience);
        var ready = await process.StandardOutput.ReadLineAsync(patience.Token);
        using (var kill = Process.Start("kill", $"-TERM {process.Id}"))
            await kill.WaitForExitAsync(patience.Token);
        var error = await process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);

        Assert.Matches(@"^ready http://127\.0\.0\.1:\d+ in \d+ ms$", ready);
        Assert.Contains("warning nova-host: --identity test believes every token", error, StringComparison.Ordinal);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Config_show_says_where_each_value_comes_from_and_masks_secrets()
    {
        var config = Path.Combine(_folder, "site.json");
        await File.WriteAllTextAsync(config, """{ "quota": { "cores": 7 }, "database": { "kind": "postgres", "connection": "Password=hunter2" } }""");

        var (code, output, _) = await Run("config", "show", "--changed", "--config", config, "--driver", "fake");

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(["setting value from default live", "compute.driver \"fake\" command line --driver \"libvirt\" restart", $"database.kind \"postgres\" {config} \"sqlite\" restart",
            $"database.connection *** {config} null restart", $"quota.cores 7 {config} 20 live"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Squeezed));
        Assert.Equal("***", JsonNode.Parse((await Run("config", "show", "database.connection", "--json", "--config", config)).Output)![0]!["value"]!.GetValue<string>());
        Assert.Equal(ExitCode.Usage, (await Run("config", "show", "quotas")).Code);
    }

    [Fact]
    public async Task Config_check_tells_all_problems_or_that_there_is_none()
    {
        var config = Path.Combine(_folder, "site.json");
        await File.WriteAllTextAsync(config, """{ "quota": { "cores": "many" }, "compute": { "drivr": "fake" } }""");
        var (code, _, error) = await Run("config", "check", "--config", config);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("quota.cores", error, StringComparison.Ordinal);
        Assert.Contains("did you mean compute.driver?", error, StringComparison.Ordinal);

        await File.WriteAllTextAsync(config, """{ "quota": { "cores": 7 } }""");
        (code, var output, _) = await Run("config", "check", "--config", config);
        Assert.Equal((ExitCode.Done, $"{config}: quota.cores\nThe settings can be used.\n"), (code, output));
        Assert.Single(Directory.GetFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("--driver ", "fake libvirt")]
    [InlineData("--dri", "--driver")]
    [InlineData("operations re", "resume")]
    [InlineData("config show quota.co", "quota.cores")]
    [InlineData("completion z", "zsh")]
    public async Task The_shell_completes_what_is_being_typed(string typed, string words)
    {
        var script = (await Run("completion", "bash")).Output;
        var line = $"nova-host {typed}";
        var test = $$"""
            nova-host() { dotnet '{{typeof(Server).Assembly.Location}}' "$@"; }
            {{script}}
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{line}}{{(typed[^1] == ' ' ? "''" : "")}})
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _nova_host
            echo "${COMPREPLY[*]}"
            """;
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", test]) { RedirectStandardOutput = true })!;
        using var patience = new CancellationTokenSource(Patience);

        Assert.Equal(words, (await bash.StandardOutput.ReadToEndAsync(patience.Token)).Trim());
    }

    [Fact]
    public async Task Files_are_read_again_at_sighup()
    {
        var (config, policy) = (Path.Combine(_folder, "site.json"), Path.Combine(_folder, "policy.yaml"));
        await File.WriteAllTextAsync(config, """{ "quota": { "cores": 7 } }""");
        using var process = Start("--config", config, "--driver", "fake", "--identity", "test", "--data", _folder, "--admin-listen", "127.0.0.1:0", "--port", "0");
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var url = (await process.StandardOutput.ReadLineAsync(patience.Token))!.Split(' ')[1];
            using var member = new HttpClient { BaseAddress = new(url), DefaultRequestHeaders = { { "X-Auth-Token", "ada:blue" } } };
            Assert.Equal(HttpStatusCode.Forbidden, (await member.GetAsync("/v2.1/os-services", patience.Token)).StatusCode);
            Assert.Contains("\"maxTotalCores\":7", await member.GetStringAsync("/v2.1/limits", patience.Token), StringComparison.Ordinal);

            await File.WriteAllTextAsync(config, """{ "quota": { "cores": 9 } }""", patience.Token);
            await File.WriteAllTextAsync(policy, "os_compute_api:os-services:list: role:member", patience.Token);
            using (var kill = Process.Start("kill", $"-HUP {process.Id}"))
                await kill.WaitForExitAsync(patience.Token);
            await Line(process.StandardError, "policy.yaml", patience.Token);

            Assert.Equal(HttpStatusCode.OK, (await member.GetAsync("/v2.1/os-services", patience.Token)).StatusCode);
            Assert.Contains("\"maxTotalCores\":9", await member.GetStringAsync("/v2.1/limits", patience.Token), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    private static string Squeezed(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    // The parts are read in the order in which they are registered, so the settings' file has been read as well.
    private static async Task Line(StreamReader from, string part, CancellationToken ct)
    {
        var read = new List<string>();
        while (await from.ReadLineAsync(ct) is { } line)
        {
            read.Add(line);
            if (line.Contains("Read again", StringComparison.Ordinal) && line.Contains(part, StringComparison.Ordinal))
                return;
        }

        Assert.Fail($"The program ended without saying so: {string.Join('\n', read)}");
    }

    private async Task<(ExitCode Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var process = Start(arguments);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return ((ExitCode)process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Server).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = _folder,
        };
        return Process.Start(start)!;
    }
}
