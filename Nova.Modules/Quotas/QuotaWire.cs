using System.Text.Json.Serialization;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Quotas;

/// <summary>PUT /os-quota-sets/{project}.</summary>
public sealed record UpdateQuotaSetRequest
{
    /// <summary>The limits that change.</summary>
    [Required]
    public QuotaSetChange QuotaSet { get; set; } = null!;
}

/// <summary>PUT /os-quota-class-sets/{class}.</summary>
public sealed record UpdateQuotaClassRequest
{
    /// <summary>The limits that change.</summary>
    [Required]
    public QuotaClassChange QuotaClassSet { get; set; } = null!;
}

/// <summary>New limits of a project or a user.</summary>
public sealed record QuotaSetChange
{
    private const string Number = "^-?[0-9]+$";
    private const int Most = int.MaxValue;

    /// <summary>Servers.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? Instances { get; set; }

    /// <summary>Virtual CPUs.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? Cores { get; set; }

    /// <summary>MiB.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? Ram { get; set; }

    /// <summary>Kept for clients.</summary>
    [Until(35), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? FloatingIps { get; set; }

    /// <summary>Kept for clients.</summary>
    [Until(35), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? FixedIps { get; set; }

    /// <summary>Of a server.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? MetadataItems { get; set; }

    /// <summary>Of a user.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? KeyPairs { get; set; }

    /// <summary>Kept for clients.</summary>
    [Until(35), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? SecurityGroups { get; set; }

    /// <summary>Kept for clients.</summary>
    [Until(35), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? SecurityGroupRules { get; set; }

    /// <summary>Of a create.</summary>
    [Until(56), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? InjectedFiles { get; set; }

    /// <summary>Bytes.</summary>
    [Until(56), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? InjectedFileContentBytes { get; set; }

    /// <summary>Characters of a path.</summary>
    [Until(56), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? InjectedFilePathBytes { get; set; }

    /// <summary>Groups.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? ServerGroups { get; set; }

    /// <summary>Servers in a group.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? ServerGroupMembers { get; set; }

    /// <summary>Also below what is used.</summary>
    [NotNull]
    public Loose<bool>? Force { get; set; }

    /// <summary>What was sent, by resource.</summary>
    public IReadOnlyDictionary<string, long> Limits() => Sent(
        Instances, Cores, Ram, FixedIps, FloatingIps, MetadataItems, InjectedFiles, InjectedFileContentBytes, InjectedFilePathBytes,
        SecurityGroups, SecurityGroupRules, KeyPairs, ServerGroups, ServerGroupMembers);

    // In the order of the resources.
    internal static Dictionary<string, long> Sent(params Loose<int>?[] values) =>
        QuotaResources.All.Zip(values).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First, pair => (long)pair.Second!.Value.Value);
}

/// <summary>New limits of a class.</summary>
public sealed record QuotaClassChange
{
    private const string Number = "^-?[0-9]+$";
    private const int Most = int.MaxValue;

    /// <summary>Servers.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? Instances { get; set; }

    /// <summary>Virtual CPUs.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? Cores { get; set; }

    /// <summary>MiB.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? Ram { get; set; }

    /// <summary>Kept for clients.</summary>
    [Until(49), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? FloatingIps { get; set; }

    /// <summary>Kept for clients.</summary>
    [Until(49), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? FixedIps { get; set; }

    /// <summary>Of a server.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? MetadataItems { get; set; }

    /// <summary>Of a user.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? KeyPairs { get; set; }

    /// <summary>Kept for clients.</summary>
    [Until(49), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? SecurityGroups { get; set; }

    /// <summary>Kept for clients.</summary>
    [Until(49), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? SecurityGroupRules { get; set; }

    /// <summary>Of a create.</summary>
    [Until(56), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? InjectedFiles { get; set; }

    /// <summary>Bytes.</summary>
    [Until(56), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? InjectedFileContentBytes { get; set; }

    /// <summary>Characters of a path.</summary>
    [Until(56), NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? InjectedFilePathBytes { get; set; }

    /// <summary>Groups.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? ServerGroups { get; set; }

    /// <summary>Servers in a group.</summary>
    [NotNull, Pattern(Number), Range(-1, Most)]
    public Loose<int>? ServerGroupMembers { get; set; }

    /// <summary>What was sent, by resource.</summary>
    public IReadOnlyDictionary<string, long> Limits() => QuotaSetChange.Sent(
        Instances, Cores, Ram, FixedIps, FloatingIps, MetadataItems, InjectedFiles, InjectedFileContentBytes, InjectedFilePathBytes,
        SecurityGroups, SecurityGroupRules, KeyPairs, ServerGroups, ServerGroupMembers);
}

/// <summary>The query of quota sets.</summary>
[StrictQuery(Since = 75)]
public sealed record QuotaSetQuery
{
    /// <summary>One user of the project; the first value counts.</summary>
    public string[]? UserId { get; set; }
}

/// <summary>A query that knows no parameter.</summary>
[StrictQuery(Since = 102)]
public sealed record QuotaClassQuery;

/// <summary>Limits of a project, a user or the defaults.</summary>
public sealed record QuotaSetResponse<T>(QuotaSetView<T> QuotaSet);

/// <summary>Limits of a class.</summary>
public sealed record QuotaClassResponse(QuotaClassView QuotaClassSet);

/// <summary>One resource in the detailed view.</summary>
/// <param name="InUse">What is used.</param>
/// <param name="Limit">-1 is unlimited.</param>
/// <param name="Reserved">Always 0: quota is taken at once.</param>
public sealed record QuotaDetail(long InUse, long Limit, long Reserved);

/// <summary>A value for each resource: a limit, or a limit with its usage.</summary>
public sealed class QuotaSetView<T>(string? id, IReadOnlyDictionary<string, T> values)
{
    /// <summary>The project; absent in the answer to a change.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id => id;

    /// <summary>Servers.</summary>
    public T Instances => values["instances"];

    /// <summary>Virtual CPUs.</summary>
    public T Cores => values["cores"];

    /// <summary>MiB.</summary>
    public T Ram => values["ram"];

    /// <summary>Kept for clients.</summary>
    [Until(35)]
    public T FixedIps => values["fixed_ips"];

    /// <summary>Kept for clients.</summary>
    [Until(35)]
    public T FloatingIps => values["floating_ips"];

    /// <summary>Of a server.</summary>
    public T MetadataItems => values["metadata_items"];

    /// <summary>Of a create.</summary>
    [Until(56)]
    public T InjectedFiles => values["injected_files"];

    /// <summary>Bytes.</summary>
    [Until(56)]
    public T InjectedFileContentBytes => values["injected_file_content_bytes"];

    /// <summary>Characters of a path.</summary>
    [Until(56)]
    public T InjectedFilePathBytes => values["injected_file_path_bytes"];

    /// <summary>Kept for clients.</summary>
    [Until(35)]
    public T SecurityGroups => values["security_groups"];

    /// <summary>Kept for clients.</summary>
    [Until(35)]
    public T SecurityGroupRules => values["security_group_rules"];

    /// <summary>Of a user.</summary>
    public T KeyPairs => values["key_pairs"];

    /// <summary>Groups.</summary>
    public T ServerGroups => values["server_groups"];

    /// <summary>Servers in a group.</summary>
    public T ServerGroupMembers => values["server_group_members"];
}

/// <summary>The limits of a class; 2.50 dropped what the network service counts and added groups.</summary>
public sealed class QuotaClassView(string? id, IReadOnlyDictionary<string, long> values)
{
    /// <summary>The class; absent in the answer to a change.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id => id;

    /// <summary>Servers.</summary>
    public long Instances => values["instances"];

    /// <summary>Virtual CPUs.</summary>
    public long Cores => values["cores"];

    /// <summary>MiB.</summary>
    public long Ram => values["ram"];

    /// <summary>Kept for clients.</summary>
    [Until(49)]
    public long FixedIps => values["fixed_ips"];

    /// <summary>Kept for clients.</summary>
    [Until(49)]
    public long FloatingIps => values["floating_ips"];

    /// <summary>Of a server.</summary>
    public long MetadataItems => values["metadata_items"];

    /// <summary>Of a create.</summary>
    [Until(56)]
    public long InjectedFiles => values["injected_files"];

    /// <summary>Bytes.</summary>
    [Until(56)]
    public long InjectedFileContentBytes => values["injected_file_content_bytes"];

    /// <summary>Characters of a path.</summary>
    [Until(56)]
    public long InjectedFilePathBytes => values["injected_file_path_bytes"];

    /// <summary>Kept for clients.</summary>
    [Until(49)]
    public long SecurityGroups => values["security_groups"];

    /// <summary>Kept for clients.</summary>
    [Until(49)]
    public long SecurityGroupRules => values["security_group_rules"];

    /// <summary>Of a user.</summary>
    public long KeyPairs => values["key_pairs"];

    /// <summary>Groups.</summary>
    [Since(50)]
    public long ServerGroups => values["server_groups"];

    /// <summary>Servers in a group.</summary>
    [Since(50)]
    public long ServerGroupMembers => values["server_group_members"];
}
