namespace Nova.Modules.Consoles;

/// <summary>What a token that is worth something opens.</summary>
public sealed record ConsoleToken
{
    /// <summary>The server.</summary>
    public Guid ServerId { get; init; }

    /// <summary>Whose it is.</summary>
    public string ProjectId { get; init; } = "";

    /// <summary>The host on which it is and was.</summary>
    public Guid HostId { get; init; }

    /// <summary>One of <see cref="ConsoleTypes"/>.</summary>
    public string Type { get; init; } = "";

    /// <summary>Where the host has it.</summary>
    public string? Host { get; init; }

    /// <summary>The port there.</summary>
    public int Port { get; init; }

    /// <summary>What a proxy has to ask for first.</summary>
    public string? InternalAccessPath { get; init; }

    /// <summary>The port there that speaks TLS.</summary>
    public int? TlsPort { get; init; }
}
