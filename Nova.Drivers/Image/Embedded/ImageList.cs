using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Image.Embedded;

/// <summary>Lists of images: what the caller may see, filtered, sorted and in pages.</summary>
public sealed class ImageList(Db database)
{
    private const int DefaultLimit = 25;
    private const int MaxLimit = 1000;

    private static readonly HashSet<string> Controls = new(StringComparer.Ordinal) { "limit", "marker", "sort_key", "sort_dir", "sort", "member_status", "changes-since" };

    /// <summary>A page with the address of the next.</summary>
    public async Task<object> Page(RequestContext caller, CancellationToken ct)
    {
        var limit = Limit(caller);
        List<ImageRow> found = [.. Sorted(caller, await Filtered(caller, ct))];
        var from = 0;
        if (caller.Query("marker") is { Length: > 0 } marker && (from = found.FindIndex(i => i.Id == marker) + 1) == 0)
            throw Fault.BadRequest($"Invalid marker. Image could not be found.");

        var page = found.Skip(from).Take(limit).ToList();
        var document = new Dictionary<string, object>
        {
            ["images"] = page.Select(ImageWire.Of),
            ["first"] = Address(caller, marker: null),
            ["schema"] = "/v2/schemas/images",
        };
        if (from + page.Count < found.Count && page.Count > 0)
            document["next"] = Address(caller, page[^1].Id);
        return document;
    }

    /// <summary>What a list without filters shows, in no order.</summary>
    public async Task<IEnumerable<ImageRow>> Seen(Caller caller, CancellationToken ct) => (await Seen(caller, null, "accepted", ct)).Where(i => !i.OsHidden);

    private async Task<IEnumerable<ImageRow>> Seen(Caller caller, string? visibility, string memberStatus, CancellationToken ct)
    {
        var project = caller.ProjectId ?? "";
        var isAdmin = caller.HasRole("admin");
        var (rows, memberships) = await database.Read(
            async r => (isAdmin ? await ImageStore.All(r) : await ImageStore.VisibleTo(r, project), await ImageStore.MembershipsOf(r, project)), ct);
        var status = memberships.ToDictionary(m => m.ImageId, m => m.Status);
        return rows.Where(i => i.Owner == project || i.Visibility == "public" || visibility == "all"
            || (i.Visibility == "community" ? visibility == "community" : status.TryGetValue(i.Id, out var s) ? memberStatus == "all" || s == memberStatus : isAdmin));
    }

    private async Task<IEnumerable<ImageRow>> Filtered(RequestContext caller, CancellationToken ct)
    {
        var rows = await Seen(caller.Caller, caller.Query("visibility"), caller.Query("member_status") ?? "accepted", ct);
        return rows
            .Where(i => i.OsHidden == (caller.Query("os_hidden") is { } hidden && IsTrue(hidden)))
            .Where(i => caller.Http.Request.Query.All(q => Controls.Contains(q.Key) || q.Key is "os_hidden" || q.Value.All(v => Fits(i, q.Key, v ?? ""))));
    }

    private static bool Fits(ImageRow image, string key, string wanted) => key switch
    {
        "visibility" => wanted == "all" || image.Visibility == wanted,
        "tag" => image.TagList().Contains(wanted),
        "size_min" => image.Size >= Number(key, wanted),
        "size_max" => image.Size <= Number(key, wanted),
        "protected" => image.Protected == IsTrue(wanted),
        _ when wanted.StartsWith("in:", StringComparison.Ordinal) => wanted[3..].Split(',').Any(w => Value(image, key) == w.Trim('"')),
        _ => Value(image, key) == wanted,
    };

    private static string? Value(ImageRow image, string key) => key switch
    {
        "id" => image.Id,
        "name" => image.Name,
        "status" => image.Status,
        "owner" => image.Owner,
        "disk_format" => image.DiskFormat,
        "container_format" => image.ContainerFormat,
        "checksum" => image.Checksum,
        "os_hash_value" => image.OsHashValue,
        "size" => image.Size?.ToString(CultureInfo.InvariantCulture),
        "min_disk" => image.MinDisk.ToString(CultureInfo.InvariantCulture),
        "min_ram" => image.MinRam.ToString(CultureInfo.InvariantCulture),
        _ => image.PropertyMap().GetValueOrDefault(key),
    };

    private static IEnumerable<ImageRow> Sorted(RequestContext caller, IEnumerable<ImageRow> images)
    {
        var keys = caller.Query("sort") is { Length: > 0 } sort
            ? sort.Split(',').Select(part => (Key: part.Split(':')[0], Direction: part.Contains(':', StringComparison.Ordinal) ? part.Split(':')[1] : "desc")).ToList()
            : [.. caller.QueryAll("sort_key").DefaultIfEmpty("created_at").Select((key, i) => (key!, caller.QueryAll("sort_dir").ElementAtOrDefault(i) ?? caller.QueryAll("sort_dir").LastOrDefault() ?? "desc"))];
        if (keys.Exists(k => k.Direction is not ("asc" or "desc")))
            throw Fault.BadRequest($"Invalid sort direction: {keys.First(k => k.Direction is not ("asc" or "desc")).Direction}");

        IOrderedEnumerable<ImageRow>? ordered = null;
        foreach (var (key, direction) in keys)
        {
            var by = SortKey(key);
            ordered = (ordered, direction) switch
            {
                (null, "asc") => images.OrderBy(by, Values),
                (null, _) => images.OrderByDescending(by, Values),
                (_, "asc") => ordered.ThenBy(by, Values),
                _ => ordered.ThenByDescending(by, Values),
            };
        }

        return ordered!.ThenByDescending(i => i.Id, StringComparer.Ordinal);
    }

    private static readonly Comparer<object?> Values = Comparer<object?>.Create((a, b) => (a, b) switch
    {
        (string x, string y) => string.CompareOrdinal(x, y),
        (long x, long y) => x.CompareTo(y),
        (null, null) => 0,
        (null, _) => -1,
        _ => 1,
    });

    private static Func<ImageRow, object?> SortKey(string key) => key switch
    {
        "created_at" => i => i.CreatedAt,
        "updated_at" => i => i.UpdatedAt,
        "size" => i => i.Size,
        "id" or "name" or "status" or "disk_format" or "container_format" => i => Value(i, key),
        _ => throw Fault.BadRequest($"Invalid sort key: {key}"),
    };

    private static int Limit(RequestContext caller)
    {
        if (caller.Query("limit") is not { } text)
            return DefaultLimit;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? Math.Min(limit, MaxLimit)
            : throw Fault.BadRequest($"limit param must be an integer");
    }

    private static long Number(string key, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Fault.BadRequest($"{key} param must be an integer");

    private static bool IsTrue(string text) => string.Equals(text, "true", StringComparison.OrdinalIgnoreCase) || text == "1";

    private static string Address(RequestContext caller, string? marker)
    {
        var query = caller.Http.Request.Query.Where(q => q.Key != "marker").SelectMany(q => q.Value.Select(v => KeyValuePair.Create(q.Key, v)));
        return QueryHelpers.AddQueryString("/v2/images", marker is null ? query : query.Append(new("marker", marker)));
    }
}
