using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Drivers.Database.Postgres;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Settings;

namespace Nova.Host.Configuration;

/// <summary>The kinds of database.</summary>
public enum DatabaseKind
{
    /// <summary>A file in the data directory; one process holds it.</summary>
    Sqlite,

    /// <summary>A server; needed for more than one process per role.</summary>
    Postgres,
}

/// <summary>The kinds of hypervisor.</summary>
public enum DriverKind
{
    /// <summary>QEMU through libvirt.</summary>
    Libvirt,

    /// <summary>Guests in a file, for tests and benchmarks.</summary>
    Fake,
}

/// <summary>Who says who a token stands for.</summary>
public enum IdentityKind
{
    /// <summary>The identity service of this process.</summary>
    Embedded,

    /// <summary>The site's Keystone.</summary>
    Keystone,

    /// <summary>Every token is believed; only for tests, only on loopback.</summary>
    Test,
}

/// <summary>How log lines look.</summary>
public enum LogFormat
{
    /// <summary>One line for people.</summary>
    Text,

    /// <summary>One JSON object per line.</summary>
    Json,
}

/// <summary>Where the rows are.</summary>
[SettingsSection("database")]
public sealed record DatabaseSettings
{
    [Description("sqlite keeps everything in one file of the data directory; postgres is for more than one process per role.")]
    public DatabaseKind Kind { get; init; } = DatabaseKind.Sqlite;

    [Description("The connection string of PostgreSQL (Host=…;Database=…;Username=…;Password=…); null with sqlite.")]
    public Secret? Connection { get; init; }

    [Description("How many read-only connections this process has to PostgreSQL at most; more reads wait. All processes together, with two for each one's writes, must stay below the server's max_connections.")]
    [Range(1, 1000)]
    public int ReadConnections { get; init; } = PostgresDatabase.DefaultReaders;
}

/// <summary>The hypervisors of this process.</summary>
[SettingsSection("compute")]
public sealed record ComputeSettings
{
    [Description("What runs the guests.")]
    public DriverKind Driver { get; init; } = DriverKind.Libvirt;

    [Description("How many hosts this process plays; any number but 1 only with the fake driver. 0 leaves Placement empty.")]
    [Range(0, 100_000)]
    public int Hosts { get; init; } = 1;

    [Description("Guests of active servers that do not run when this process starts, as after a reboot of the machine, are started; otherwise their servers are shown as shut off.")]
    public bool ResumeGuestsStateOnHostBoot { get; init; }
}

/// <summary>The identity service.</summary>
[SettingsSection("identity")]
public sealed record IdentitySettings
{
    [Description("embedded has users, projects and passwords of its own; keystone asks the site's Keystone (section keystone); test believes every token and is refused on any address but loopback.")]
    public IdentityKind Kind { get; init; } = IdentityKind.Embedded;
}

/// <summary>The log.</summary>
[SettingsSection("log")]
public sealed record LogSettings
{
    [Description("How a line looks.")]
    public LogFormat Format { get; init; } = LogFormat.Text;

    [Description("The least severe level that is written.")]
    public LogLevel Level { get; set; } = LogLevel.Information;

    [Description("The file to which the log is appended; null is standard error. A full file becomes FILE.1, that FILE.2, and so on.")]
    public string? File { get; init; }

    [Description("How large the log file becomes, in MiB.")]
    [Range(1, 1 << 20)]
    public int FileMb { get; init; } = 64;

    [Description("How many older log files are kept.")]
    [Range(0, 1000)]
    public int OlderFiles { get; init; } = 3;
}
