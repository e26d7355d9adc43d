using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nova.Host.Parts;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Commands;

/// <summary>
/// <c>nova-host explain SERVER</c>: why a server is where it is, or nowhere. With <c>--save</c> everything that a decision about it
/// depends on now goes to a file, and <c>--replay</c> decides from such a file again, without any instance.
/// </summary>
internal static class ExplainCommand
{
    private const int MostFileBytes = 1 << 30;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(SettingOptions options)
    {
        var server = new Argument<string>("server") { Description = "The server's id; not with --replay.", Arity = ArgumentArity.ZeroOrOne };
        var save = new Option<string>("--save") { HelpName = "FILE", Description = "Keeps request, picture, settings and the answer of now in a file, which holds names of hosts." };
        var replay = new Option<string>("--replay") { HelpName = "FILE", Description = "Decides again from such a file, and compares with the answer in it. Asks no instance." };
        var explain = new Command(
            "explain",
            """
            Says why a server is where it is, or nowhere.

            Examples:
              nova-host explain 4f1d2c3e-…                          what was decided, and how many hosts each filter refused
              nova-host explain 4f1d2c3e-… --save why.json          keeps what a decision depends on now
              nova-host explain --replay why.json                   the same decision again, on any machine
            """) { server, save, replay };
        explain.SetAction(async (line, ct) =>
        {
            var output = line.InvocationConfiguration.Output;
            var id = line.GetValue(server);
            if (line.GetValue(replay) is { } file)
                return id is null && line.GetValue(save) is null ? await Replay(file, output) : throw new StartupFailure(ExitCode.Usage, "--replay stands alone: the file says which server it is about.");
            if (id is null)
                throw new StartupFailure(ExitCode.Usage, "name the server: nova-host explain ID.");

            using var client = new AdminClient(options.Bind(line));
            var path = $"/nova-host/v1/servers/{Uri.EscapeDataString(id)}/placement";
            if (line.GetValue(save) is { } to)
                return await Save(client, path, to, output, ct);

            Show((await client.Ask(HttpMethod.Get, path, ct))["placement"]!.AsObject(), output);
            return (int)ExitCode.Done;
        });
        return explain;
    }

    private static void Show(JsonObject placement, TextWriter output)
    {
        output.WriteLine($"{placement["outcome"]}: {placement["message"]}");
        if (placement["host"] is { } host)
            output.WriteLine($"on host {host}");
        output.WriteLine($"decided at {placement["decided_at"]}, attempt {placement["attempts"]}: {placement["hosts_fit"]} of {placement["hosts_seen"]} hosts were left after the filters");
        output.WriteLine($"refused by the claim: {placement["claims_without_room"]} for room, {placement["claims_against_group"]} for the server group");
        ExplainText.Refusals(placement["refusals"]!.AsArray(), output);
        if (placement["ranked"] is JsonArray { Count: > 0 } ranked)
            TextTable.Write(output, ["host", "node", "zone", "score"], ranked.Select(r => new[] { Text(r, "host"), Text(r, "node"), Text(r, "zone"), Text(r, "score") }));
        if (placement["details"] is { } details)
            output.WriteLine(details);
    }

    private static async Task<int> Save(AdminClient client, string path, string file, TextWriter output, CancellationToken ct)
    {
        var recording = await client.Ask(HttpMethod.Get, path + "/recording", ct);
        try
        {
            PrivateFile.Write(file, Encoding.UTF8.GetBytes(recording.ToJsonString()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupFailure(ExitCode.Refused, $"{file} cannot be written: {e.Message}", e);
        }

        await output.WriteLineAsync($"kept in {file}; nova-host explain --replay {file} decides again");
        return (int)ExitCode.Done;
    }

    private static async Task<int> Replay(string file, TextWriter output)
    {
        var recording = Read(file);
        Verdict verdict;
        try
        {
            verdict = recording.Replay(TimeProvider.System);
        }
        catch (SettingsOfRecordingException e)
        {
            throw new StartupFailure(ExitCode.Refused, e.Message, e);
        }

        await output.WriteLineAsync(JsonSerializer.Serialize(verdict, Indented));
        if (JsonSerializer.Serialize(verdict) == JsonSerializer.Serialize(recording.Answer))
        {
            await output.WriteLineAsync("the same answer as in the file");
            return (int)ExitCode.Done;
        }

        throw new StartupFailure(
            ExitCode.Refused,
            string.Create(CultureInfo.InvariantCulture, $"not the answer in the file, which release {recording.Release} wrote; this is release {Release.Version}. The file says:\n{JsonSerializer.Serialize(recording.Answer, Indented)}"));
    }

    private static Recording Read(string file)
    {
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > MostFileBytes })
                throw new StartupFailure(ExitCode.Usage, $"{file} is too large to be a recording.");
            return Recording.Read(File.ReadAllBytes(file)) ?? throw new StartupFailure(ExitCode.Usage, $"{file} is not a recording of 'nova-host explain --save', or of a newer release.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupFailure(ExitCode.Usage, $"{file} cannot be read: {e.Message}", e);
        }
    }

    private static string Text(JsonNode? row, string name) => row?[name]?.ToString() ?? "-";
}
