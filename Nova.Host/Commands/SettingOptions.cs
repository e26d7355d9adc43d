using System.CommandLine;
using Nova.Host.Configuration;

namespace Nova.Host.Commands;

/// <summary>The options that are short names of settings. Their values are checked with all other settings, not by the parser.</summary>
internal sealed class SettingOptions
{
    private const string DefaultFile = "appsettings.json";

    private readonly List<(Option<string> Option, string Key)> _settings = [];
    private readonly Option<string> _config = new("--config")
    {
        HelpName = "FILE", Description = "Settings as JSON with comments; without it appsettings.json of the current directory, where it exists.", Recursive = true,
    };

    public SettingOptions(Command root)
    {
        Add("--role", "server.role", "all|api|scheduler|conductor|compute[,…]", "The parts that this process plays. Default: all.");
        root.Add(_config);
        Add("--data", "server.data", "DIR", "The data directory. Default: data.").Recursive = true;
        Add("--port", "server.port", "N", "The port of the API; 0 takes a free one. Default: 8774.").Recursive = true;
        Add("--listen", "server.listen", "ADDRESS", "The address of the API. Default: 127.0.0.1.").Recursive = true;
        Add("--admin-listen", "server.admin_listen", "ADDRESS:PORT", "The admin listener (/metrics). Default: 127.0.0.1 and the port of the API plus 20000.");
        Add("--rpc-listen", "server.rpc_listen", "ADDRESS:PORT", "Where roles of other processes are served. Default: 127.0.0.1 and the port of the API plus 10000; closed when nothing is remote.");
        Add("--rpc-advertise", "server.rpc_advertise", "ADDRESS:PORT", "What other processes are told for it. Default: the same.");
        Add("--conductors", "server.conductors", "ADDRESS:PORT[,…]", "On a compute of its own: the conductors to dial.");
        Add("--schedulers", "server.schedulers", "ADDRESS:PORT[,…]", "On an api or conductor without a scheduler of its own: where the schedulers are.");
        Add("--database", "database.kind", "sqlite|postgres", "Default: sqlite, in the data directory.").Recursive = true;
        Add("--connection", "database.connection", "STRING", "PostgreSQL's connection string.").Recursive = true;
        Add("--driver", "compute.driver", "libvirt|fake", "What runs the guests. Default: libvirt.");
        Add("--hosts", "compute.hosts", "N", "How many hosts the fake driver plays. Default: 1.");
        Add("--identity", "identity.kind", "embedded|keystone|test", "Who checks tokens; test believes every one, on loopback only. Default: embedded.").Recursive = true;
        Add("--wire", "server.wire", "direct|grpc", "How role calls travel inside one process; grpc is for tests. Default: direct.");
        Add("--log", "log.format", "text|json", "How log lines look. Default: text.");
        foreach (var (option, _) in _settings)
            root.Add(option);
    }

    /// <summary>The settings of a command line, the file and the environment under it.</summary>
    /// <exception cref="SettingsException">Something is wrong with them.</exception>
    public BoundSettings Bind(ParseResult line)
    {
        var origin = Origin(line);
        return origin.Read().From(origin);
    }

    /// <summary>Lets a command take the options too that otherwise only the root takes.</summary>
    public void AddRest(Command command)
    {
        foreach (var (option, _) in _settings.Where(setting => !setting.Option.Recursive))
            command.Add(option);
    }

    private SettingsOrigin Origin(ParseResult line)
    {
        var file = Path.GetFullPath(line.GetValue(_config) ?? DefaultFile);
        var mustExist = line.GetValue(_config) is not null;
        var others = SettingsSources.Environment(Environment.GetEnvironmentVariables()).Concat(OfLine(line)).ToArray();
        return new(file, () => new SettingsBinder(SettingsCatalog.OfProgram()).Bind(mustExist || File.Exists(file) ? SettingsSources.File(file) : [], others));
    }

    private IEnumerable<RawSetting> OfLine(ParseResult line) =>
        from pair in _settings
        let value = line.GetValue(pair.Option)
        where value is not null
        select new RawSetting(pair.Key, new(value), $"command line {pair.Option.Name}");

    private Option<string> Add(string name, string key, string helpName, string description)
    {
        var option = new Option<string>(name) { HelpName = helpName, Description = description };
        if (!helpName.Contains(':', StringComparison.Ordinal) && helpName.Contains('|', StringComparison.Ordinal))
            option.CompletionSources.Add(helpName.Replace("[,…]", "", StringComparison.Ordinal).Split('|'));
        _settings.Add((option, key));
        return option;
    }
}
