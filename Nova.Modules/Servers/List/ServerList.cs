using Dapper;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.List;

/// <summary>A page of servers, with the link to the next.</summary>
public sealed record ServerPage(IReadOnlyList<Server> Servers, IReadOnlyList<Link>? Links);

/// <summary>Both lists of servers. A page is one statement, after one that finds the marker; only expressions of users need more.</summary>
public sealed class ServerList(Database database)
{
    private const int SliceRows = 1000;
    private const string SummaryColumns = "id, name";
    private static readonly string WithoutUserData = ServerStore.Columns.Replace(" user_data,", " NULL AS user_data,", StringComparison.Ordinal);

    /// <summary>The page that the query asks for.</summary>
    /// <exception cref="Fault">400 and 403.</exception>
    public async Task<ServerPage> Read(RequestContext caller, bool isDetail, CancellationToken ct)
    {
        var query = caller.QueryAs<ServerListQuery>();
        var filter = ServerFilters.Of(caller, query, isDetail);
        var order = ServerOrder.Of(caller, query);
        var page = Page.Of(caller, query.Limit?.Value, query.Marker);
        if (filter.IsEmpty || page.Limit == 0)
            return new([], null);

        var columns = !isDetail && !filter.HasTests ? SummaryColumns
            : isDetail && caller.Allows("os_compute_api:os-extended-server-attributes") ? ServerStore.Columns : WithoutUserData;
        var servers = await database.Read(rows => Read(rows, columns, filter, order, page), ct);
        return new(servers, caller.Next(isDetail ? "servers/detail" : "servers", page.Limit, servers.Count, servers.LastOrDefault()?.Id.ToString()));
    }

    private static async Task<IReadOnlyList<Server>> Read(Rows rows, string columns, ServerFilter filter, ServerOrder order, Page page)
    {
        var marker = await Marker(rows, filter, page.Marker);
        var found = new List<Server>();
        while (true)
        {
            var slice = await Slice(rows, columns, filter, order, marker, filter.HasTests ? SliceRows : page.Limit);
            foreach (var server in slice)
            {
                if (filter.Passes(server))
                    found.Add(server);
                if (found.Count == page.Limit)
                    return found;
            }

            if (!filter.HasTests || slice.Count < SliceRows)
                return found;
            marker = slice[^1].Id;
        }
    }

    private static Task<IReadOnlyList<Server>> Slice(Rows rows, string columns, ServerFilter filter, ServerOrder order, Guid? marker, int limit)
    {
        var values = new DynamicParameters(filter.Values);
        if (marker is not null)
            values.Add("marker", marker);
        values.Add("limit", limit);
        return rows.Query<Server>(
            $"""
            SELECT {columns} FROM servers
            WHERE {filter.Sql} {(marker is null ? "" : "AND " + order.After)}
            ORDER BY {order.Sql}
            LIMIT @limit
            """,
            values);
    }

    // A marker of another project is as unknown as one that never was.
    private static async Task<Guid?> Marker(Rows rows, ServerFilter filter, string? marker)
    {
        if (marker is null)
            return null;

        var project = filter.Values.GetValueOrDefault("project_id") as string;
        if (Guid.TryParse(marker, out var id)
            && await rows.Find<string>("SELECT project_id FROM servers WHERE cell = 0 AND id = @id", new { id }) is { } owner
            && (project is null || project == owner))
            return id;

        throw Fault.BadRequest($"marker [{marker}] not found");
    }
}
