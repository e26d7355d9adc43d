using System.Globalization;
using Nova.Modules.Api;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Usage;

/// <summary>https://docs.openstack.org/api-ref/compute/#usage-reports-os-simple-tenant-usage.</summary>
public sealed class UsageEndpoints(ServerHistory history, TimeProvider time) : IEndpoints
{
    private const string Rule = "os_compute_api:os-simple-tenant-usage:";
    private const double MsPerHour = 3_600_000;
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFFF"];

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-simple-tenant-usage", List).Requires(Rule + "list");
        routes.Get("/os-simple-tenant-usage/{id}", Show).Requires(Rule + "show");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<UsageQuery>();
        var period = PeriodOf(query);
        var page = PageOf(caller, query);
        var servers = await Servers(null, period, page, ct);
        var projects = servers.GroupBy(s => s.ProjectId).Select(p => View(p.Key, [.. p], period, query.Detailed?[0] == "1"));
        return Answer.Json(new UsageListResponse([.. projects], Next(caller, "os-simple-tenant-usage", page, servers)));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<ProjectUsageQuery>();
        var project = caller.Route("id");
        caller.Require(Rule + "show", new PolicyTarget(project));
        var period = PeriodOf(query);
        var page = PageOf(caller, query);
        var servers = await Servers(project, period, page, ct);
        object usage = servers.Count == 0 ? new Dictionary<string, string>() : View(project, servers, period, isDetailed: true);
        return Answer.Json(new ProjectUsageResponse(usage, Next(caller, $"os-simple-tenant-usage/{project}", page, servers)));
    }

    private async Task<IReadOnlyList<PastServer>> Servers(string? project, Period period, Page page, CancellationToken ct)
    {
        Guid? marker = page.Marker is null ? null : Guid.TryParse(page.Marker, out var id) ? id : throw NoMarker(page.Marker);
        return await history.Between(period.From, period.To, project, marker, page.Limit, ct) ?? throw NoMarker(page.Marker);
    }

    private static Fault NoMarker(string? marker) => Fault.BadRequest($"Marker {marker} could not be found.");

    private static Page PageOf(RequestContext caller, ProjectUsageQuery query) => Page.Of(caller, query.Limit?.Value, query.Marker);

    private static IReadOnlyList<Link>? Next(RequestContext caller, string path, Page page, IReadOnlyList<PastServer> servers) =>
        caller.Since(40) ? caller.Next(path, page.Limit, servers.Count, servers.LastOrDefault()?.Id.ToString()) : null;

    private ProjectUsageView View(string project, IReadOnlyList<PastServer> servers, Period period, bool isDetailed)
    {
        var usages = servers.Select(s => View(s, period)).ToList();
        return new()
        {
            TenantId = project,
            Start = WireTime.Micros(period.From),
            Stop = WireTime.Micros(period.To),
            TotalHours = usages.Sum(u => u.Hours),
            TotalLocalGbUsage = usages.Sum(u => u.LocalGb * u.Hours),
            TotalMemoryMbUsage = usages.Sum(u => u.MemoryMb * u.Hours),
            TotalVcpusUsage = usages.Sum(u => u.Vcpus * u.Hours),
            ServerUsages = isDetailed ? usages : null,
        };
    }

    private ServerUsageView View(PastServer server, Period period)
    {
        var flavor = server.Flavor;
        var until = server.TerminatedAt ?? Now;
        return new()
        {
            InstanceId = server.Id,
            Name = server.Name,
            TenantId = server.ProjectId,
            Flavor = flavor.Name,
            Hours = Math.Max(0, Math.Min(server.TerminatedAt ?? period.To, period.To) - Math.Max(server.LaunchedAt, period.From)) / MsPerHour,
            MemoryMb = flavor.MemoryMb,
            LocalGb = flavor.RootGb + flavor.EphemeralGb,
            Vcpus = flavor.Vcpus,
            StartedAt = WireTime.Micros(server.LaunchedAt),
            EndedAt = server.TerminatedAt is { } ended ? WireTime.Micros(ended) : null,
            State = server.TerminatedAt is null ? server.VmState : "terminated",
            Uptime = Math.Max(0, until - server.LaunchedAt) / 1000,
        };
    }

    // What is absent is now, so that a report needs at least its start; its end is never in the future.
    private Period PeriodOf(ProjectUsageQuery query)
    {
        var (start, end) = (Time(query.Start?[0]), Time(query.End?[0]));
        return start < end
            ? new(start, Math.Min(end, Now))
            : throw Fault.BadRequest($"Invalid start time. The start time cannot occur after the end time.");
    }

    private long Time(string? text) => string.IsNullOrEmpty(text) ? Now
        : DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.ToUnixTimeMilliseconds()
        : throw Fault.BadRequest($"Invalid datetime string: Datetime is in invalid format");

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private readonly record struct Period(long From, long To);
}
