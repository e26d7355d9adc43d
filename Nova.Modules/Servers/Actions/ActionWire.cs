using System.Text.Json;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.Actions;

/// <summary>The action os-start.</summary>
public sealed record StartRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required, WireName("os-start")]
    public JsonElement Start { get; set; }
}

/// <summary>The action os-stop.</summary>
public sealed record StopRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required, WireName("os-stop")]
    public JsonElement Stop { get; set; }
}

/// <summary>The action reboot.</summary>
public sealed record RebootRequest
{
    /// <summary>How.</summary>
    [Required]
    public RebootKind Reboot { get; set; } = null!;
}

/// <summary>How a server is rebooted.</summary>
public sealed record RebootKind
{
    /// <summary>HARD or SOFT.</summary>
    [Required, OneOf("HARD", "Hard", "hard", "SOFT", "Soft", "soft")]
    public string Type { get; set; } = "";

    /// <summary>True when the guest is asked first.</summary>
    internal bool IsSoft => Type.Equals("soft", StringComparison.OrdinalIgnoreCase);
}

/// <summary>The action pause.</summary>
public sealed record PauseRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required]
    public JsonElement Pause { get; set; }
}

/// <summary>The action unpause.</summary>
public sealed record UnpauseRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required]
    public JsonElement Unpause { get; set; }
}

/// <summary>The action suspend.</summary>
public sealed record SuspendRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required]
    public JsonElement Suspend { get; set; }
}

/// <summary>The action resume.</summary>
public sealed record ResumeRequest
{
    /// <summary>Anything, mostly null.</summary>
    [Required]
    public JsonElement Resume { get; set; }
}
