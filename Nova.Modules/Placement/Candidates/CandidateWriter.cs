using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text.Json;

namespace Nova.Modules.Placement.Candidates;

/// <summary>
/// Writes the answer as each version has it, straight from the forest: an answer for thousands of trees is some megabytes,
/// and is flushed in parts so that it is never in memory as a whole.
/// </summary>
internal sealed class CandidateWriter
{
    private const int FlushBytes = 32 * 1024;
    private const int GuidLength = 36;
    private const int FirstWithMap = 12;
    private const int FirstWithTraits = 17;
    private const int FirstWithAllResources = 27;
    private const int FirstWithTrees = 29;
    private const int FirstWithMappings = 34;

    private readonly CandidateList _list;
    private readonly int _minor;
    private readonly Utf8JsonWriter _json;
    private readonly JsonEncodedText[] _classNames;
    private readonly HashSet<int> _requested;
    private readonly List<Part> _parts = [];
    private readonly List<ProviderPlace> _providers = [];

    private CandidateWriter(CandidateList list, int minor, IBufferWriter<byte> output)
    {
        (_list, _minor) = (list, minor);
        _json = new(output, new JsonWriterOptions { SkipValidation = true });
        _requested = [.. list.Wanted.Slots.SelectMany(slot => slot.Needs).Select(need => need.Class)];
        _classNames = list.Forest.Names.ClassNames();
    }

    /// <summary>Writes the document.</summary>
    /// <param name="list">What was found.</param>
    /// <param name="minor">The minor version of the answer, 10 to 39.</param>
    /// <param name="output">Where to.</param>
    /// <param name="ct">Ends the writing when the client is gone.</param>
    public static async Task Write(CandidateList list, int minor, PipeWriter output, CancellationToken ct)
    {
        var writer = new CandidateWriter(list, minor, output);
        await using var json = writer._json;
        json.WriteStartObject();
        json.WriteStartArray("allocation_requests");
        foreach (var candidate in list.Candidates)
        {
            writer.Request(candidate);
            await writer.FlushWhenFull(output, ct);
        }

        json.WriteEndArray();
        json.WriteStartObject("provider_summaries");
        foreach (var place in list.Summaries)
        {
            writer.Summary(place);
            await writer.FlushWhenFull(output, ct);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
    }

    private ValueTask<FlushResult> FlushWhenFull(PipeWriter output, CancellationToken ct)
    {
        if (_json.BytesPending + output.UnflushedBytes < FlushBytes)
            return default;

        _json.Flush();
        return output.FlushAsync(ct);
    }

    private void Request(Candidate candidate)
    {
        Gather(candidate);
        _json.WriteStartObject();
        if (_minor >= FirstWithMap)
            AllocationMap();
        else
            AllocationList();
        if (_minor >= FirstWithMappings)
            Mappings(candidate);
        _json.WriteEndObject();
    }

    // What several groups take of one class of one provider is one amount.
    private void Gather(Candidate candidate)
    {
        _parts.Clear();
        _providers.Clear();
        for (var slot = 0; slot < candidate.Chosen.Length; slot++)
        {
            var needs = _list.Wanted.Slots[slot].Needs;
            if (needs.Length == 0)
                continue;

            var provider = AddProvider(_list.At(candidate, slot));
            foreach (var need in needs)
                Add(provider, need);
        }
    }

    private int AddProvider(ProviderPlace place)
    {
        var index = _providers.IndexOf(place);
        if (index >= 0)
            return index;

        _providers.Add(place);
        return _providers.Count - 1;
    }

    private void Add(int provider, Portion need)
    {
        var index = _parts.FindIndex(p => p.Provider == provider && p.Class == need.Class);
        if (index >= 0)
            _parts[index] = _parts[index] with { Amount = _parts[index].Amount + need.Amount };
        else
            _parts.Add(new(provider, need.Class, need.Amount));
    }

    private void AllocationMap()
    {
        _json.WriteStartObject("allocations");
        for (var provider = 0; provider < _providers.Count; provider++)
        {
            Name(_providers[provider].Provider.Id);
            _json.WriteStartObject();
            Resources(provider);
            _json.WriteEndObject();
        }

        _json.WriteEndObject();
    }

    private void AllocationList()
    {
        _json.WriteStartArray("allocations");
        for (var provider = 0; provider < _providers.Count; provider++)
        {
            _json.WriteStartObject();
            _json.WriteStartObject("resource_provider");
            _json.WriteString("uuid", _providers[provider].Provider.Id);
            _json.WriteEndObject();
            Resources(provider);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void Resources(int provider)
    {
        _json.WriteStartObject("resources");
        foreach (var part in _parts)
            if (part.Provider == provider)
                _json.WriteNumber(_classNames[part.Class], part.Amount);
        _json.WriteEndObject();
    }

    private void Mappings(Candidate candidate)
    {
        _json.WriteStartObject("mappings");
        for (var slot = 0; slot < candidate.Chosen.Length; slot++)
            if (slot == 0 || _list.Wanted.Slots[slot].Group != _list.Wanted.Slots[slot - 1].Group)
                Mapping(candidate, slot);
        _json.WriteEndObject();
    }

    private void Mapping(Candidate candidate, int first)
    {
        var slots = _list.Wanted.Slots;
        _providers.Clear();
        for (var slot = first; slot < slots.Length && slots[slot].Group == slots[first].Group; slot++)
            AddProvider(_list.At(candidate, slot));
        _json.WriteStartArray(slots[first].Group.Suffix);
        foreach (var place in _providers)
            _json.WriteStringValue(place.Provider.Id);
        _json.WriteEndArray();
    }

    private void Summary(ProviderPlace place)
    {
        var provider = place.Provider;
        Name(provider.Id);
        _json.WriteStartObject();
        _json.WriteStartObject("resources");
        foreach (var stock in provider.Stocks)
            if (_minor >= FirstWithAllResources || _requested.Contains(stock.Class))
                Resource(stock);
        _json.WriteEndObject();
        if (_minor >= FirstWithTraits)
        {
            _json.WritePropertyName("traits");
            _json.WriteRawValue(provider.Traits.Json, skipInputValidation: true);
        }

        if (_minor >= FirstWithTrees)
            Position(place);
        _json.WriteEndObject();
    }

    private void Resource(Stock stock)
    {
        _json.WriteStartObject(_classNames[stock.Class]);
        _json.WriteNumber("capacity", stock.Capacity);
        _json.WriteNumber("used", stock.Used);
        _json.WriteEndObject();
    }

    private void Position(ProviderPlace place)
    {
        if (place.Provider.ParentId is { } parent)
            _json.WriteString("parent_provider_uuid", parent);
        else
            _json.WriteNull("parent_provider_uuid");
        _json.WriteString("root_provider_uuid", place.Tree.Root.Id);
    }

    private void Name(Guid id)
    {
        Span<byte> text = stackalloc byte[GuidLength];
        Utf8Formatter.TryFormat(id, text, out _);
        _json.WritePropertyName(text);
    }

    private readonly record struct Part(int Provider, int Class, long Amount);
}
