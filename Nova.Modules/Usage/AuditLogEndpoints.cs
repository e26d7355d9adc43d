using System.Globalization;
using Nova.Modules.Services;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Usage;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#server-usage-audit-log-os-instance-usage-audit-log. Hosts of this cloud write no such log,
/// as those of the original do not by default: every host counts as not run.
/// </summary>
public sealed class AuditLogEndpoints(ServiceService services, TimeProvider time) : IEndpoints
{
    private const string Rule = "os_compute_api:os-instance-usage-audit-log:";
    private const string Form = "yyyy-MM-dd HH:mm:ss";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-instance_usage_audit_log", List).Requires(Rule + "list");
        routes.Get("/os-instance_usage_audit_log/{id}", Show).Requires(Rule + "show");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<AuditLogQuery>();
        return Answer.Json(new AuditLogListResponse(await LogBefore(time.GetUtcNow().UtcDateTime, ct)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<AuditLogQuery>();
        var id = caller.Route("id");
        if (!DateTime.TryParseExact(id, [Form, Form + ".FFFFFF"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var before) || before.Year < 2)
            throw Fault.BadRequest($"Invalid timestamp for date {id}");

        return Answer.Json(new AuditLogResponse(await LogBefore(before, ct)));
    }

    // The period is the last whole month before the time.
    private async Task<AuditLogView> LogBefore(DateTime before, CancellationToken ct)
    {
        var end = new DateTime(before.Year, before.Month, 1, 0, 0, 0, DateTimeKind.Utc);
        var hosts = (await services.List(null, null, ct)).Where(s => s.IsCompute).Select(s => s.Host).Distinct().ToList();
        return new()
        {
            PeriodBeginning = end.AddMonths(-1).ToString(Form, CultureInfo.InvariantCulture),
            PeriodEnding = end.ToString(Form, CultureInfo.InvariantCulture),
            NumHosts = hosts.Count,
            NumHostsNotRun = hosts.Count,
            HostsNotRun = hosts,
            OverallStatus = hosts.Count == 0 ? "ALL hosts done. 0 errors." : $"0 of {hosts.Count} hosts done. 0 errors.",
        };
    }
}

/// <summary>A query that knows no parameter.</summary>
[StrictQuery(Since = 102)]
public sealed record AuditLogQuery;

/// <summary>GET /os-instance_usage_audit_log.</summary>
public sealed record AuditLogListResponse(AuditLogView InstanceUsageAuditLogs);

/// <summary>GET /os-instance_usage_audit_log/{time}.</summary>
public sealed record AuditLogResponse(AuditLogView InstanceUsageAuditLog);

/// <summary>Which hosts have logged the usage of a period.</summary>
public sealed record AuditLogView
{
    /// <summary>Inclusive.</summary>
    public required string PeriodBeginning { get; init; }

    /// <summary>Exclusive.</summary>
    public required string PeriodEnding { get; init; }

    /// <summary>Hosts.</summary>
    public required int NumHosts { get; init; }

    /// <summary>None logs.</summary>
    public int NumHostsDone => 0;

    /// <summary>None logs.</summary>
    public int NumHostsRunning => 0;

    /// <summary>All of them.</summary>
    public required int NumHostsNotRun { get; init; }

    /// <summary>Names.</summary>
    public required IReadOnlyList<string> HostsNotRun { get; init; }

    /// <summary>None are logged.</summary>
    public int TotalInstances => 0;

    /// <summary>None are logged.</summary>
    public int TotalErrors => 0;

    /// <summary>A sentence.</summary>
    public required string OverallStatus { get; init; }

    /// <summary>By host.</summary>
    public IReadOnlyDictionary<string, string> Log { get; } = new Dictionary<string, string>();
}
