using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.AvailabilityZones;

/// <summary>Availability zones.</summary>
[SettingsSection("zones")]
public sealed record ZoneOptions
{
    /// <summary>The zone of hosts that no aggregate puts into one.</summary>
    [Description("The availability zone of hosts that no host aggregate puts into one.")]
    [Required, RegularExpression("^[^:,]{1,255}$", ErrorMessage = "A zone has 1 to 255 characters and neither ':' nor ','.")]
    public string Default { get; init; } = "nova";
}
