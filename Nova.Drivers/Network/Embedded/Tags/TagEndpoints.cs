using Nova.Drivers.Embedded;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Network.Embedded.Tags;

/// <summary>https://docs.openstack.org/api-ref/network/v2/#standard-attributes-tag-extension.</summary>
public sealed class TagEndpoints(TagService tags) : IEndpoints
{
    /// <inheritdoc />
    public void Map(Routes routes)
    {
        foreach (var kind in TagService.Kinds)
        {
            var (all, one) = ($"/v2.0/{kind}/{{id}}/tags", $"/v2.0/{kind}/{{id}}/tags/{{tag}}");
            routes.Get(all, async (c, ct) => Shown(await tags.Of(c.Caller, kind, c.Route("id"), ct))).AnyCaller();
            routes.Put(all, async (c, ct) => Shown(await tags.Change(c.Caller, kind, c.Route("id"), Replaced(c, await JsonBody.Read(c, ct)), ct))).AnyCaller();
            routes.Delete(all, async (c, ct) => await Changed(c, kind, _ => [], 204, ct)).AnyCaller();
            routes.Get(one, async (c, ct) =>
                (await tags.Of(c.Caller, kind, c.Route("id"), ct)).Contains(c.Route("tag")) ? Answer.Empty() : throw NetworkFaults.TagNotFound(c.Route("tag"))).AnyCaller();
            routes.Put(one, (c, ct) => Changed(c, kind, present => present.Contains(c.Route("tag")) ? present : [.. present, c.Route("tag")], 201, ct)).AnyCaller();
            routes.Delete(one, (c, ct) => Changed(c, kind, present => Without(present, c.Route("tag")), 204, ct)).AnyCaller();
        }
    }

    private async Task<Answer> Changed(RequestContext caller, string kind, Func<IReadOnlyList<string>, IReadOnlyList<string>> change, int status, CancellationToken ct)
    {
        await tags.Change(caller.Caller, kind, caller.Route("id"), change, ct);
        return Answer.Empty(status);
    }

    private static Func<IReadOnlyList<string>, IReadOnlyList<string>> Replaced(RequestContext caller, JsonBody body)
    {
        var wanted = body.Texts("tags") ?? throw caller.Surface.BadBody("'tags' is a required property");
        return _ => wanted;
    }

    private static IReadOnlyList<string> Without(IReadOnlyList<string> present, string tag) =>
        present.Contains(tag) ? [.. present.Where(t => t != tag)] : throw NetworkFaults.TagNotFound(tag);

    private static Answer Shown(IReadOnlyList<string> tags) => Answer.Json(new { tags });
}
