using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Nova.Drivers.Database;
using Nova.Host.Configuration;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Startup;

namespace Nova.Host.Commands;

/// <summary>The command line: what can be said, and how it ends.</summary>
public static class NovaCommandLine
{
    /// <summary>Runs what the arguments say. No exception leaves it; the number is one of <see cref="ExitCode"/>.</summary>
    public static async Task<int> Run(string[] args)
    {
        // Why it ended is for whoever started it, also when the log goes to a file.
        var error = Console.Error;
        try
        {
            var line = Create().Parse(args);
            if (line.Action is ParseErrorAction refusal)
                refusal.ShowHelp = false;

            // The host listens for SIGTERM and Ctrl-C itself, and ends within its own limits.
            var code = await line.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
            return line.Errors.Count > 0 ? (int)ExitCode.Usage : code;
        }
        catch (SettingsException e)
        {
            return await Refuse(error, (int)ExitCode.Usage, e.Message);
        }
        catch (StartupFailure e)
        {
            return await Refuse(error, (int)e.Code, e.Message);
        }
        catch (DatabaseProblem e)
        {
            return await Refuse(error, e.ExitCode, $"{e.Message} {e.Advice}");
        }
        catch (Fault e)
        {
            // Before the first request a fault is about this machine: libvirt, a tool, a neighbour.
            return await Refuse(error, (int)ExitCode.Machine, e.Message);
        }
#pragma warning disable CA1031 // The last edge: whatever was not expected is a defect, shown whole, and never a core dump.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return await Refuse(error, (int)ExitCode.Defect, $"this is a defect; please report it with these lines:\n{e}");
        }
    }

    private static RootCommand Create()
    {
        var root = new RootCommand("Turns machines into a compute cloud with the OpenStack Compute and Placement APIs.");
        var options = new SettingOptions(root);
        root.SetAction((line, ct) => Server.Serve(options.Bind(line), ct));
        root.Add(DatabaseCommand.Create(options));
        root.Add(OperationsCommand.Create(options));
        root.Add(ExplainCommand.Create(options));
        root.Add(CapacityCommand.Create(options));
        root.Add(CapacityCommand.CreateWhatIf(options));
        root.Add(ConfigCommand.Create(options));
        root.Add(CompletionCommand.Create());
        root.Add(PurgeCommand.Create(options));
        root.Add(Version());

        var help = root.Options.OfType<HelpOption>().Single();
        foreach (var windows in help.Aliases.Where(alias => alias[0] == '/').ToArray())
            help.Aliases.Remove(windows);
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    private static Command Version()
    {
        var version = new Command("version", "Prints the release and ends.");
        version.SetAction(line => line.InvocationConfiguration.Output.WriteLine($"nova-host {ProgramVersion.Text}"));
        return version;
    }

    private static async Task<int> Refuse(TextWriter error, int code, string message)
    {
        await error.WriteLineAsync($"nova-host: {message}");
        return code;
    }

    private sealed class HelpWithExamples(HelpAction plain) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            plain.Invoke(parseResult);
            if (parseResult.CommandResult.Command is RootCommand)
                parseResult.InvocationConfiguration.Output.Write(
                    """
                    Examples:
                      nova-host --data /var/lib/nova-host                                 everything in one process, with libvirt
                      nova-host --driver fake --hosts 100 --identity test                 try it without a hypervisor; X-Auth-Token: admin
                      nova-host --role api,scheduler,conductor --rpc-listen 10.0.0.1:18774
                      nova-host --role compute --conductors 10.0.0.1:18774 --data /var/lib/nova-compute
                      NOVA__SERVER__PORT=8780 nova-host --config site.json                 the environment is stronger than the file

                    Exit codes:
                      0  ended as asked                                  5  the data directory cannot be written
                      1  a defect; the log has its stack trace           6  a part of this machine is missing (libvirt, tools)
                      2  the command line or a setting is wrong          7  the running instance does not answer, or refused
                      4  an address or port cannot be listened on        20-31  the database: see docs/operating.md

                    Every setting, with its default: nova-host config show, appsettings.example.json.

                    """);
            return 0;
        }
    }
}
