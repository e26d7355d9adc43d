using System.Text.Json.Serialization;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.InstanceActions;

/// <summary>The query of the list.</summary>
[StrictQuery(Since = 58)]
public sealed record ActionListQuery
{
    /// <summary>The most items.</summary>
    [Since(58), Pattern("^[0-9]*$"), Range(0), Length(1), Once]
    public Loose<int>? Limit { get; set; }

    /// <summary>The request id of the last item of the page before.</summary>
    [Since(58), Once]
    public string? Marker { get; set; }

    /// <summary>Changed at this time or later.</summary>
    [Since(58), WireName("changes-since"), Format("date-time"), Once]
    public string? ChangesSince { get; set; }

    /// <summary>Changed at this time or earlier.</summary>
    [Since(66), WireName("changes-before"), Format("date-time"), Once]
    public string? ChangesBefore { get; set; }
}

/// <summary>GET /servers/{id}/os-instance-actions.</summary>
public sealed record ActionListResponse(
    [property: WireName("instanceActions")] IReadOnlyList<ActionView> Actions,
    [property: Since(58), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Link>? Links);

/// <summary>GET /servers/{id}/os-instance-actions/{request}.</summary>
public sealed record ActionResponse([property: WireName("instanceAction")] ActionView Action);

/// <summary>What was done to a server, and by whom.</summary>
public sealed record ActionView
{
    /// <summary>create, delete, stop …</summary>
    public required string Action { get; init; }

    /// <summary>The server.</summary>
    [WireName("instance_uuid")]
    public required Guid ServerId { get; init; }

    /// <summary>The request that asked for it.</summary>
    public required string RequestId { get; init; }

    /// <summary>Who asked.</summary>
    public required string UserId { get; init; }

    /// <summary>The server's project.</summary>
    public required string ProjectId { get; init; }

    /// <summary>When it was accepted.</summary>
    public required string StartTime { get; init; }

    /// <summary>Error when it failed.</summary>
    public required string? Message { get; init; }

    /// <summary>When it was saved last.</summary>
    [Since(58)]
    public required string UpdatedAt { get; init; }

    /// <summary>Newest first; not in the list.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<EventView>? Events { get; init; }
}

/// <summary>One step of an action.</summary>
public sealed record EventView
{
    /// <summary>Such as compute_stop_instance.</summary>
    public required string Event { get; init; }

    /// <summary>When it began.</summary>
    public required string StartTime { get; init; }

    /// <summary>When it ended.</summary>
    public required string? FinishTime { get; init; }

    /// <summary>Success or Error.</summary>
    public required string? Result { get; init; }

    /// <summary>For administrators.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Shown<string?> Traceback { get; init; }

    /// <summary>As the server shows it.</summary>
    [Since(62), WireName("hostId")]
    public required string HostId { get; init; }

    /// <summary>For administrators.</summary>
    [Since(62), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Host { get; init; }

    /// <summary>Why it failed, for administrators.</summary>
    [Since(84), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Shown<string?> Details { get; init; }
}
