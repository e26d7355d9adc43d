using System.Net;
using Microsoft.AspNetCore.Http;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api;

/// <summary>A link of a Compute document.</summary>
public sealed record Link(string Rel, string Href);

/// <summary>The links of Compute documents, in the form in which the client addressed us.</summary>
public static class ComputeLinks
{
    /// <summary>The self and bookmark links of a resource: <c>caller.Links("flavors", id)</c>.</summary>
    public static IReadOnlyList<Link> Links(this RequestContext caller, string collection, string id) =>
    [
        new("self", $"{caller.TreeUrl()}/{collection}/{id}"),
        new("bookmark", $"{caller.BookmarkUrl()}/{collection}/{id}"),
    ];

    /// <summary>The bookmark link alone.</summary>
    public static IReadOnlyList<Link> Bookmark(this RequestContext caller, string collection, string id) => [new("bookmark", $"{caller.BookmarkUrl()}/{collection}/{id}")];

    /// <summary>The link to the next page, or null when this one is not full: the query again, with the marker of the last item.</summary>
    /// <param name="caller">The request.</param>
    /// <param name="path">Below the tree, such as <c>flavors/detail</c>.</param>
    /// <param name="page">How many items a full page has.</param>
    /// <param name="count">How many this page has.</param>
    /// <param name="lastId">The marker of the last item.</param>
    public static IReadOnlyList<Link>? Next(this RequestContext caller, string path, int page, int count, string? lastId)
    {
        if (count == 0 || count < page || lastId is null)
            return null;

        var query = caller.Http.Request.Query.Where(p => p.Key != "marker").SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? "")))
            .OrderBy(p => p.Key, StringComparer.Ordinal).Append(KeyValuePair.Create("marker", lastId));
        return [new("next", $"{caller.TreeUrl()}/{path}?{string.Join('&', query.Select(p => $"{WebUtility.UrlEncode(p.Key)}={WebUtility.UrlEncode(p.Value)}"))}")];
    }

    /// <summary>Where the tree begins for this client, such as <c>http://host/compute/v2.1/PROJECT</c>, without a slash at the end.</summary>
    public static string TreeUrl(this RequestContext caller)
    {
        var address = ComputeAddress.Of(caller.Http);
        return $"{RootUrl(caller.Http)}/{address.Tree}{(address.ProjectId is { } project ? "/" + project : "")}";
    }

    /// <summary>Where the service begins, without a slash at the end.</summary>
    public static string RootUrl(HttpContext http) => PublicUrls.Of(http.Request) + http.Request.PathBase;

    private static string BookmarkUrl(this RequestContext caller) =>
        RootUrl(caller.Http) + (ComputeAddress.Of(caller.Http).ProjectId is { } project ? "/" + project : "");
}
