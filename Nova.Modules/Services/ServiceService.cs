using System.Globalization;
using Nova.Modules.Aggregates;
using Nova.Modules.Hosts;
using Nova.Modules.Scheduling;
using Nova.Modules.Servers;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Services;

/// <summary>The rules of services.</summary>
public sealed class ServiceService(Database database, ServiceStore services, ServerStore servers, AggregateService aggregates, HostRegistry hosts, HostStates states, IHostLiveness liveness, TimeProvider time)
{
    /// <summary>All services of a host and a kind; null or empty is any.</summary>
    public Task<IReadOnlyList<Service>> List(string? host, string? binary, CancellationToken ct) =>
        services.List(string.IsNullOrEmpty(host) ? null : host, string.IsNullOrEmpty(binary) ? null : binary, ct);

    /// <summary>True while the service is seen and no operator says otherwise.</summary>
    public bool IsUp(Service service) => !service.ForcedDown && service.HostId is { } host && liveness.IsUp(host);

    /// <summary>When the service was seen last, in milliseconds since 1970 UTC.</summary>
    public long SeenAt(Service service) => service.HostId is { } host && liveness.SeenAt(host) is { } seen ? seen : service.UpdatedAt;

    /// <summary>The service of a host and a kind, for a change.</summary>
    /// <exception cref="Fault">400: not a compute service. 404.</exception>
    public async Task<Service> ForChange(string host, string binary, CancellationToken ct)
    {
        Changeable(binary);
        return (await services.List(host, binary, ct)).SingleOrDefault() ?? throw Fault.NotFound($"Could not find binary {binary} on host {host}.");
    }

    /// <summary>The service of an id, for a change.</summary>
    /// <exception cref="Fault">400: not a UUID, or not a compute service. 404.</exception>
    public async Task<Service> ForChange(string id, CancellationToken ct)
    {
        var service = await services.Find(Uuid(id), ct) ?? throw Fault.NotFound($"Service {id} could not be found.");
        Changeable(service.BinaryName);
        return service;
    }

    /// <summary>Changes a service as it is now, and tells every scheduler before the next choice.</summary>
    public Task<Service> Change(Service service, Func<Service, Service> change, CancellationToken ct) => database.Write(
        tx =>
        {
            var present = services.Find(tx, service.Id) ?? throw Fault.NotFound($"Service {service.Id} could not be found.");
            var changed = change(present) with { UpdatedAt = time.GetUtcNow().ToUnixTimeMilliseconds() };
            services.Update(tx, changed);
            if (changed.HostId is { } host)
                states.Changed(tx, host);
            return changed;
        }, ct);

    /// <summary>Removes a service that does not run, with its host and the host's resource provider.</summary>
    /// <exception cref="Fault">400: the id has the wrong form. 404. 409: it runs, or there are servers or allocations on it.</exception>
    public async Task Delete(RequestContext caller, string id, CancellationToken ct)
    {
        var service = (caller.Since(53) ? await services.Find(Uuid(id), ct) : await services.Find(Number(id), ct)) ?? throw Fault.NotFound($"Service {id} not found.");
        await database.Write(tx => Delete(tx, service), ct);
    }

    // A host that runs would come back at once, and its guests would be nobody's in between.
    private void Delete(Tx tx, Service service)
    {
        if (service.HostId is { } host)
        {
            if (liveness.IsUp(host))
                throw Fault.Conflict($"Unable to delete compute service that is running. Stop it on host {service.Host} first.");
            if (servers.CountOnHost(tx, host) > 0)
                throw Fault.Conflict($"Unable to delete compute service that is hosting instances. Migrate or delete the instances first.");
            aggregates.Forget(tx, host);
            hosts.Remove(tx, host);
        }

        services.Delete(tx, service.Id);
    }

    private static void Changeable(string binary)
    {
        if (binary != "nova-compute")
            throw Fault.BadRequest($"Updating a {binary} service is not supported. Only nova-compute services can be updated.");
    }

    private static Guid Uuid(string id) => Formats.IsUuid(id) && Guid.TryParse(id, out var uuid) ? uuid : throw Fault.BadRequest($"Invalid uuid {id}");

    private static long Number(string id) => long.TryParse(id, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw Fault.BadRequest($"Invalid input received: id must be an integer");
}
