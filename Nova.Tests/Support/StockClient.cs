using System.Diagnostics;
using System.Text.Json;

namespace Nova.Tests.Support;

/// <summary>The <c>openstack</c> command against one endpoint, with a token of the test identity.</summary>
/// <param name="endpoint">Such as <c>http://127.0.0.1:41234/v2.1</c>.</param>
/// <param name="token">Who asks.</param>
/// <param name="version">The microversion of the Compute API.</param>
internal sealed class StockClient(string endpoint, string token, string version)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs a command that answers with JSON.</summary>
    public async Task<JsonElement> Json(params string[] arguments) => JsonSerializer.Deserialize<JsonElement>(await Run([.. arguments, "-f", "json"]));

    /// <summary>Runs a command; fails with what it said when it did not succeed.</summary>
    public async Task<string> Run(params string[] arguments)
    {
        string[] options = ["--os-auth-type", "admin_token", "--os-endpoint", endpoint, "--os-token", token, "--os-compute-api-version", version];
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/openstack", [.. options, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"openstack {string.Join(' ', arguments)}: {await errors}");
        return await output;
    }
}
