using System.Net;
using System.Text.Json;
using Nova.Modules.Api;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;
using Check = Nova.Modules.Shared.Http.Validation.Check;

namespace Nova.Modules.Servers.Tags;

/// <summary>https://docs.openstack.org/api-ref/compute/#server-tags-servers-tags.</summary>
public sealed class TagEndpoints(ServerAccess access, ServerUpdates updates) : IEndpoints
{
    private const string Rules = "os_compute_api:os-server-tags:";
    private const string All = "/servers/{server_id}/tags";
    private const string One = All + "/{id}";
    private const int FirstVersion = 26;

    private static readonly IReadOnlyList<Check> TagChecks = [Checks.Pattern(TagRules.Pattern), Checks.Length(1, TagRules.MaxLength)];

    /// <inheritdoc />
    public void Map(Routes routes)
    {
        routes.Get(All, Index).Since(FirstVersion).Requires(Rules + "index");
        routes.Put(All, UpdateAll).Since(FirstVersion).Requires(Rules + "update_all");
        routes.Delete(All, DeleteAll).Since(FirstVersion).Requires(Rules + "delete_all");
        routes.Get(One, Show).Since(FirstVersion).Requires(Rules + "show");
        routes.Put(One, Update).Since(FirstVersion).Requires(Rules + "update");
        routes.Delete(One, Delete).Since(FirstVersion).Requires(Rules + "delete");
    }

    private async Task<Answer> Index(RequestContext caller, CancellationToken ct) =>
        Answer.Json(new TagsResponse((await Load(caller, "index", ct)).Tags()));

    private async Task<Answer> Show(RequestContext caller, CancellationToken ct)
    {
        var (server, tag) = (await Load(caller, "show", ct), caller.Route("id"));
        return server.Tags().Contains(tag) ? Answer.Empty() : throw NoTag(server, tag);
    }

    private async Task<Answer> UpdateAll(RequestContext caller, CancellationToken ct)
    {
        var sent = (await caller.Body<TagsRequest>(ct)).Tags.Distinct().ToList();
        var server = await LoadToChange(caller, "update_all", ct);
        return Answer.Json(new TagsResponse(await updates.ChangeTags(server.Id, _ => sent, ct)));
    }

    private async Task<Answer> Update(RequestContext caller, CancellationToken ct)
    {
        if (await BodyReader.Element(caller, ct) is { ValueKind: not JsonValueKind.Null } body)
            throw caller.Surface.BadBody(new Refusal($"{PythonText.Quoted(body)} is not of type 'null'", body).ForBody());

        var (server, tag) = (await LoadToChange(caller, "update", ct), caller.Route("id"));
        if (Checks.First(TagChecks, JsonSerializer.SerializeToElement(tag)) is { } refusal)
            throw Fault.BadRequest($"Tag '{tag}' is invalid. It must be a non empty string without characters '/' and ',', and no longer than {TagRules.MaxLength}. Validation error message: {refusal.ForBody()}");

        var added = !server.Tags().Contains(tag);
        await updates.ChangeTags(server.Id, all => all.Contains(tag) ? all : Added(all, tag), ct);
        return added
            ? Answer.Empty(201).With("Location", $"{caller.TreeUrl()}/servers/{server.Id}/tags/{WebUtility.UrlEncode(tag)}")
            : Answer.Empty();
    }

    private async Task<Answer> Delete(RequestContext caller, CancellationToken ct)
    {
        var (server, tag) = (await LoadToChange(caller, "delete", ct), caller.Route("id"));
        await updates.ChangeTags(server.Id, all => all.Contains(tag) ? [.. all.Where(t => t != tag)] : throw NoTag(server, tag), ct);
        return Answer.Empty();
    }

    private async Task<Answer> DeleteAll(RequestContext caller, CancellationToken ct)
    {
        await updates.ChangeTags((await LoadToChange(caller, "delete_all", ct)).Id, _ => [], ct);
        return Answer.Empty();
    }

    private static List<string> Added(List<string> all, string tag) => all.Count < TagRules.MostTags
        ? [.. all, tag]
        : throw Fault.BadRequest($"The number of tags exceeded the per-server limit {TagRules.MostTags}");

    private Task<Server> Load(RequestContext caller, string rule, CancellationToken ct) => access.Load(caller, caller.Route("server_id"), Rules + rule, ct);

    private async Task<Server> LoadToChange(RequestContext caller, string rule, CancellationToken ct)
    {
        var server = await Load(caller, rule, ct);
        Transitions.ChangeTags.Check(caller, server);
        return server;
    }

    private static Fault NoTag(Server server, string tag) => Fault.NotFound($"Server {server.Id} has no tag '{tag}'");
}

/// <summary>PUT /servers/{id}/tags.</summary>
public sealed record TagsRequest
{
    /// <summary>Instead of those that are there.</summary>
    [Required, Pattern(TagRules.Pattern), Length(1, TagRules.MaxLength), Items(0, TagRules.MostTags)]
    public IReadOnlyList<string> Tags { get; set; } = null!;
}

/// <summary>All tags.</summary>
public sealed record TagsResponse(IReadOnlyList<string> Tags);
