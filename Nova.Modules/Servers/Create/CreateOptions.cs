using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Servers.Create;

/// <summary>How servers are created.</summary>
[SettingsSection("create")]
public sealed record CreateOptions
{
    /// <summary>How many hosts are tried before a create fails.</summary>
    [Description("How many hosts are tried before a create fails."), Range(1, 100)]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>How long a create waits for hosts that are away for a moment.</summary>
    [Description("How many seconds a create waits for a host that would do but is not connected at the moment (it restarts, say) before it ends with no valid host; 0 does not wait."), Range(0, 3600)]
    public int WaitForHostsSeconds { get; init; } = 60;

    /// <summary>The zone shown for servers that asked for none and have no host.</summary>
    [Description("The availability zone of servers that ask for none; empty leaves it to the scheduler.")]
    public string DefaultZone { get; set; } = "";

    /// <summary>Servers of one request that are accepted in one transaction.</summary>
    [Description("How many servers of one create request are accepted in one transaction; a larger request takes several, one after the other."), Range(1, 1000)]
    public int ServersPerTransaction { get; init; } = 100;

    /// <summary>The most servers of one request.</summary>
    [Description("The most servers that one create request may ask for."), Range(1, 100_000)]
    public int MaxServersPerRequest { get; set; } = 1000;
}
