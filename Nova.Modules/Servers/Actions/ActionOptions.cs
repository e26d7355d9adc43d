using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Servers.Actions;

/// <summary>How actions on servers behave.</summary>
[SettingsSection("servers")]
public sealed record ActionOptions
{
    /// <summary>Seconds that a guest gets to shut down by itself.</summary>
    [Description("Seconds that a guest gets to shut down by itself before it is turned off."), Range(0, 3600)]
    public int ShutdownTimeoutSeconds { get; set; } = 60;

    /// <summary>Seconds for which deleted servers can be restored.</summary>
    [Description("Seconds for which deleted servers are kept, so that they can be restored; 0 deletes them at once."), Range(0, 315_360_000)]
    public int ReclaimIntervalSeconds { get; set; }

    /// <summary>What an image of a server does not inherit.</summary>
    [Description("Properties of a server's image that images which are made of the server do not inherit.")]
    public IReadOnlyList<string> NonInheritableImageProperties { get; set; } = ["cache_in_nova", "bittorrent"];

    /// <summary>Seconds for which a host that does not answer is asked to attach or detach an interface.</summary>
    [Description("Seconds for which a host that does not answer is asked to attach an interface before the request fails."), Range(1, 3600)]
    public int InterfaceTimeoutSeconds { get; set; } = 60;

    /// <summary><see cref="InterfaceTimeoutSeconds"/> as a time span.</summary>
    internal TimeSpan InterfaceTimeout => TimeSpan.FromSeconds(InterfaceTimeoutSeconds);

    /// <summary><see cref="ShutdownTimeoutSeconds"/> as a time span.</summary>
    internal TimeSpan ShutdownTimeout => TimeSpan.FromSeconds(ShutdownTimeoutSeconds);
}
