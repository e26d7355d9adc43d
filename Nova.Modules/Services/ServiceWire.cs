using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Services;

/// <summary>PUT /os-services/{action} until 2.52.</summary>
public sealed record ServiceActionRequest
{
    /// <summary>The host's name.</summary>
    [Required, Pattern("^[a-zA-Z0-9-._]*$"), Length(1, 255)]
    public string Host { get; set; } = "";

    /// <summary>The service's kind.</summary>
    [Required, Length(1, 255)]
    public string Binary { get; set; } = "";

    /// <summary>An operator's words.</summary>
    [NotNull, Length(1, 255)]
    public string? DisabledReason { get; set; }

    /// <summary>For force-down.</summary>
    [Since(11), NotNull]
    public Loose<bool>? ForcedDown { get; set; }
}

/// <summary>PUT /os-services/{id} from 2.53.</summary>
public sealed record UpdateServiceRequest
{
    /// <summary>enabled or disabled.</summary>
    [NotNull, OneOf("enabled", "disabled")]
    public string? Status { get; set; }

    /// <summary>An operator's words.</summary>
    [NotNull, Length(1, 255)]
    public string? DisabledReason { get; set; }

    /// <summary>An operator says that it is down.</summary>
    [NotNull]
    public Loose<bool>? ForcedDown { get; set; }
}

/// <summary>The query of the list.</summary>
[StrictQuery(Since = 75)]
public sealed record ServiceQuery
{
    /// <summary>Of this host.</summary>
    public string? Host { get; set; }

    /// <summary>Of this kind.</summary>
    public string? Binary { get; set; }
}

/// <summary>GET /os-services.</summary>
public sealed record ServiceListResponse(IReadOnlyList<ServiceView> Services);

/// <summary>One service.</summary>
public sealed record ServiceResponse<T>(T Service);

/// <summary>A service, whole.</summary>
public sealed record ServiceView
{
    /// <inheritdoc cref="Service.BinaryName" />
    public required string Binary { get; init; }

    /// <inheritdoc cref="Service.Host" />
    public required string Host { get; init; }

    /// <inheritdoc cref="Service.Number" />
    [Until(52), WireName("id")]
    public required long Number { get; init; }

    /// <inheritdoc cref="Service.Id" />
    [Since(53)]
    public required Guid Id { get; init; }

    /// <summary>The availability zone; <c>internal</c> for what runs no servers.</summary>
    public required string Zone { get; init; }

    /// <summary>enabled or disabled.</summary>
    public required string Status { get; init; }

    /// <summary>up or down.</summary>
    public required string State { get; init; }

    /// <summary>When it was seen last.</summary>
    public required string? UpdatedAt { get; init; }

    /// <inheritdoc cref="Service.DisabledReason" />
    public required string? DisabledReason { get; init; }

    /// <inheritdoc cref="Service.ForcedDown" />
    [Since(11)]
    public required bool ForcedDown { get; init; }
}
