namespace Nova.Modules.Shared.Startup;

/// <summary>
/// The process cannot start, for a reason that its operator can mend. The message says what happened and what to do
/// next; it is printed without a stack trace, and the process ends with the code.
/// </summary>
public sealed class StartupFailure(ExitCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>With which the process ends.</summary>
    public ExitCode Code => code;
}

/// <summary>
/// The exit codes of <c>nova-host</c>, as docs/operating.md lists them; 20 to 31 are those of the database. Numbers are never reused.
/// </summary>
public enum ExitCode
{
    /// <summary>Ended as asked: SIGTERM, Ctrl-C, or a command that did its work.</summary>
    Done = 0,

    /// <summary>A defect of the program; the log has its stack trace.</summary>
    Defect = 1,

    /// <summary>The command line or a setting is wrong; the message lists all problems.</summary>
    Usage = 2,

    /// <summary>An address or port cannot be listened on.</summary>
    Address = 4,

    /// <summary>The data directory or a file in it cannot be written.</summary>
    DataDirectory = 5,

    /// <summary>The hypervisor, the network tools or another part of this machine is not there.</summary>
    Machine = 6,

    /// <summary>The running instance does not answer, or refused the command.</summary>
    Refused = 7,

    /// <summary>The conductors refuse this host: its name changed, or another process has its identity.</summary>
    HostRefused = 8,
}
