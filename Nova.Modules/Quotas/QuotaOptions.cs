using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Quotas;

/// <summary>Who says what a project may have.</summary>
public enum QuotaDriver
{
    /// <summary>The settings, and the limits that were set through the API.</summary>
    Database,

    /// <summary>The identity service: registered limits, and limits of projects.</summary>
    Unified,
}

/// <summary>What <see cref="QuotaOptions.UnifiedResources"/> means.</summary>
public enum UnregisteredResources
{
    /// <summary>Of these nothing may be had while nobody registered a limit; of others anything.</summary>
    Require,

    /// <summary>Of these anything may be had while nobody registered a limit; of others nothing.</summary>
    Ignore,
}

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

    /// <summary>Where limits come from.</summary>
    [Description("database: limits are the settings below and what is set through the Compute API. unified: limits are those of the identity service (openstack registered limit, openstack limit), and the Compute API only shows them.")]
    public QuotaDriver Driver { get; init; }

    /// <summary>How <see cref="UnifiedResources"/> is read.</summary>
    [Description("With quota.driver = unified: require lets nothing be had of the resources in quota.unified_resources that have no registered limit; ignore lets anything be had of them, and nothing of others without one.")]
    public UnregisteredResources UnifiedStrategy { get; init; }

    /// <summary>Resources by the names of the identity service.</summary>
    [Description("Resources that quota.unified_strategy is about: servers, class:NAME, server_key_pairs, server_groups, server_group_members, server_metadata_items, server_injected_files, server_injected_file_content_bytes, server_injected_file_path_bytes.")]
    public IReadOnlyList<string> UnifiedResources { get; init; } = ["servers"];
}
