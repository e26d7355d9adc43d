using System.Text.Json.Serialization;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Servers.ExternalEvents;

/// <summary>POST /os-server-external-events.</summary>
public sealed record ExternalEventsRequest
{
    /// <summary>At least one.</summary>
    [Required, Items(1)]
    public IReadOnlyList<NewExternalEvent> Events { get; set; } = [];
}

/// <summary>What a neighbour tells of a server.</summary>
public sealed record NewExternalEvent
{
    /// <summary>What happened.</summary>
    [Required]
    [OneOf("network-changed", "network-vif-plugged", "network-vif-unplugged", "network-vif-deleted", Until = 50)]
    [OneOf("network-changed", "network-vif-plugged", "network-vif-unplugged", "network-vif-deleted", "volume-extended", Since = 51, Until = 75)]
    [OneOf("network-changed", "network-vif-plugged", "network-vif-unplugged", "network-vif-deleted", "volume-extended", "power-update", Since = 76, Until = 81)]
    [OneOf(
        "network-changed", "network-vif-plugged", "network-vif-unplugged", "network-vif-deleted", "volume-extended", "power-update",
        "accelerator-request-bound", Since = 82, Until = 92)]
    [OneOf(
        "network-changed", "network-vif-plugged", "network-vif-unplugged", "network-vif-deleted", "volume-extended", "power-update",
        "accelerator-request-bound", "volume-reimaged", Since = 93)]
    public string Name { get; set; } = "";

    /// <summary>The server.</summary>
    [Required, Format("uuid")]
    public string ServerUuid { get; set; } = "";

    /// <summary>How it ended; completed when absent.</summary>
    [NotNull, OneOf("failed", "completed", "in-progress")]
    public string? Status { get; set; }

    /// <summary>The port, volume or accelerator request.</summary>
    [NotNull, Length(0, 255)]
    public string? Tag { get; set; }
}

/// <summary>The answer: what became of each event.</summary>
public sealed record ExternalEventsResponse(IReadOnlyList<ExternalEventView> Events);

/// <summary>What became of an event.</summary>
public sealed record ExternalEventView
{
    /// <inheritdoc cref="NewExternalEvent.Name" />
    public required string Name { get; init; }

    /// <inheritdoc cref="NewExternalEvent.ServerUuid" />
    public required string ServerUuid { get; init; }

    /// <summary>completed, or failed when nobody could be told.</summary>
    public required string Status { get; init; }

    /// <inheritdoc cref="NewExternalEvent.Tag" />
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required string? Tag { get; init; }

    /// <summary>200; 400: the tag is missing; 404: no such server; 422: the server has no host.</summary>
    public required int Code { get; init; }
}
