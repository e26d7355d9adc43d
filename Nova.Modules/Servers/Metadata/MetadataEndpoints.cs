using Nova.Modules.Quotas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.Metadata;

/// <summary>https://docs.openstack.org/api-ref/compute/#server-metadata-servers-metadata.</summary>
public sealed class MetadataEndpoints(ServerAccess access, ServerUpdates updates, QuotaStore quotas) : IEndpoints
{
    private const string Rules = "os_compute_api:server-metadata:";
    private const string All = "/servers/{server_id}/metadata";
    private const string One = All + "/{id}";

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(All, Index).Requires(Rules + "index");
        routes.Post(All, Create).Requires(Rules + "create");
        routes.Put(All, UpdateAll).Requires(Rules + "update_all");
        routes.Get(One, Show).Requires(Rules + "show");
        routes.Put(One, Update).Requires(Rules + "update");
        routes.Delete(One, Delete).Requires(Rules + "delete");
    }

    private async Task<Answer> Index(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        return Answer.Json(new MetadataResponse((await Load(caller, "index", ct)).Metadata()));
    }

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        caller.QueryAs<NoServerQuery>();
        var key = caller.Route("id");
        return (await Load(caller, "show", ct)).Metadata().TryGetValue(key, out var value)
            ? Answer.Json(new MetadataItemResponse(new Dictionary<string, string> { [key] = value }))
            : throw NoItem();
    }

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var sent = (await caller.Body<MetadataRequest>(ct)).Metadata;
        return Answer.Json(new MetadataResponse(await Change(caller, "create", all => Add(all, sent), ct)));
    }

    private async Task<Answer> UpdateAll(RequestContext caller, CancellationToken ct)
    {
        var sent = (await caller.Body<MetadataRequest>(ct)).Metadata;
        return Answer.Json(new MetadataResponse(await Change(caller, "update_all", all => Replace(all, sent), ct)));
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        var sent = (await caller.Body<MetadataItemRequest>(ct)).Meta;
        if (!sent.ContainsKey(caller.Route("id")))
            throw Fault.BadRequest($"Request body and URI mismatch");

        await Change(caller, "update", all => Add(all, sent), ct);
        return Answer.Json(new MetadataItemResponse(sent));
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var key = caller.Route("id");
        var server = await Load(caller, "delete", ct);
        if (!server.Metadata().ContainsKey(key))
            throw NoItem();

        Transitions.DeleteMetadata.Check(caller, server);
        await updates.ChangeMetadata(server.Id, all => all.Remove(key), ct);
        return Answer.Empty();
    }

    private async Task<Dictionary<string, string>> Change(RequestContext caller, string rule, Action<Dictionary<string, string>> change, CancellationToken ct)
    {
        var server = await Load(caller, rule, ct);
        Transitions.UpdateMetadata.Check(caller, server);
        var limits = await quotas.Limits(server.ProjectId, ct);
        return await updates.ChangeMetadata(server.Id, all => Limited(all, change, limits), ct);
    }

    private static void Limited(Dictionary<string, string> all, Action<Dictionary<string, string>> change, HeldLimits limits)
    {
        change(all);
        if (limits.IsOver("metadata_items", all.Count))
            throw limits.Refusal("metadata_items", 0, all.Count, Fault.Forbidden($"Maximum number of metadata items exceeds {limits["metadata_items"]}"));
    }

    private static void Replace(Dictionary<string, string> all, IReadOnlyDictionary<string, string> sent)
    {
        all.Clear();
        Add(all, sent);
    }

    private static void Add(Dictionary<string, string> all, IReadOnlyDictionary<string, string> sent)
    {
        foreach (var (key, value) in sent)
            all[key] = value;
    }

    private Task<Server> Load(RequestContext caller, string rule, CancellationToken ct) => access.Load(caller, caller.Route("server_id"), Rules + rule, ct);

    private static Fault NoItem() => Fault.NotFound($"Metadata item was not found");
}
