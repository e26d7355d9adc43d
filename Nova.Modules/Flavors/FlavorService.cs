using System.Globalization;
using System.Text.Json;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Flavors;

/// <summary>The rules of flavors.</summary>
public sealed class FlavorService(Database database, FlavorStore flavors, Ids ids, TimeProvider time)
{
    /// <summary>The flavor that the caller sees under this id.</summary>
    /// <exception cref="Fault">404.</exception>
    public async Task<Flavor> Get(RequestContext caller, string id, CancellationToken ct) =>
        await flavors.Find(ViewerOf(caller), id, ct) ?? throw NotFound(id);

    /// <summary>One page of the flavors that the caller sees.</summary>
    /// <exception cref="Fault">400: a filter or the marker is not good.</exception>
    public async Task<IReadOnlyList<Flavor>> List(RequestContext caller, FlavorQuery query, CancellationToken ct)
    {
        var viewer = ViewerOf(caller);
        var filter = new FlavorFilter(
            viewer,
            viewer.SeesAll ? IsPublic(query.IsPublic) : true,
            Number(query.MinRam, "minRam"),
            Number(query.MinDisk, "minDisk"),
            query.Name,
            string.IsNullOrEmpty(query.SortKey) ? "flavorid" : query.SortKey,
            query.SortDir == "desc",
            Page.Of(caller, query.Limit?.Value, query.Marker));
        return await flavors.List(filter, ct) ?? throw Fault.BadRequest($"marker [{query.Marker}] not found");
    }

    /// <summary>Makes a flavor.</summary>
    /// <exception cref="Fault">409: the id or the name is taken.</exception>
    public async Task<Flavor> Create(NewFlavor asked, CancellationToken ct)
    {
        var flavor = new Flavor
        {
            Id = asked.Id is { Value.Length: > 0 } id ? id.Value : ids.Next().ToString(),
            Name = asked.Name.Trim(),
            MemoryMb = asked.Ram!.Value,
            Vcpus = asked.Vcpus!.Value,
            RootGb = asked.Disk!.Value,
            EphemeralGb = asked.Ephemeral ?? 0,
            SwapMb = asked.Swap ?? 0,
            RxtxFactor = Factor(asked.RxtxFactor ?? 1.0),
            IsPublic = asked.IsPublic ?? true,
            Description = asked.Description,
            CreatedAt = Now,
        };
        await database.Write(tx => Insert(tx, flavor), ct);
        return flavor;
    }

    /// <summary>Changes the description.</summary>
    /// <exception cref="Fault">404.</exception>
    public async Task Describe(string id, string? description, CancellationToken ct)
    {
        if (!await database.Write(tx => flavors.Describe(tx, id, description, Now), ct))
            throw NotFound(id);
    }

    /// <summary>Removes a flavor; servers of it keep their copy.</summary>
    /// <exception cref="Fault">404.</exception>
    public async Task Delete(string id, CancellationToken ct)
    {
        if (!await database.Write(tx => flavors.Delete(tx, id), ct))
            throw NotFound(id);
    }

    /// <summary>Adds or replaces extra specs.</summary>
    /// <exception cref="Fault">404.</exception>
    public Task SetSpecs(string id, IEnumerable<KeyValuePair<string, string>> specs, CancellationToken ct) =>
        ChangeSpecs(id, all => { foreach (var (name, value) in specs) all[name] = value; }, ct);

    /// <summary>Removes an extra spec.</summary>
    /// <exception cref="Fault">404: no such flavor or spec.</exception>
    public Task RemoveSpec(string id, string key, CancellationToken ct) =>
        ChangeSpecs(id, all => { if (!all.Remove(key)) throw NoSpec(id, key); }, ct);

    /// <summary>The 404 of an extra spec.</summary>
    public static Fault NoSpec(string id, string key) => Fault.NotFound($"Flavor {id} has no extra specs with key {key}.");

    /// <summary>The projects that may use a private flavor.</summary>
    /// <exception cref="Fault">404: no such flavor, or it is public.</exception>
    public async Task<IReadOnlyList<string>> Access(RequestContext caller, string id, CancellationToken ct)
    {
        if ((await Get(caller, id, ct)).IsPublic)
            throw Fault.NotFound($"Access list not available for public flavors.");

        return await flavors.Access(id, ct);
    }

    /// <summary>Lets a project use a private flavor; answers with the whole list.</summary>
    /// <exception cref="Fault">404; 409 when it could already, or (from 2.7) when the flavor is public.</exception>
    public async Task<IReadOnlyList<string>> AddAccess(RequestContext caller, string id, string projectId, CancellationToken ct)
    {
        var flavor = await Get(caller, id, ct);
        if (caller.Since(7) && flavor.IsPublic)
            throw Fault.Conflict($"Can not add access to a public flavor.");
        if (!await database.Write(tx => flavors.Exists(tx, id) ? flavors.TryAddAccess(tx, id, projectId) : throw NotFound(id), ct))
            throw Fault.Conflict($"Flavor access already exists for flavor {id} and project {projectId} combination.");

        return await flavors.Access(id, ct);
    }

    /// <summary>Takes it back; answers with the whole list.</summary>
    /// <exception cref="Fault">404: no such flavor, or the project could not use it.</exception>
    public async Task<IReadOnlyList<string>> RemoveAccess(RequestContext caller, string id, string projectId, CancellationToken ct)
    {
        await Get(caller, id, ct);
        if (!await database.Write(tx => flavors.RemoveAccess(tx, id, projectId), ct))
            throw Fault.NotFound($"Flavor access not found for {id} / {projectId} combination.");

        return await flavors.Access(id, ct);
    }

    private void Insert(Tx tx, Flavor flavor)
    {
        if (flavors.Exists(tx, flavor.Id))
            throw Fault.Conflict($"Flavor with ID {flavor.Id} already exists.");
        if (flavors.NameExists(tx, flavor.Name) || !flavors.TryInsert(tx, flavor with { Number = Numbers.Take(tx, "flavor") }))
            throw Fault.Conflict($"Flavor with name {flavor.Name} already exists.");
    }

    private Task ChangeSpecs(string id, Action<SortedDictionary<string, string>> change, CancellationToken ct) => database.Write(
        tx =>
        {
            var specs = JsonSerializer.Deserialize<SortedDictionary<string, string>>(flavors.Specs(tx, id) ?? throw NotFound(id))!;
            change(specs);
            flavors.SetSpecs(tx, id, JsonSerializer.Serialize(specs), Now);
        },
        ct);

    private static double Factor(double factor) => factor is > 0 and <= 3.40282e+38
        ? factor
        : throw Fault.BadRequest($"Invalid input received: 'rxtx_factor' argument must be a float between 0 and 3.40282e+38");

    private static bool? IsPublic(string? text) => text switch
    {
        null => true,
        _ when text.Equals("none", StringComparison.OrdinalIgnoreCase) => null,
        _ => text.Trim().ToUpperInvariant() switch
        {
            "1" or "T" or "TRUE" or "ON" or "Y" or "YES" => true,
            "0" or "F" or "FALSE" or "OFF" or "N" or "NO" => false,
            _ => throw Fault.BadRequest($"Invalid is_public filter [{text}]"),
        },
    };

    private static long? Number(string? text, string name) => text is null
        ? null
        : long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : throw Fault.BadRequest($"Invalid {name} filter [{text}]");

    private static FlavorViewer ViewerOf(RequestContext caller) => new(caller.IsAdmin, caller.Caller.ProjectId);

    private static Fault NotFound(string id) => Fault.NotFound($"Flavor {id} could not be found.");

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();
}
