using Nova.Drivers.Embedded;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Network.Embedded;

/// <summary>The five operations that every kind of thing of the network API has, and how they are asked for.</summary>
/// <param name="List">All that the caller may see.</param>
/// <param name="Get">One of them.</param>
/// <param name="Create">A new one.</param>
/// <param name="Update">A changed one; null where nothing may be changed.</param>
/// <param name="Delete">One less.</param>
internal sealed record NetworkResource(
    Func<RequestContext, CancellationToken, Task<IEnumerable<Dictionary<string, object?>>>> List,
    Func<RequestContext, string, CancellationToken, Task<Dictionary<string, object?>>> Get,
    Func<RequestContext, JsonBody, CancellationToken, Task<Dictionary<string, object?>>> Create,
    Func<RequestContext, string, JsonBody, CancellationToken, Task<Dictionary<string, object?>>>? Update,
    Func<RequestContext, string, CancellationToken, Task> Delete)
{
    /// <summary>Maps them below /v2.0.</summary>
    /// <param name="routes">Where.</param>
    /// <param name="path">The last part of the address.</param>
    /// <param name="name">The member that holds one; with an s, many.</param>
    /// <param name="resource">The operations.</param>
    public static void Map(Routes routes, string path, string name, NetworkResource resource)
    {
        var (all, one) = ($"/v2.0/{path}", $"/v2.0/{path}/{{id}}");
        routes.Get(all, async (c, ct) => NetworkList.Of(c, name + "s", await resource.List(c, ct))).AnyCaller();
        routes.Post(all, (c, ct) => MakeFrom(c, name, resource, ct)).AnyCaller();
        routes.Get(one, async (c, ct) => NetworkList.One(c, name, await resource.Get(c, c.Route("id"), ct))).AnyCaller();
        routes.Delete(one, async (c, ct) =>
        {
            await resource.Delete(c, c.Route("id"), ct);
            return Answer.Empty();
        }).AnyCaller();
        if (resource.Update is { } update)
            routes.Put(one, async (c, ct) => NetworkList.One(c, name, await update(c, c.Route("id"), (await JsonBody.Read(c, ct)).Object(name), ct))).AnyCaller();
    }

    // One, or a list of them under the plural name.
    private static async Task<Answer> MakeFrom(RequestContext caller, string name, NetworkResource resource, CancellationToken ct)
    {
        var body = await JsonBody.Read(caller, ct);
        if (body.Objects(name + "s") is not { } many)
            return NetworkList.One(caller, name, await resource.Create(caller, body.Object(name), ct), 201);

        var made = new List<Dictionary<string, object?>>();
        foreach (var item in many)
            made.Add(await resource.Create(caller, item, ct));
        return Answer.Json(new Dictionary<string, object> { [name + "s"] = made }, 201);
    }
}
