using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Commands;

/// <summary><c>nova-host operations …</c>: looks into the long operations of the running instance, and helps one that is stuck.</summary>
internal static class OperationsCommand
{
    private const string Root = "/nova-host/v1/operations";

    private static readonly string[] Columns = ["id", "kind", "status", "step", "server_id", "attempts", "updated_at"];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(SettingOptions options)
    {
        var operations = new Command("operations", "Looks into the long operations of the running instance, and helps one that is stuck.");
        operations.Add(List(options));
        operations.Add(OnOne(options, "show", "Shows one operation with its steps and its fault.", HttpMethod.Get, ""));
        operations.Add(OnOne(options, "resume", "Lets a stuck operation try its step again.", HttpMethod.Post, "/resume"));
        operations.Add(OnOne(options, "unwind", "Lets a stuck operation undo what it did, and end.", HttpMethod.Post, "/unwind"));
        return operations;
    }

    private static Command List(SettingOptions options)
    {
        var status = new Option<string>("--status") { HelpName = "running|stuck|…", Description = "Only operations in this state." };
        var server = new Option<string>("--server") { HelpName = "id", Description = "Only operations on this server." };
        var list = new Command("list", "Lists the unfinished operations; with an option, those that ended too.") { status, server };
        list.SetAction(async (line, ct) =>
        {
            using var client = new AdminClient(options.Bind(line));
            var answer = await client.Ask(HttpMethod.Get, Root + Query(line.GetValue(status), line.GetValue(server)), ct);
            var rows = answer["operations"]?.AsArray() ?? [];
            TextTable.Write(line.InvocationConfiguration.Output, Columns, rows.Select(row => Columns.Select(column => row?[column]?.ToString() ?? "-").ToArray()));
            return (int)ExitCode.Done;
        });
        return list;
    }

    private static string Query(string? status, string? server)
    {
        string?[] parts = [status is null ? null : "status=" + Uri.EscapeDataString(status), server is null ? null : "server=" + Uri.EscapeDataString(server)];
        var given = parts.OfType<string>().ToList();
        return given.Count == 0 ? "" : "?" + string.Join('&', given);
    }

    private static Command OnOne(SettingOptions options, string name, string description, HttpMethod method, string suffix)
    {
        var id = new Argument<string>("id") { Description = "The operation's id." };
        var command = new Command(name, description) { id };
        command.SetAction(async (line, ct) =>
        {
            using var client = new AdminClient(options.Bind(line));
            var answer = await client.Ask(method, $"{Root}/{Uri.EscapeDataString(line.GetRequiredValue(id))}{suffix}", ct);
            await line.InvocationConfiguration.Output.WriteLineAsync(answer.ToJsonString(Indented));
            return (int)ExitCode.Done;
        });
        return command;
    }
}
