using System.Globalization;
using Nova.Modules.Aggregates.Images;
using Nova.Modules.AvailabilityZones;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Aggregates;

/// <summary>
/// The rules of host aggregates. Each change is one unit of work: the aggregate, its twin in Placement, the zones of its
/// hosts, and what pictures are told.
/// </summary>
public sealed class AggregateService(
    Database database, AggregateStore aggregates, ImageOrderStore orders, ServerStore servers, PlacementStore placement, AggregateStates states, HostZones zones, Ids ids, TimeProvider time)
{
    private const int MostImageOrders = 20_000;

    /// <summary>All, in the order of their numbers.</summary>
    public Task<IReadOnlyList<Aggregate>> List(CancellationToken ct) => aggregates.List(ct);

    /// <summary>One aggregate.</summary>
    /// <exception cref="Fault">400: the id is no number. 404.</exception>
    public async Task<Aggregate> Get(string id, CancellationToken ct) => await aggregates.Find(Number(id), ct) ?? throw NotFound(id);

    /// <summary>Makes one without hosts.</summary>
    /// <exception cref="Fault">409: the name is taken.</exception>
    public Task<Aggregate> Create(string name, string? zone, CancellationToken ct) => database.Write(
        tx =>
        {
            var aggregate = With(new() { Id = ids.Next(), Number = Numbers.Take(tx, "aggregate"), Name = name, CreatedAt = Now }, Zoned([], zone));
            if (!aggregates.TryInsert(tx, aggregate))
                throw NameTaken(name);

            states.Changed(tx, aggregate.State);
            return aggregate;
        },
        ct);

    /// <summary>Changes the name, or the zone, or both; null leaves it as it is.</summary>
    /// <exception cref="Fault">400: the zone cannot change. 404. 409: the name is taken.</exception>
    public Task<Aggregate> Update(string id, string? name, ZoneText? zone, CancellationToken ct) => Change(
        id,
        "Cannot update aggregate",
        (tx, aggregate) =>
        {
            if (name is not null && aggregates.IsTaken(tx, name, aggregate.Id))
                throw NameTaken(name);

            var metadata = aggregate.Metadata.ToDictionary();
            if (zone is not null)
                metadata[AggregateStates.ZoneKey] = zone.Value ?? "";
            return With(aggregate with { Name = name ?? aggregate.Name }, metadata);
        },
        ct);

    /// <summary>Sets keys of the metadata; those with null are removed.</summary>
    /// <exception cref="Fault">400: the zone cannot change. 404.</exception>
    public Task<Aggregate> SetMetadata(string id, IReadOnlyDictionary<string, string?> changes, CancellationToken ct) => Change(
        id,
        "Cannot update metadata of aggregate",
        (_, aggregate) =>
        {
            var metadata = aggregate.Metadata.ToDictionary();
            foreach (var (key, value) in changes)
            {
                if (value is not null || key == AggregateStates.ZoneKey)
                    metadata[key] = value ?? "";
                else
                    metadata.Remove(key);
            }

            return With(aggregate, metadata);
        },
        ct);

    /// <summary>Removes one without hosts.</summary>
    /// <exception cref="Fault">400: it has hosts. 404.</exception>
    public Task Delete(string id, CancellationToken ct)
    {
        var number = Number(id);
        return database.Write(
            tx =>
            {
                var aggregate = aggregates.FindLocked(tx, number) ?? throw NotFound(id);
                if (aggregate.Hosts.Count > 0)
                    throw Fault.BadRequest($"Cannot remove host from aggregate {id}. Reason: Host aggregate is not empty.");

                aggregates.Delete(tx, aggregate.Id);
                states.Removed(tx, aggregate.Id);
            },
            ct);
    }

    /// <summary>Adds a host by the name of its service.</summary>
    /// <exception cref="Fault">404: no such aggregate or host. 409: it is in it already, or would be in two zones, or its servers would change theirs.</exception>
    public Task<Aggregate> AddHost(string id, string host, CancellationToken ct)
    {
        var number = Number(id);
        return database.Write(
            tx =>
            {
                var hostId = aggregates.LockHost(tx, host) ?? throw Fault.NotFound($"Compute host {host} could not be found.");
                var aggregate = aggregates.FindLocked(tx, number) ?? throw NotFound(id);
                if (aggregate.Zone is { } zone)
                    CheckAdded(tx, aggregate, zone, hostId);
                if (!aggregates.TryAdd(tx, aggregate.Id, hostId, Now))
                    throw Fault.Conflict($"Aggregate {id} already has host {host}.");

                placement.SetAggregate(tx, hostId, aggregate.Id, isMember: true);
                zones.Settle(tx, hostId);
                return aggregate with { Hosts = [.. aggregate.Hosts, host] };
            },
            ct);
    }

    /// <summary>Takes a host out.</summary>
    /// <exception cref="Fault">404: no such aggregate or host, or it is not in it. 409: its servers would change their zone.</exception>
    public Task<Aggregate> RemoveHost(string id, string host, CancellationToken ct)
    {
        var number = Number(id);
        return database.Write(
            tx =>
            {
                if (aggregates.LockHost(tx, host) is not { } hostId || aggregates.FindLocked(tx, number) is not { } aggregate || !aggregate.Hosts.Contains(host))
                    throw Fault.NotFound($"Cannot remove host {host} in aggregate {id}");

                if (aggregate.Zone is { } zone)
                    CheckRemoved(tx, aggregate, zone, hostId);
                aggregates.TryRemove(tx, aggregate.Id, hostId);
                placement.SetAggregate(tx, hostId, aggregate.Id, isMember: false);
                zones.Settle(tx, hostId);
                return aggregate with { Hosts = [.. aggregate.Hosts.Where(h => h != host)] };
            },
            ct);
    }

    /// <summary>Its hosts are to cache these images; the orders are durable when this returns, and are carried out by and by.</summary>
    /// <exception cref="Fault">400: an image twice, or too many orders. 404.</exception>
    public Task CacheImages(string id, IReadOnlyList<string> images, string requestId, CancellationToken ct)
    {
        var number = Number(id);
        if (images.Distinct().Count() != images.Count)
            throw Fault.BadRequest($"Duplicate images in request");

        return database.Write(
            tx =>
            {
                var aggregate = aggregates.FindLocked(tx, number) ?? throw NotFound(id);
                var hosts = aggregates.HostsOf(tx, aggregate.Id);
                if ((long)hosts.Count * images.Count > MostImageOrders)
                    throw Fault.BadRequest($"{images.Count} images on {hosts.Count} hosts are more than one request may ask for ({MostImageOrders}): name fewer images.");

                foreach (var image in images)
                    orders.Insert(tx, hosts, image, requestId);
            },
            ct);
    }

    /// <summary>A host is being removed: it leaves its aggregates.</summary>
    public void Forget(Tx tx, Guid hostId)
    {
        foreach (var aggregate in aggregates.OfHost(tx, hostId))
        {
            aggregates.TryRemove(tx, aggregate, hostId);
            placement.SetAggregate(tx, hostId, aggregate, isMember: false);
        }
    }

    private Task<Aggregate> Change(string id, string what, Func<Tx, Aggregate, Aggregate> change, CancellationToken ct)
    {
        var number = Number(id);
        return database.Write(
            tx =>
            {
                var before = aggregates.FindLocked(tx, number) ?? throw NotFound(id);
                var after = change(tx, before) with { Revision = before.Revision + 1, UpdatedAt = Now };
                if (after.Zone is not null)
                    CheckZone(tx, before, after.Zone, what);
                aggregates.Update(tx, after);
                states.Changed(tx, after.State);
                if (after.Zone != before.Zone)
                    zones.SettleInAggregate(tx, after.Id);
                return after;
            },
            ct);
    }

    // An empty zone is not the way to have none: hosts would silently fall back to the default.
    private void CheckZone(Tx tx, Aggregate aggregate, string zone, string what)
    {
        if (zone.Length == 0)
            throw Refused($"Aggregate {aggregate.Name} does not support empty named availability zone");
        if (zone == aggregate.Zone)
            return;

        aggregates.LockHosts(tx, aggregate.Id);
        if (Conflicts(aggregates.OtherZonesOfHosts(tx, aggregate.Id), zone) is { } conflicts)
            throw Refused(conflicts);
        if (servers.CountInAggregate(tx, aggregate.Id) > 0)
            throw Refused("One or more hosts contain instances in this zone");

        Fault Refused(string reason) => Fault.BadRequest($"{what} {aggregate.Number}. Reason: {reason}.");
    }

    private void CheckAdded(Tx tx, Aggregate aggregate, string zone, Guid hostId)
    {
        var others = aggregates.OtherZonesOfHost(tx, aggregate.Id, hostId);
        if (Conflicts(others, zone) is { } conflicts)
            throw Fault.Conflict($"Cannot add host to aggregate {aggregate.Number}. Reason: {conflicts}.");
        if (others.Count == 0 && servers.CountOnHost(tx, hostId) is var count and > 0)
            throw Fault.Conflict($"Cannot add host to aggregate {aggregate.Number}. Reason: The host cannot be added to the aggregate as the availability zone of the host would change from 'None' to '{zone}' but the host already has {count} instance(s). {Advice}.");
    }

    private void CheckRemoved(Tx tx, Aggregate aggregate, string zone, Guid hostId)
    {
        if (aggregates.OtherZonesOfHost(tx, aggregate.Id, hostId).Count == 0 && servers.CountOnHost(tx, hostId) is var count and > 0)
            throw Fault.Conflict($"Cannot remove host from aggregate {aggregate.Number}. Reason: The host cannot be removed from the aggregate as the availability zone of the host would change from '{zone}' to 'None' but the host already has {count} instance(s). {Advice}.");
    }

    private const string Advice =
        "Changing the AZ of an existing instance is not supported by this action. Move the instances away from this host then try again. "
        + "If you need to move the instances between AZs then you can use shelve_offload and unshelve to achieve this.";

    private static string? Conflicts(IReadOnlyList<string> others, string zone)
    {
        var different = others.Where(other => other != zone).ToList();
        return different.Count == 0
            ? null
            : $"One or more hosts already in availability zone(s) [{string.Join(", ", different.Select(other => $"'{other}'"))}]";
    }

    private static Aggregate With(Aggregate aggregate, Dictionary<string, string> metadata) =>
        aggregate with { Zone = metadata.GetValueOrDefault(AggregateStates.ZoneKey), Metadata = metadata };

    private static Dictionary<string, string> Zoned(Dictionary<string, string> metadata, string? zone)
    {
        if (!string.IsNullOrEmpty(zone))
            metadata[AggregateStates.ZoneKey] = zone;
        return metadata;
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    // A number that is too large for one is no aggregate's.
    private static long Number(string id)
    {
        if (!System.Numerics.BigInteger.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw Fault.BadRequest($"Invalid input received: id must be an integer");
        return number > long.MaxValue || number < 0 ? -1 : (long)number;
    }

    private static Fault NotFound(string id) => Fault.NotFound($"Aggregate {id} could not be found.");

    private static Fault NameTaken(string name) => Fault.Conflict($"Aggregate {name} already exists.");
}
