using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Consoles;

/// <summary>POST /servers/{server_id}/remote-consoles.</summary>
public sealed record RemoteConsoleRequest
{
    /// <summary>Which.</summary>
    [Required]
    public RemoteConsoleOptions RemoteConsole { get; set; } = null!;
}

/// <summary>Which console is wanted.</summary>
public sealed record RemoteConsoleOptions
{
    /// <summary>What is spoken.</summary>
    [Required]
    [OneOf("vnc", "spice", "serial", "rdp", Until = 7)]
    [OneOf("vnc", "spice", "serial", "rdp", "mks", Since = 8)]
    public string Protocol { get; set; } = "";

    /// <summary>How it is shown.</summary>
    [Required]
    [OneOf("novnc", "xvpvnc", "spice-html5", "serial", "rdp-html5", Until = 7)]
    [OneOf("novnc", "xvpvnc", "spice-html5", "serial", "rdp-html5", "webmks", Since = 8, Until = 98)]
    [OneOf("novnc", "xvpvnc", "spice-html5", "serial", "rdp-html5", "webmks", "spice-direct", Since = 99)]
    public string Type { get; set; } = "";
}

/// <summary>A console as its user opens it.</summary>
public sealed record RemoteConsoleResponse(RemoteConsoleView RemoteConsole);

/// <summary>Within the answer.</summary>
public sealed record RemoteConsoleView(string Protocol, string Type, string Url);

/// <summary>The action os-getVNCConsole.</summary>
public sealed record VncConsoleRequest
{
    /// <summary>Which.</summary>
    [Required, WireName("os-getVNCConsole")]
    public VncConsoleOptions Options { get; set; } = null!;
}

/// <summary>How a screen is shown.</summary>
public sealed record VncConsoleOptions
{
    /// <summary>The client.</summary>
    [Required, OneOf("novnc", "xvpvnc")]
    public string Type { get; set; } = "";
}

/// <summary>The action os-getSPICEConsole.</summary>
public sealed record SpiceConsoleRequest
{
    /// <summary>Which.</summary>
    [Required, WireName("os-getSPICEConsole")]
    public SpiceConsoleOptions Options { get; set; } = null!;
}

/// <summary>How a screen is shown.</summary>
public sealed record SpiceConsoleOptions
{
    /// <summary>The client.</summary>
    [Required, OneOf("spice-html5")]
    public string Type { get; set; } = "";
}

/// <summary>The action os-getSerialConsole.</summary>
public sealed record SerialConsoleRequest
{
    /// <summary>Which.</summary>
    [Required, WireName("os-getSerialConsole")]
    public SerialConsoleOptions Options { get; set; } = null!;
}

/// <summary>How a serial port is shown.</summary>
public sealed record SerialConsoleOptions
{
    /// <summary>The client.</summary>
    [Required, OneOf("serial")]
    public string Type { get; set; } = "";
}

/// <summary>A console as its user opens it, until 2.5.</summary>
public sealed record ConsoleResponse(ConsoleView Console);

/// <summary>Within the answer.</summary>
public sealed record ConsoleView(string Type, string Url);

/// <summary>The query of a token.</summary>
[StrictQuery(Since = 99)]
public sealed record ConsoleTokenQuery;

/// <summary>What a token opens.</summary>
public sealed record ConsoleTokenResponse(ConsoleTokenView Console);

/// <summary>Within the answer.</summary>
public sealed record ConsoleTokenView
{
    /// <summary>The server.</summary>
    public required Guid InstanceUuid { get; init; }

    /// <summary>Where its host has the console.</summary>
    public required string? Host { get; init; }

    /// <summary>The port there.</summary>
    public required int Port { get; init; }

    /// <summary>What a proxy has to ask for first.</summary>
    public required string? InternalAccessPath { get; init; }

    /// <summary>The port there that speaks TLS.</summary>
    [Since(99)]
    public required int? TlsPort { get; init; }
}
