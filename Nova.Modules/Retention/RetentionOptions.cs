using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Retention;

/// <summary>How long what is over is kept.</summary>
[SettingsSection("retention")]
public sealed record RetentionOptions
{
    /// <summary>Days.</summary>
    [Description("Days for which deleted servers can still be listed, with their actions; 0 keeps them for ever."), Range(0, 36_500)]
    public int ServersDays { get; set; } = 30;

    /// <summary>Days.</summary>
    [Description("Days for which finished operations, which are the actions of servers, are kept; 0 keeps them for ever."), Range(0, 36_500)]
    public int OperationsDays { get; set; } = 30;

    /// <summary>Days.</summary>
    [Description("Days for which events can be read again by whoever follows them; 0 keeps them for ever."), Range(0, 36_500)]
    public int EventsDays { get; set; } = 7;
}
