namespace Nova.Modules.Quotas;

/// <summary>What is counted, by the names of the API, in its order.</summary>
public static class QuotaResources
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "instances", "cores", "ram", "fixed_ips", "floating_ips", "metadata_items", "injected_files", "injected_file_content_bytes",
        "injected_file_path_bytes", "security_groups", "security_group_rules", "key_pairs", "server_groups", "server_group_members",
    ];

    /// <summary>The limits of the settings; what the network service counts is unlimited here.</summary>
    public static Dictionary<string, long> Of(QuotaOptions defaults) => new()
    {
        ["instances"] = defaults.Instances,
        ["cores"] = defaults.Cores,
        ["ram"] = defaults.Ram,
        ["fixed_ips"] = -1,
        ["floating_ips"] = -1,
        ["metadata_items"] = defaults.MetadataItems,
        ["injected_files"] = defaults.InjectedFiles,
        ["injected_file_content_bytes"] = defaults.InjectedFileContentBytes,
        ["injected_file_path_bytes"] = defaults.InjectedFilePathLength,
        ["security_groups"] = -1,
        ["security_group_rules"] = -1,
        ["key_pairs"] = defaults.KeyPairs,
        ["server_groups"] = defaults.ServerGroups,
        ["server_group_members"] = defaults.ServerGroupMembers,
    };
}
