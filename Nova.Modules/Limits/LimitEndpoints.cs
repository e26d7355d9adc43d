using Nova.Modules.Api;
using Nova.Modules.Quotas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Limits;

/// <summary>https://docs.openstack.org/api-ref/compute/#limits-limits.</summary>
public sealed class LimitEndpoints(QuotaStore quotas) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes) => routes.Get("/limits", Show).Requires("os_compute_api:limits");

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var asked = caller.QueryAs<LimitQuery>().TenantId;
        if (asked is not null)
            caller.Require("os_compute_api:limits:other_project");

        var project = asked ?? caller.ProjectId;
        var limits = await quotas.Shown(project, null, ct);
        var used = await quotas.Usages(project, null, ct);
        return Answer.Json(new LimitResponse(new([], new()
        {
            MaxServerMeta = limits["metadata_items"],
            MaxPersonality = limits["injected_files"],
            MaxPersonalitySize = limits["injected_file_content_bytes"],
            MaxTotalCores = limits["cores"],
            MaxTotalInstances = limits["instances"],
            MaxTotalRamSize = limits["ram"],
            MaxTotalKeypairs = limits["key_pairs"],
            MaxServerGroups = limits["server_groups"],
            MaxServerGroupMembers = limits["server_group_members"],
            TotalCoresUsed = used["cores"],
            TotalInstancesUsed = used["instances"],
            TotalRamUsed = used["ram"],
            TotalServerGroupsUsed = used["server_groups"],
            MaxTotalFloatingIps = limits["floating_ips"],
            MaxSecurityGroups = limits["security_groups"],
            MaxSecurityGroupRules = limits["security_group_rules"],
        })));
    }
}

/// <summary>The query.</summary>
[StrictQuery(Since = 75)]
public sealed record LimitQuery
{
    /// <summary>Another project, for administrators.</summary>
    public string? TenantId { get; set; }
}

/// <summary>GET /limits.</summary>
public sealed record LimitResponse(LimitView Limits);

/// <summary>Rates are always empty.</summary>
public sealed record LimitView(IReadOnlyList<object> Rate, AbsoluteLimits Absolute);

/// <summary>Limits of a project and what it uses; -1 is unlimited. What belongs to the network service is unlimited here, and gone from 2.36.</summary>
public sealed record AbsoluteLimits
{
    /// <summary>Metadata items of a server.</summary>
    [WireName("maxServerMeta")]
    public required long MaxServerMeta { get; init; }

    /// <summary>Metadata items of an image.</summary>
    [Until(38), WireName("maxImageMeta")]
    public long MaxImageMeta => MaxServerMeta;

    /// <summary>Injected files.</summary>
    [Until(56), WireName("maxPersonality")]
    public required long MaxPersonality { get; init; }

    /// <summary>Bytes of an injected file.</summary>
    [Until(56), WireName("maxPersonalitySize")]
    public required long MaxPersonalitySize { get; init; }

    /// <summary>Virtual CPUs.</summary>
    [WireName("maxTotalCores")]
    public required long MaxTotalCores { get; init; }

    /// <summary>Servers.</summary>
    [WireName("maxTotalInstances")]
    public required long MaxTotalInstances { get; init; }

    /// <summary>MiB.</summary>
    [WireName("maxTotalRAMSize")]
    public required long MaxTotalRamSize { get; init; }

    /// <summary>Key pairs of a user.</summary>
    [WireName("maxTotalKeypairs")]
    public required long MaxTotalKeypairs { get; init; }

    /// <summary>Server groups.</summary>
    [WireName("maxServerGroups")]
    public required long MaxServerGroups { get; init; }

    /// <summary>Servers in a group.</summary>
    [WireName("maxServerGroupMembers")]
    public required long MaxServerGroupMembers { get; init; }

    /// <summary>Kept for clients; the network service has limits of its own.</summary>
    [Until(35), WireName("maxTotalFloatingIps")]
    public required long MaxTotalFloatingIps { get; init; }

    /// <summary>Kept for clients; the network service has limits of its own.</summary>
    [Until(35), WireName("maxSecurityGroups")]
    public required long MaxSecurityGroups { get; init; }

    /// <summary>Kept for clients; the network service has limits of its own.</summary>
    [Until(35), WireName("maxSecurityGroupRules")]
    public required long MaxSecurityGroupRules { get; init; }

    /// <summary>Virtual CPUs.</summary>
    [WireName("totalCoresUsed")]
    public required long TotalCoresUsed { get; init; }

    /// <summary>Servers.</summary>
    [WireName("totalInstancesUsed")]
    public required long TotalInstancesUsed { get; init; }

    /// <summary>MiB.</summary>
    [WireName("totalRAMUsed")]
    public required long TotalRamUsed { get; init; }

    /// <summary>Server groups.</summary>
    [WireName("totalServerGroupsUsed")]
    public required long TotalServerGroupsUsed { get; init; }

    /// <summary>Counted by the network service.</summary>
    [Until(35), WireName("totalFloatingIpsUsed")]
    public long TotalFloatingIpsUsed => 0;

    /// <summary>Counted by the network service.</summary>
    [Until(35), WireName("totalSecurityGroupsUsed")]
    public long TotalSecurityGroupsUsed => 0;
}
