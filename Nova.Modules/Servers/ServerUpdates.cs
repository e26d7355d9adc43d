using System.Text.Json;
using Nova.Modules.Compute.Live;
using Nova.Modules.Operations;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers;

/// <summary>Changes that need no operation, whatever the server is doing.</summary>
public sealed class ServerUpdates(Database database, ServerStore servers, LiveChanges changes, TimeProvider time)
{
    /// <summary>Changes what was sent; the answer is the server afterwards.</summary>
    /// <exception cref="Fault">404; 409: another zone than the server's own.</exception>
    public Task<Server> Apply(Guid id, ServerChange change, CancellationToken ct) => Change(id, server => Set(server, change), ct);

    /// <summary>Changes the metadata; the answer is all of it afterwards.</summary>
    /// <exception cref="Fault">404, or what the change throws.</exception>
    public async Task<Dictionary<string, string>> ChangeMetadata(Guid id, Action<Dictionary<string, string>> change, CancellationToken ct)
    {
        var changed = await Change(
            id,
            server =>
            {
                var metadata = server.Metadata();
                change(metadata);
                server.MetadataJson = JsonSerializer.Serialize(metadata, StateJson.Options);
            },
            ct);
        return changed.Metadata();
    }

    /// <summary>Changes the tags; the answer is all of them afterwards.</summary>
    /// <exception cref="Fault">404, or what the change throws.</exception>
    public async Task<List<string>> ChangeTags(Guid id, Func<List<string>, List<string>> change, CancellationToken ct) =>
        (await Change(id, server => server.TagsJson = JsonSerializer.Serialize(change(server.Tags()), StateJson.Options), ct)).Tags();

    private Task<Server> Change(Guid id, Action<Server> change, CancellationToken ct) => database.Write(
        tx =>
        {
            var server = servers.FindLocked(tx, id) ?? throw ServerAccess.NotFound(id);
            change(server);
            server.UpdatedAt = time.GetUtcNow().ToUnixTimeMilliseconds();
            servers.Update(tx, server);
            if (server.HostId is not null)
                changes.Guest(tx, id);
            return server;
        },
        ct);

    private static void Set(Server server, ServerChange change)
    {
        server.Name = change.Name?.Trim() ?? server.Name;
        server.AccessIpv4 = change.AccessIpv4 ?? server.AccessIpv4;
        server.AccessIpv6 = AccessAddress.Short(change.AccessIpv6) ?? server.AccessIpv6;
        server.Hostname = change.Hostname ?? server.Hostname;
        if (change.Description.IsSent)
            server.Description = change.Description.Value;
        if (change.DiskConfig is { } diskConfig)
            server.SetDetails(server.Details with { DiskConfig = diskConfig });
        if (change.PinnedAvailabilityZone is { IsSent: true, Value: var zone })
            server.RequestedZone = zone is null || zone == server.Zone || zone == server.RequestedZone
                ? zone
                : throw Fault.Conflict($"Instance {server.Id} cannot be pinned to availability zone {zone}: it is in another one.");
    }
}
