using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Drivers.Database;
using Nova.Drivers.Database.Migrations;
using Nova.Host.Configuration;
using Nova.Host.Parts;
using Nova.Modules.Retention;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Commands;

/// <summary>
/// <c>nova-host db purge --before DATE</c>. Opens the database itself; where a running instance holds it (SQLite), that
/// instance is asked to do the same.
/// </summary>
internal static class DatabasePurgeCommand
{
    public static Command Create(SettingOptions options, Func<BoundSettings, Database> open)
    {
        var before = new Option<string>("--before") { Required = true, HelpName = "DATE", Description = "What ended before it goes: 2026-01-31, or 2026-01-31T12:00:00Z; without a zone it is UTC." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only counts what would go." };
        var purge = new Command("purge", "Removes deleted servers, finished operations and events that are older than a date, whatever the retention settings say.") { before, dryRun };
        purge.SetAction(async (line, ct) =>
        {
            var settings = options.Bind(line);
            var until = Read(line.GetRequiredValue(before));
            var removed = await Remove(settings, open, until, line.GetValue(dryRun), ct);
            foreach (var (kind, rows) in removed)
                line.InvocationConfiguration.Output.WriteLine($"{kind,-18} {rows}");
            line.InvocationConfiguration.Output.WriteLine($"{(line.GetValue(dryRun) ? "would be removed" : "removed")}: what ended before {WireTime.Seconds(until.ToUnixTimeMilliseconds())}");
            return (int)ExitCode.Done;
        });
        return purge;
    }

    private static DateTimeOffset Read(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date
            : throw new StartupFailure(ExitCode.Usage, $"'{text}' is not a date. Write 2026-01-31, or 2026-01-31T12:00:00Z.");

    private static async Task<IReadOnlyList<RemovedRows>> Remove(BoundSettings settings, Func<BoundSettings, Database> open, DateTimeOffset before, bool dryRun, CancellationToken ct)
    {
        try
        {
            await using var database = open(settings);
            await new DatabaseAdmin(database, new MigrationRunner(database, Migration.In(typeof(NovaApp).Assembly), TimeProvider.System)).RequireSchema(ct);
            return await new RetentionSweep(RetentionParts.Kinds, database, settings.Get<RetentionOptions>(), TimeProvider.System, NullLogger<RetentionSweep>.Instance).Remove(before, dryRun, ct);
        }
        catch (DatabaseProblem problem) when (problem.Kind == DatabaseProblemKind.Locked)
        {
            return await Ask(settings, before, dryRun, ct);
        }
        catch (Fault fault)
        {
            throw new StartupFailure(ExitCode.Refused, fault.Message, fault);
        }
    }

    private static async Task<IReadOnlyList<RemovedRows>> Ask(BoundSettings settings, DateTimeOffset before, bool dryRun, CancellationToken ct)
    {
        using var client = new AdminClient(settings);
        var answer = await client.Ask(HttpMethod.Post, "/nova-host/v1/purge", ct, new JsonObject { ["before"] = before.ToString("o", CultureInfo.InvariantCulture), ["dry_run"] = dryRun });
        return [.. answer["rows"]!.AsObject().Select(kind => new RemovedRows(kind.Key, kind.Value!.GetValue<long>()))];
    }
}
