using System.Globalization;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Migrations;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#migrations-os-migrations and the live migrations of one server
/// (https://docs.openstack.org/api-ref/compute/#server-migrations-servers-migrations).
/// </summary>
public sealed class MigrationEndpoints(MigrationStore migrations, ServerAccess access) : IEndpoints
{
    private const string Rules = "os_compute_api:os-migrations:index";
    private const string OfServer = "os_compute_api:servers:migrations:";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get("/os-migrations", List).Requires(Rules);
        routes.Get("/servers/{server_id}/migrations", ListOfServer).Since(23).Requires(OfServer + "index");
        routes.Get("/servers/{server_id}/migrations/{id}", Show).Since(23).Requires(OfServer + "show");
    }

    private async Task<Answer> List(RequestContext caller, CancellationToken ct)
    {
        var query = caller.QueryAs<MigrationQuery>();
        var project = caller.Since(80) ? query.ProjectId : caller.Query("project_id");
        if (string.IsNullOrEmpty(project) || project != caller.Caller.ProjectId)
            caller.Require(Rules + ":all_projects");

        var filter = Filter(query) with { ProjectId = string.IsNullOrEmpty(project) ? null : project };
        if (filter.Since > filter.Before)
            throw Fault.BadRequest($"The value of changes-since must be less than or equal to changes-before.");
        if (query.InstanceUuid is not null && filter.ServerId is null)
            return Answer.Json(new MigrationListResponse([], null));

        Page? page = caller.Since(59) ? Page.Of(caller, query.Limit?.Value, query.Marker) : null;
        var found = page is { Marker: { } marker } && !Guid.TryParse(marker, out _) ? null
            : await migrations.List(filter, page?.Marker is { } last ? Guid.Parse(last) : null, page?.Limit, ct);
        if (found is null)
            throw Fault.BadRequest($"Marker {page?.Marker} could not be found.");

        var showsHosts = caller.Allows(Rules + ":host");
        var next = page is { } paged ? caller.Next("os-migrations", paged.Limit, found.Count, found.LastOrDefault()?.Id.ToString()) : null;
        return Answer.Json(new MigrationListResponse([.. found.Select(m => View(caller, m, showsHosts))], next));
    }

    private async Task<Answer> ListOfServer(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var server = await access.Load(caller, caller.Route("server_id"), OfServer + "index", ct);
        var showsHosts = caller.Allows(OfServer + "index:host", ServerViews.PolicyTargetOf(server));
        var found = await migrations.List(new() { ServerId = server.Id, Kind = MigrationKinds.LiveMigration }, null, null, ct);
        return Answer.Json(new ServerMigrationListResponse([.. found!.Where(m => m.IsLiveAndUnderWay).Select(m => View(m, showsHosts))]));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var server = await access.Load(caller, caller.Route("server_id"), OfServer + "show", ct);
        var id = caller.Route("id");
        var migration = long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? await migrations.Find(server.Id, number, ct) : null;
        if (migration is null)
            throw Fault.NotFound($"In-progress live migration {id} is not found for server {server.Id}.");
        if (migration.Kind != MigrationKinds.LiveMigration)
            throw Fault.NotFound($"Migration {id} for server {server.Id} is not live-migration.");
        if (!migration.IsLiveAndUnderWay)
            throw Fault.NotFound($"Live migration {id} for server {server.Id} is not in progress.");

        return Answer.Json(new ServerMigrationResponse(View(migration, showsHosts: true)));
    }

    private static MigrationFilter Filter(MigrationQuery query) => new()
    {
        Host = query.Host,
        SourceHost = query.SourceCompute,
        ServerId = Guid.TryParse(query.InstanceUuid, out var server) ? server : null,
        Status = query.Status,
        Kind = query.MigrationType,
        UserId = query.UserId,
        Since = Time(query.ChangesSince),
        Before = Time(query.ChangesBefore),
    };

    private static long? Time(string? text) => text is null
        ? null
        : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeMilliseconds();

    private static MigrationView View(RequestContext caller, Migration migration, bool showsHosts) => new()
    {
        Id = migration.Number,
        Uuid = migration.Id,
        InstanceUuid = migration.ServerId,
        Status = migration.Status,
        MigrationType = migration.Kind,
        SourceCompute = showsHosts ? migration.SourceHost : null,
        SourceNode = showsHosts ? migration.SourceNode : null,
        DestCompute = showsHosts ? migration.DestHost : null,
        DestNode = showsHosts ? migration.DestNode : null,
        DestHost = showsHosts ? migration.DestAddress : null,
        OldInstanceTypeId = migration.OldFlavorNumber,
        NewInstanceTypeId = migration.NewFlavorNumber,
        CreatedAt = WireTime.Micros(migration.CreatedAt),
        UpdatedAt = WireTime.Micros(migration.UpdatedAt),
        UserId = migration.UserId,
        ProjectId = migration.ProjectId,
        Links = migration.IsLiveAndUnderWay ? caller.Links($"servers/{migration.ServerId}/migrations", $"{migration.Number}") : null,
    };

    private static ServerMigrationView View(Migration migration, bool showsHosts)
    {
        var progress = migration.Progress;
        return new()
        {
            Id = migration.Number,
            Uuid = migration.Id,
            ServerUuid = migration.ServerId,
            Status = migration.Status,
            SourceCompute = showsHosts ? migration.SourceHost : null,
            SourceNode = showsHosts ? migration.SourceNode : null,
            DestCompute = showsHosts ? migration.DestHost : null,
            DestNode = showsHosts ? migration.DestNode : null,
            DestHost = showsHosts ? migration.DestAddress : null,
            MemoryTotalBytes = progress.MemoryTotal,
            MemoryProcessedBytes = progress.MemoryProcessed,
            MemoryRemainingBytes = progress.MemoryRemaining,
            DiskTotalBytes = progress.DiskTotal,
            DiskProcessedBytes = progress.DiskProcessed,
            DiskRemainingBytes = progress.DiskRemaining,
            CreatedAt = WireTime.Micros(migration.CreatedAt),
            UpdatedAt = WireTime.Micros(migration.UpdatedAt),
            UserId = migration.UserId,
            ProjectId = migration.ProjectId,
        };
    }
}
