using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.List;

/// <summary>The order of a list, total because it ends with the id, and the place in it after a marker.</summary>
public sealed class ServerOrder
{
    private static readonly Dictionary<string, string> Columns = new(StringComparer.Ordinal)
    {
        ["access_ip_v4"] = "COALESCE(access_ipv4, '')",
        ["access_ip_v6"] = "COALESCE(access_ipv6, '')",
        ["availability_zone"] = "COALESCE(requested_zone, zone, '')",
        ["config_drive"] = "config_drive",
        ["created_at"] = "created_at",
        ["display_description"] = "COALESCE(description, '')",
        ["display_name"] = "name",
        ["host"] = "COALESCE(host, '')",
        ["hostname"] = "hostname",
        ["image_ref"] = "COALESCE(image_id, '')",
        ["instance_type_id"] = "flavor",
        ["key_name"] = "COALESCE(key_name, '')",
        ["launch_index"] = "launch_index",
        ["launched_at"] = "COALESCE(launched_at, 0)",
        ["locked_by"] = "COALESCE(locked_by, '')",
        ["node"] = "COALESCE(node, '')",
        ["power_state"] = "power_state",
        ["progress"] = "progress",
        ["project_id"] = "project_id",
        ["task_state"] = "COALESCE(task_state, '')",
        ["terminated_at"] = "COALESCE(terminated_at, 0)",
        ["updated_at"] = "updated_at",
        ["user_id"] = "user_id",
        ["uuid"] = "id",
        ["vm_state"] = "vm_state",
    };

    private readonly List<(string Column, bool Descending)> _keys = [];

    private ServerOrder(IEnumerable<(string Column, bool Descending)> keys)
    {
        foreach (var key in keys)
            if (!_keys.Exists(k => k.Column == key.Column))
                _keys.Add(key);
    }

    /// <summary>After ORDER BY.</summary>
    public string Sql => string.Join(", ", _keys.Select(k => k.Column + (k.Descending ? " DESC" : " ASC")));

    /// <summary>The rows after that of <c>@marker</c>.</summary>
    public string After => _keys.TrueForAll(k => k.Descending == _keys[0].Descending) ? AfterAlike() : AfterMixed();

    /// <summary>The order that a query asks for; the newest first by default.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="query">The query.</param>
    /// <exception cref="Fault">400: a direction; 403: a key for administrators.</exception>
    public static ServerOrder Of(RequestContext caller, ServerListQuery query)
    {
        var asked = (query.SortKey ?? []).Select(k => k.Trim()).ToList();
        if (!caller.IsAdmin && asked.Find(k => k is "host" or "node") is { } refused)
            throw Fault.Forbidden($"Only administrators can sort servers by {refused}");

        var directions = (query.SortDir ?? ["desc"]).Select(d => d.Trim()).ToList();
        if (directions.Exists(d => d is not ("asc" or "desc")))
            throw Fault.BadRequest($"Invalid input received: Unknown sort direction, must be one of: asc, desc");
        if (directions.Count > Math.Max(asked.Count, 1))
            throw Fault.BadRequest($"Invalid input received: Sort direction array size exceeds sort key array size");

        var first = directions[0] == "desc";
        var keys = asked.Select((key, i) => (Column: ColumnOf(caller, key), Descending: i < directions.Count ? directions[i] == "desc" : first))
            .Where(k => k.Column is not null).Select(k => (k.Column!, k.Descending)).ToList();

        // Over all projects ids stand for times: they are made in time order, and they have the index.
        return keys.Count == 0 && ServerFilters.AllProjects(query) ? new([("id", first)]) : new([.. keys, ("created_at", first), ("id", first)]);
    }

    // Keys that no server differs in are dropped.
    private static string? ColumnOf(RequestContext caller, string key) =>
        key == "locked" && caller.Since(73) ? "CASE WHEN locked_by IS NULL THEN 0 ELSE 1 END" : Columns.GetValueOrDefault(key);

    private string AfterAlike() =>
        $"({string.Join(", ", _keys.Select(k => k.Column))}) {(_keys[0].Descending ? "<" : ">")} ({string.Join(", ", _keys.Select(k => OfMarker(k.Column)))})";

    private string AfterMixed() => "(" + string.Join(
        " OR ",
        _keys.Select((key, i) => "(" + string.Join(
            " AND ",
            _keys.Take(i).Select(k => $"{k.Column} = {OfMarker(k.Column)}").Append($"{key.Column} {(key.Descending ? "<" : ">")} {OfMarker(key.Column)}")) + ")")) + ")";

    private static string OfMarker(string column) => column == "id" ? "@marker" : $"(SELECT {column} FROM servers WHERE cell = 0 AND id = @marker)";
}
