using System.Collections;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Network.Embedded;

/// <summary>What every list of the network API can do: filters by member, fields, sorting and pages.</summary>
internal static class NetworkList
{
    private static readonly HashSet<string> Controls = new(StringComparer.Ordinal) { "fields", "limit", "marker", "page_reverse", "sort_key", "sort_dir" };

    /// <summary>The page that the query asks for, under its name, with links when it is limited.</summary>
    public static Answer Of(RequestContext caller, string name, IEnumerable<Dictionary<string, object?>> views)
    {
        List<Dictionary<string, object?>> found = [.. Sorted(caller, views.Where(v => Fits(caller, v)))];
        var document = new Dictionary<string, object>();
        if (caller.Query("limit") is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0)
        {
            var from = caller.Query("marker") is { Length: > 0 } marker ? found.FindIndex(v => (string)v["id"]! == marker) + 1 : 0;
            var page = found.Skip(from).Take(limit).ToList();
            if (from + page.Count < found.Count)
                document[name + "_links"] = new[] { new { rel = "next", href = Next(caller, (string)page[^1]["id"]!) } };
            found = page;
        }

        document[name] = found.Select(v => Only(caller, v)).ToList();
        return Answer.Json(document);
    }

    /// <summary>One object under its name, with the fields that the query asks for.</summary>
    public static Answer One(RequestContext caller, string name, Dictionary<string, object?> view, int status = 200) =>
        Answer.Json(new Dictionary<string, object> { [name] = Only(caller, view) }, status);

    private static Dictionary<string, object?> Only(RequestContext caller, Dictionary<string, object?> view)
    {
        HashSet<string?> wanted = [.. caller.QueryAll("fields").Where(f => !string.IsNullOrEmpty(f))];
        return wanted.Count == 0 ? view : view.Where(m => wanted.Contains(m.Key)).ToDictionary();
    }

    private static bool Fits(RequestContext caller, Dictionary<string, object?> view)
    {
        foreach (var (key, values) in caller.Http.Request.Query)
            if (!Controls.Contains(key) && !values.Any(wanted => Fits(view, key, wanted ?? "")))
                return false;

        return true;
    }

    private static bool Fits(Dictionary<string, object?> view, string key, string wanted)
    {
        if (key == "tags")
            return wanted.Split(',').All(t => ((IEnumerable<string>)view["tags"]!).Contains(t));
        if (key == "fixed_ips" && wanted.Split('=', 2) is [var part, var value])
            return view.TryGetValue(key, out var list) && ((IEnumerable<Dictionary<string, object?>>)list!)
                .Any(ip => part == "ip_address_substr" ? ((string)ip["ip_address"]!).Contains(value, StringComparison.Ordinal) : ip.TryGetValue(part, out var v) && v as string == value);
        if (!view.TryGetValue(key, out var actual))
            return true;

        return actual switch
        {
            null => wanted is "" or "None" or "null",
            bool flag => flag == (wanted is "1" || string.Equals(wanted, "true", StringComparison.OrdinalIgnoreCase)),
            string text => text == wanted,
            IEnumerable<string> list => list.Contains(wanted),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture) == wanted,
            _ => true,
        };
    }

    private static IEnumerable<Dictionary<string, object?>> Sorted(RequestContext caller, IEnumerable<Dictionary<string, object?>> views)
    {
        var keys = caller.QueryAll("sort_key").Where(k => !string.IsNullOrEmpty(k)).Select(k => k!).ToList();
        var directions = caller.QueryAll("sort_dir");
        IOrderedEnumerable<Dictionary<string, object?>>? ordered = null;
        for (var i = 0; i < keys.Count; i++)
        {
            var key = keys[i];
            var descending = directions.ElementAtOrDefault(i) == "desc";
            object? By(Dictionary<string, object?> view) => view.TryGetValue(key, out var value) && value is IComparable ? value : null;
            ordered = (ordered, descending) switch
            {
                (null, false) => views.OrderBy(By, Values),
                (null, true) => views.OrderByDescending(By, Values),
                (_, false) => ordered.ThenBy(By, Values),
                _ => ordered.ThenByDescending(By, Values),
            };
        }

        return ordered is null ? views.OrderBy(v => v["id"] as string, StringComparer.Ordinal) : ordered.ThenBy(v => v["id"] as string, StringComparer.Ordinal);
    }

    private static readonly Comparer<object?> Values =
        Comparer<object?>.Create((a, b) => a is string x && b is string y ? string.CompareOrdinal(x, y) : Comparer.DefaultInvariant.Compare(a, b));

    private static string Next(RequestContext caller, string marker)
    {
        var query = caller.Http.Request.Query.Where(q => q.Key != "marker").SelectMany(q => q.Value.Select(v => KeyValuePair.Create(q.Key, v)));
        return caller.Link(QueryHelpers.AddQueryString(caller.Http.Request.Path, query.Append(new("marker", marker))));
    }
}
