using System.Text.Json.Serialization;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.ServerGroups;

/// <summary>POST /os-server-groups.</summary>
public sealed record CreateServerGroupRequest
{
    /// <summary>The group.</summary>
    [Required]
    public NewServerGroup ServerGroup { get; set; } = null!;
}

/// <summary>A group to be made: until 2.63 with a list of one policy, then with a policy and its rules.</summary>
public sealed record NewServerGroup
{
    /// <summary>Need not be unique.</summary>
    [Required, Format("name"), Length(1, 255)]
    public string Name { get; set; } = "";

    /// <summary>One policy.</summary>
    [Until(63), Required, Items(1, 1), UniqueItems]
    [OneOf(GroupPolicies.AntiAffinity, GroupPolicies.Affinity, Until = 14)]
    [OneOf(GroupPolicies.AntiAffinity, GroupPolicies.Affinity, GroupPolicies.SoftAntiAffinity, GroupPolicies.SoftAffinity, Since = 15)]
    public IReadOnlyList<string> Policies { get; set; } = null!;

    /// <summary>The policy.</summary>
    [Since(64), Required, OneOf(GroupPolicies.AntiAffinity, GroupPolicies.Affinity, GroupPolicies.SoftAntiAffinity, GroupPolicies.SoftAffinity)]
    public string Policy { get; set; } = "";

    /// <summary>Only with anti-affinity.</summary>
    [Since(64), NotNull]
    public GroupRules? Rules { get; set; }
}

/// <summary>The rules of a policy.</summary>
public sealed record GroupRules
{
    /// <summary>How many members a host may have.</summary>
    [NotNull, Pattern("^[0-9]*$"), Range(1), Length(1)]
    public Loose<long>? MaxServerPerHost { get; set; }
}

/// <summary>The query of a group.</summary>
[StrictQuery(Since = 102)]
public sealed record ServerGroupQuery;

/// <summary>The query of the list.</summary>
[StrictQuery(Since = 75)]
public sealed record ServerGroupListQuery
{
    /// <summary>Groups of all projects, for administrators; its being there counts.</summary>
    public string? AllProjects { get; set; }

    /// <summary>The most groups; 0 is the configured page.</summary>
    [Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<long>? Limit { get; set; }

    /// <summary>How many to leave out first.</summary>
    [Pattern("^[0-9]*$"), Range(0), Length(1)]
    public Loose<long>? Offset { get; set; }
}

/// <summary>GET /os-server-groups.</summary>
public sealed record ServerGroupListResponse(IReadOnlyList<ServerGroupView> ServerGroups);

/// <summary>One group in an answer.</summary>
public sealed record ServerGroupResponse(ServerGroupView ServerGroup);

/// <summary>A group.</summary>
public sealed record ServerGroupView(ServerGroup Group)
{
    /// <summary>The model is not part of the document.</summary>
    [JsonIgnore]
    public ServerGroup Group { get; } = Group;

    /// <inheritdoc cref="ServerGroup.Id" />
    public Guid Id => Group.Id;

    /// <inheritdoc cref="ServerGroup.Name" />
    public string Name => Group.Name;

    /// <inheritdoc cref="ServerGroup.Policy" />
    [Until(63)]
    public IReadOnlyList<string> Policies => [Group.Policy];

    /// <inheritdoc cref="ServerGroup.Policy" />
    [Since(64)]
    public string Policy => Group.Policy;

    /// <summary>Empty where none was given.</summary>
    [Since(64)]
    public IReadOnlyDictionary<string, long> Rules =>
        Group.MaxServerPerHost is { } most ? new Dictionary<string, long> { ["max_server_per_host"] = most } : new Dictionary<string, long>();

    /// <inheritdoc cref="ServerGroup.Members" />
    public IReadOnlyList<Guid> Members => Group.Members;

    /// <summary>Always empty.</summary>
    [Until(63)]
    public IReadOnlyDictionary<string, string> Metadata => new Dictionary<string, string>();

    /// <inheritdoc cref="ServerGroup.ProjectId" />
    [Since(13)]
    public string ProjectId => Group.ProjectId;

    /// <inheritdoc cref="ServerGroup.UserId" />
    [Since(13)]
    public string UserId => Group.UserId;
}
