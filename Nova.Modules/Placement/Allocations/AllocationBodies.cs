using System.Text.Json;
using Nova.Modules.Placement.Schemas;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;
using Nova.Modules.Shared.Http.Validation;

namespace Nova.Modules.Placement.Allocations;

/// <summary>Reads the forms in which allocations have been written over the versions; the bodies have been checked.</summary>
internal static class AllocationBodies
{
    private const int ByProviderSince = 12;
    private const int GenerationsSince = 28;

    /// <summary>More than anything has: amounts and generations beyond 64 bits mean it.</summary>
    private const long Beyond = long.MaxValue / 4;

    /// <summary>One consumer, as PUT sends it.</summary>
    /// <exception cref="Fault">400: a provider's id is none.</exception>
    public static ConsumerChange One(RequestContext caller, Guid consumerId, JsonElement body) =>
        Of(consumerId, body, caller.Since(GenerationsSince), caller.Since(ByProviderSince));

    /// <summary>Several, by their ids, as POST and the reshaper send them.</summary>
    /// <exception cref="Fault">400: an id is none.</exception>
    public static IReadOnlyList<ConsumerChange> Many(RequestContext caller, JsonElement body)
    {
        var changes = new Dictionary<Guid, ConsumerChange>();
        foreach (var member in PythonText.Members(body))
        {
            var id = Uuids.TryParse(member.Name, out var uuid) ? uuid : throw MalformedConsumer(member.Name);
            changes[id] = Of(id, member.Value, caller.Since(GenerationsSince), byProvider: true);
        }

        return [.. changes.Values];
    }

    /// <summary>The 400 of a consumer whose id is no UUID.</summary>
    public static Fault MalformedConsumer(string text) => Fault.BadRequest($"Malformed consumer_uuid: {text}");

    /// <summary>An integer that may be beyond 64 bits.</summary>
    public static long Integer(JsonElement value) =>
        value.TryGetInt64(out var number) ? number : value.GetDouble() is > -Beyond and < Beyond and var whole ? (long)whole : Beyond;

    private static ConsumerChange Of(Guid id, JsonElement body, bool checksGeneration, bool byProvider) => new(
        id,
        Text(body, "project_id") ?? Consumer.Incomplete,
        Text(body, "user_id") ?? Consumer.Incomplete,
        body.TryGetProperty("consumer_generation", out var generation) && generation.ValueKind != JsonValueKind.Null ? Integer(generation) : null,
        checksGeneration,
        Text(body, "consumer_type"),
        [.. Providers(body.GetProperty("allocations"), byProvider).SelectMany(p => Resources(id, p.Key, p.Value))]);

    // Of entries for the same provider the last counts.
    private static Dictionary<Guid, JsonElement> Providers(JsonElement allocations, bool byProvider)
    {
        var providers = new Dictionary<Guid, JsonElement>();
        if (byProvider)
            foreach (var member in PythonText.Members(allocations))
                providers[ProviderId(member.Name)] = member.Value.GetProperty("resources");
        else
            foreach (var item in allocations.EnumerateArray())
                providers[ProviderId(item.GetProperty("resource_provider").GetProperty("uuid").GetString()!)] = item.GetProperty("resources");
        return providers;
    }

    private static IEnumerable<Allocation> Resources(Guid consumerId, Guid providerId, JsonElement resources) =>
        PythonText.Members(resources).Select(r => new Allocation(consumerId, providerId, r.Name, Integer(r.Value)));

    private static Guid ProviderId(string text) =>
        Uuids.TryParse(text, out var id) ? id : throw Fault.BadRequest($"Allocation for resource provider '{text}' that does not exist.");

    private static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.GetString() : null;
}
