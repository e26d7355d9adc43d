using System.Collections;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Nova.Modules.Shared;
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
        if (Limit(caller) is { } limit)
            found = Page(caller, found, limit, link => document[name + "_links"] = link);
        document[name] = found.Select(v => Only(caller, v)).ToList();
        return Answer.Json(document);
    }

    /// <summary>One object under its name, with the fields that the query asks for.</summary>
    public static Answer One(RequestContext caller, string name, Dictionary<string, object?> view, int status = 200) =>
        Answer.Json(new Dictionary<string, object> { [name] = Only(caller, view) }, status);

    // Without a limit, and with 0, everything is one page.
    private static int? Limit(RequestContext caller) => caller.Query("limit") switch
    {
        null or "" => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) => limit > 0 ? limit : null,
        var text => throw NetworkFaults.Typed(Fault.BadRequest($"Limit must be an integer 0 or greater and not '{text}'"), "BadRequest"),
    };

    private static List<Dictionary<string, object?>> Page(RequestContext caller, List<Dictionary<string, object?>> found, int limit, Action<object> link)
    {
        var marker = caller.Query("marker") is { Length: > 0 } id ? found.FindIndex(v => (string)v["id"]! == id) is >= 0 and var at ? at : throw NoMarker(id) : (int?)null;
        var isReverse = caller.Query("page_reverse") is { } text && (text == "1" || string.Equals(text, "true", StringComparison.OrdinalIgnoreCase));
        var end = isReverse ? marker ?? found.Count : (int)Math.Min(found.Count, (marker + 1 ?? 0) + (long)limit);
        var start = isReverse ? Math.Max(0, end - limit) : marker + 1 ?? 0;
        var links = new List<object>();
        if (end < found.Count && end > start)
            links.Add(new { rel = "next", href = Link(caller, (string)found[end - 1]["id"]!, isReverse: false) });
        if (start > 0 && end > start)
            links.Add(new { rel = "previous", href = Link(caller, (string)found[start]["id"]!, isReverse: true) });
        if (links.Count > 0)
            link(links);
        return found.GetRange(start, end - start);
    }

    private static Fault NoMarker(string id) => NetworkFaults.Typed(Fault.NotFound($"The resource {id} could not be found."), "HTTPNotFound");

    private static Dictionary<string, object?> Only(RequestContext caller, Dictionary<string, object?> view)
    {
        HashSet<string?> wanted = [.. caller.QueryAll("fields").Where(f => !string.IsNullOrEmpty(f))];
        return wanted.Count == 0 ? view : view.Where(m => wanted.Contains(m.Key)).ToDictionary();
    }

    /// <summary>True when a thing is what the query asks for.</summary>
    internal static bool Fits(RequestContext caller, Dictionary<string, object?> view)
    {
        foreach (var (key, values) in caller.Http.Request.Query)
            if (!Controls.Contains(key) && !values.Any(wanted => Fits(view, key, wanted ?? "")))
                return false;

        return true;
    }

    private static bool Fits(Dictionary<string, object?> view, string key, string wanted)
    {
        if (key is "tags" or "tags-any" or "not-tags" or "not-tags-any")
            return !view.TryGetValue("tags", out var tags) || FitsTags((IEnumerable<string>)tags!, key, wanted.Split(','));
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

    private static bool FitsTags(IEnumerable<string> tags, string key, string[] wanted) => key switch
    {
        "tags" => wanted.All(tags.Contains),
        "tags-any" => wanted.Any(tags.Contains),
        "not-tags" => !wanted.All(tags.Contains),
        _ => !wanted.Any(tags.Contains),
    };

    private static IEnumerable<Dictionary<string, object?>> Sorted(RequestContext caller, IEnumerable<Dictionary<string, object?>> views)
    {
        var keys = caller.QueryAll("sort_key").Where(k => !string.IsNullOrEmpty(k)).Select(k => k!).ToList();
        var directions = caller.QueryAll("sort_dir");
        if (directions.FirstOrDefault(d => d is not ("asc" or "desc")) is { } wrong)
            throw NetworkFaults.Typed(Fault.BadRequest($"{wrong} is invalid value for sort_dirs, must be 'asc' or 'desc'"), "BadRequest");
        views = [.. views];
        if (views.FirstOrDefault() is { } any && keys.Find(k => !any.ContainsKey(k)) is { } unknown)
            throw NetworkFaults.Typed(Fault.BadRequest($"{unknown} is invalid attribute for sort_keys"), "BadRequest");

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

    private static string Link(RequestContext caller, string marker, bool isReverse)
    {
        var query = caller.Http.Request.Query.Where(q => q.Key is not ("marker" or "page_reverse")).SelectMany(q => q.Value.Select(v => KeyValuePair.Create(q.Key, v)));
        IEnumerable<KeyValuePair<string, string?>> reverse = isReverse ? [new("page_reverse", "True")] : [];
        return caller.Link(QueryHelpers.AddQueryString(caller.Http.Request.Path, query.Append(new("marker", marker)).Concat(reverse)));
    }
}
