using System.Diagnostics;
using System.Text.RegularExpressions;
using Nova.Tests.Support;

namespace Nova.Tests.EndToEnd;

/// <summary>The systemd unit that <c>run.sh --install</c> writes.</summary>
public sealed class UnitTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unit").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Guests_outlive_the_unit_and_words_keep_their_characters()
    {
        var unit = await Unit("--data", "/var/lib/no va%h", "--config", "/etc/a\"b$c.json");

        Assert.Contains("\nKillMode=process\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nExecReload=/bin/kill -HUP $MAINPID\n", unit, StringComparison.Ordinal);
        Assert.Contains("""
            "--data" "/var/lib/no va%%h" "--config" "/etc/a\"b$$c.json"
            """, unit, StringComparison.Ordinal);
    }

    [NeedsFact(Need.SystemdAnalyze)]
    public async Task Systemd_finds_nothing_wrong_with_it()
    {
        var file = Path.Combine(_folder, "nova-host.service");
        var unit = await Unit("--data", "/var/lib/nova", "--driver", "fake");
        // The program need not be built for this test.
        await File.WriteAllTextAsync(file, Regex.Replace(unit, "(?m)^ExecStart=\"[^\"]*\"", "ExecStart=\"/bin/true\""));

        Assert.Equal((0, ""), await Run("systemd-analyze", "verify", file));
    }

    private static async Task<string> Unit(params string[] options)
    {
        var (code, text) = await Run("bash", [Path.Combine(Machine.RepositoryRoot!, "run.sh"), "--unit", .. options]);
        Assert.Equal(0, code);
        return text;
    }

    private static async Task<(int Code, string Text)> Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        var (told, complaints) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await told + await complaints);
    }
}
