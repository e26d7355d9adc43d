using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Quotas;

/// <summary>Default limits of a project; -1 is unlimited. Overrides per project and user are rows of <c>quota_limits</c>.</summary>
[SettingsSection("quota")]
public sealed record QuotaOptions
{
    /// <summary>Servers.</summary>
    [Description("Servers per project; -1 is unlimited."), Range(-1, int.MaxValue)]
    public int Instances { get; set; } = 10;

    /// <summary>Virtual CPUs.</summary>
    [Description("Virtual CPUs per project; -1 is unlimited."), Range(-1, int.MaxValue)]
    public int Cores { get; set; } = 20;

    /// <summary>Memory in MiB.</summary>
    [Description("Memory of servers per project in MiB; -1 is unlimited."), Range(-1, int.MaxValue)]
    public int Ram { get; set; } = 51200;

    /// <summary>Metadata items of one server.</summary>
    [Description("Metadata items of a server; -1 is unlimited."), Range(-1, int.MaxValue)]
    public int MetadataItems { get; set; } = 128;

    /// <summary>Injected files of one create (until 2.56).</summary>
    [Description("Injected files of a create; -1 is unlimited."), Range(-1, int.MaxValue)]
    public int InjectedFiles { get; set; } = 5;

    /// <summary>Bytes of an injected file.</summary>
    [Description("Bytes of one injected file; -1 is unlimited."), Range(-1, int.MaxValue)]
    public int InjectedFileContentBytes { get; set; } = 10240;

    /// <summary>Length of an injected file's path.</summary>
    [Description("Length of an injected file's path; -1 is unlimited."), Range(-1, int.MaxValue)]
    public int InjectedFilePathLength { get; set; } = 255;

    /// <summary>Key pairs of one user.</summary>
    [Description("Key pairs per user; -1 is unlimited."), Range(-1, int.MaxValue)]
    public int KeyPairs { get; set; } = 100;

    /// <summary>Server groups.</summary>
    [Description("Server groups per project; -1 is unlimited."), Range(-1, int.MaxValue)]
    public int ServerGroups { get; set; } = 10;

    /// <summary>Members of one server group.</summary>
    [Description("Servers in a server group; -1 is unlimited."), Range(-1, int.MaxValue)]
    public int ServerGroupMembers { get; set; } = 10;
}
