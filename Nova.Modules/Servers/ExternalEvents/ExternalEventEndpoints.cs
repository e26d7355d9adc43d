using System.Text.Json;
using Dapper;
using Nova.Modules.Compute.Live;
using Nova.Modules.Servers.Interfaces;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Servers.ExternalEvents;

/// <summary>
/// https://docs.openstack.org/api-ref/compute/#create-external-events-os-server-external-events. What a neighbour tells goes into the
/// outbox, where whoever waits for it looks; a port that is gone is detached from its server at once.
/// </summary>
public sealed class ExternalEventEndpoints(Database database, ServerInterfaces interfaces, LiveChanges changes) : IEndpoints
{
    /// <summary>The kind of the outbox's event.</summary>
    public const string Kind = "server.external_event";

    private static readonly string[] NeedTag = ["volume-extended", "accelerator-request-bound", "volume-reimaged"];

    /// <inheritdoc />
    public void Map(Routes routes) => routes.Post("/os-server-external-events", Create).Requires("os_compute_api:os-server-external-events:create");

    private async Task<Answer> Create(RequestContext caller, CancellationToken ct)
    {
        var events = (await caller.Body<ExternalEventsRequest>(ct)).Events;
        var servers = await Targets([.. events.Select(e => Parse(e.ServerUuid)).Distinct()], ct);
        var views = events.Select(e => View(e, servers.GetValueOrDefault(Parse(e.ServerUuid)))).ToList();
        var accepted = views.Where(v => v.Code == 200).Zip(events.Where((_, i) => views[i].Code == 200)).ToList();
        if (accepted.Count > 0)
            await database.Write(tx => accepted.ForEach(a => Tell(tx, a.Second, servers[Parse(a.First.ServerUuid)])), ct);

        // 207 says that the events must be looked at one by one.
        return Answer.Json(new ExternalEventsResponse(views), accepted.Count == views.Count ? 200 : 207);
    }

    private async Task<Dictionary<Guid, Target>> Targets(List<Guid> ids, CancellationToken ct)
    {
        var args = new DynamicParameters();
        for (var i = 0; i < ids.Count; i++)
            args.Add($"id{i}", ids[i]);
        var names = string.Join(", ", args.ParameterNames.Select(name => "@" + name));
        var found = await database.Read(
            rows => rows.Query<Target>($"SELECT id, project_id, host_id FROM servers WHERE cell = 0 AND id IN ({names}) AND deleted_at IS NULL", args), ct);
        return found.ToDictionary(s => s.Id);
    }

    private void Tell(Tx tx, NewExternalEvent told, Target server)
    {
        if (told.Name == "network-vif-deleted" && Guid.TryParse(told.Tag, out var port))
            interfaces.Release(tx, server.Id, port);
        else if (told.Name == "network-changed")
            changes.Guest(tx, server.Id);
        tx.Emit(new(
            Kind, server.Id.ToString(), server.ProjectId,
            JsonSerializer.Serialize(new Dictionary<string, string?> { ["name"] = told.Name, ["status"] = told.Status ?? "completed", ["tag"] = told.Tag })));
    }

    private static ExternalEventView View(NewExternalEvent told, Target? server)
    {
        var code = server is null ? 404 : NeedTag.Contains(told.Name) && told.Tag is null ? 400 : server.HostId is null ? 422 : 200;
        return new() { Name = told.Name, ServerUuid = told.ServerUuid, Tag = told.Tag, Code = code, Status = code == 200 ? "completed" : "failed" };
    }

    // The form that was checked allows dashes, braces and urn: anywhere.
    private static Guid Parse(string uuid) => Guid.ParseExact(
        uuid.Replace("urn:", "", StringComparison.Ordinal).Replace("uuid:", "", StringComparison.Ordinal).Trim('{', '}').Replace("-", "", StringComparison.Ordinal), "N");

    private sealed class Target
    {
        public Guid Id { get; set; }
        public string ProjectId { get; set; } = "";
        public Guid? HostId { get; set; }
    }
}
