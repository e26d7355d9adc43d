using System.Globalization;
using System.Text.Json;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Operations;

/// <summary>GET /operations.</summary>
public sealed record OperationListResponse(IReadOnlyList<OperationView> Operations, IReadOnlyList<OperationLink> OperationsLinks);

/// <summary>One operation.</summary>
public sealed record OperationResponse(OperationView Operation);

/// <summary>The way to the next page.</summary>
public sealed record OperationLink(string Rel, string Href);

/// <summary>What a list may be asked for.</summary>
public sealed record OperationQuery
{
    /// <summary>Only operations in this state.</summary>
    [OneOf("running", "unwinding", "done", "failed", "stuck")]
    public string? Status { get; init; }

    /// <summary>Only operations on this server.</summary>
    [Format("uuid")]
    public string? Server { get; init; }

    /// <summary>Those after this operation.</summary>
    [Format("uuid")]
    public string? Marker { get; init; }

    /// <summary>At most so many.</summary>
    [Pattern("^[1-9][0-9]{0,3}$")]
    public string? Limit { get; init; }
}

/// <summary>An operation as an operator sees it; its state, which may hold secrets, is not shown.</summary>
public sealed record OperationView
{
    /// <summary>The operation.</summary>
    public required Guid Id { get; init; }

    /// <summary>Such as server.create.</summary>
    public required string Kind { get; init; }

    /// <summary>As instance actions name it.</summary>
    public required string Action { get; init; }

    /// <summary>running, unwinding, done, failed or stuck.</summary>
    public required string Status { get; init; }

    /// <summary>The step to do or undo next; null at the end.</summary>
    public string? Step { get; init; }

    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>The server's project.</summary>
    public required string ProjectId { get; init; }

    /// <summary>Who asked.</summary>
    public required string UserId { get; init; }

    /// <summary>The request.</summary>
    public required string RequestId { get; init; }

    /// <summary>The conductor's incarnation that drives it.</summary>
    public Guid? Owner { get; init; }

    /// <summary>The server's fencing token.</summary>
    public required long Epoch { get; init; }

    /// <summary>True when it was asked to turn round.</summary>
    public required bool Cancel { get; init; }

    /// <summary>The operation after whose end it starts.</summary>
    public Guid? WaitsFor { get; init; }

    /// <summary>Tries of the step at hand that failed.</summary>
    public required int Attempts { get; init; }

    /// <summary>The next try.</summary>
    public string? NotBefore { get; init; }

    /// <summary>When the step at hand failed first.</summary>
    public string? FirstFailedAt { get; init; }

    /// <summary>Why it turned round or waits, in a member's words.</summary>
    public string? Fault { get; init; }

    /// <summary>The same in an administrator's.</summary>
    public string? FaultDetails { get; init; }

    /// <summary>The release that wrote it last.</summary>
    public required string WrittenBy { get; init; }

    /// <summary>Steps that were shown as events of the action.</summary>
    public required IReadOnlyList<OperationEventView> Events { get; init; }

    /// <summary>When it was accepted.</summary>
    public required string StartedAt { get; init; }

    /// <summary>When it was saved last.</summary>
    public required string UpdatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public string? FinishedAt { get; init; }

    /// <summary>Of a row.</summary>
    public static OperationView Of(OperationRow row)
    {
        var fault = row.Fault is { } json ? FaultJson.Read(json) : null;
        return new()
        {
            Id = row.Id,
            Kind = row.Kind,
            Action = row.Action,
            Status = OperationStore.Text(row.Status),
            Step = row.Step,
            ServerId = row.ServerId,
            ProjectId = row.ProjectId,
            UserId = row.UserId,
            RequestId = row.RequestId,
            Owner = row.Owner,
            Epoch = row.Epoch,
            Cancel = row.Cancel,
            WaitsFor = row.WaitsFor,
            Attempts = row.Attempts,
            NotBefore = Time(row.NotBefore),
            FirstFailedAt = Time(row.FirstFailedAt),
            Fault = fault?.Message,
            FaultDetails = fault?.Details,
            WrittenBy = row.WrittenBy,
            Events = [.. JsonSerializer.Deserialize<OperationProgress>(row.Steps, StateJson.Options)!.Events.Select(e =>
                new OperationEventView(e.Name, Time(e.StartedAt)!, Time(e.FinishedAt), e.Result, e.Details))],
            StartedAt = Time(row.StartedAt)!,
            UpdatedAt = Time(row.UpdatedAt)!,
            FinishedAt = Time(row.FinishedAt),
        };
    }

    private static string? Time(long? milliseconds) => milliseconds is { } ms
        ? DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
        : null;
}

/// <summary>A step that was shown as an event.</summary>
public sealed record OperationEventView(string Event, string StartTime, string? FinishTime, string? Result, string? Details);
