using System.ComponentModel;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Policy;

/// <summary>Who may do what.</summary>
[SettingsSection("policy")]
public sealed record PolicyOptions
{
    /// <summary>A path, relative to the directory in which the process was started.</summary>
    [Description("The policy.yaml with the rules that differ from the defaults; null is policy.yaml of the data directory, where it exists. Read again when it changes and at SIGHUP.")]
    public string? File { get; init; }

    /// <summary>False during a move from roles of old.</summary>
    [Description("false accepts the former, more open defaults of rules beside the new ones, as older clouds did.")]
    public bool EnforceNewDefaults { get; init; } = true;

    /// <summary>False during a move to scoped tokens.</summary>
    [Description("false lets tokens of the system or of a domain pass rules that are meant for tokens of projects, when their roles suffice.")]
    public bool EnforceScope { get; init; } = true;
}
