using System.Collections.Concurrent;
using System.Text.Json;

namespace Nova.Modules.Placement.Candidates;

/// <summary>
/// Numbers for the resource classes, traits and aggregates that providers have, so that a search compares numbers and sets
/// of bits. Grows only; a forest that is read anew begins with empty names.
/// </summary>
internal sealed class Names
{
    private readonly Numbering<string> _classes = new(StringComparer.Ordinal);
    private readonly Numbering<string> _traits = new(StringComparer.Ordinal);
    private readonly Numbering<Guid> _aggregates = new(EqualityComparer<Guid>.Default);
    private readonly ConcurrentDictionary<string, TraitSet> _sets = new(StringComparer.Ordinal);

    /// <summary>How many names and sets are kept, whether or not a provider still has them.</summary>
    public int Count => _classes.Count + _traits.Count + _aggregates.Count + _sets.Count;

    /// <summary>The number of a class that some provider has or had, or −1.</summary>
    public int Class(string name) => _classes.Find(name);

    /// <summary>The number of a trait that some provider has or had, or −1.</summary>
    public int Trait(string name) => _traits.Find(name);

    /// <summary>The number of an aggregate in which some provider is or was, or −1.</summary>
    public int Aggregate(Guid id) => _aggregates.Find(id);

    /// <summary>The names of the classes by their numbers, as JSON writes them.</summary>
    public JsonEncodedText[] ClassNames() => [.. _classes.All.Select(name => JsonEncodedText.Encode(name))];

    /// <summary>The number of a class of a provider.</summary>
    public int AddClass(string name) => _classes.Add(name);

    /// <summary>The number of an aggregate of a provider.</summary>
    public int AddAggregate(Guid id) => _aggregates.Add(id);

    /// <summary>The set of a provider's traits; providers with the same traits have the same set.</summary>
    /// <param name="traits">The names, in order.</param>
    public TraitSet AddTraits(IReadOnlyList<string> traits) =>
        _sets.GetOrAdd(string.Join(' ', traits), static (_, given) => new(given.traits, [.. given.traits.Select(given.self._traits.Add)]), (self: this, traits));

    private sealed class Numbering<T>(IEqualityComparer<T> comparer) where T : notnull
    {
        private readonly ConcurrentDictionary<T, int> _numbers = new(comparer);
        private volatile T[] _names = [];

        public int Count => _numbers.Count;

        public T[] All => _names;

        public int Find(T name) => _numbers.TryGetValue(name, out var number) ? number : -1;

        // One thread at a time adds (the keeper of the forest); any number look things up meanwhile.
        public int Add(T name)
        {
            if (_numbers.TryGetValue(name, out var number))
                return number;

            number = _numbers.Count;
            _names = [.. _names, name];
            _numbers[name] = number;
            return number;
        }
    }
}

/// <summary>The traits of a provider, as bits and as the JSON that says them.</summary>
internal sealed class TraitSet
{
    private const string SharesViaAggregate = "MISC_SHARES_VIA_AGGREGATE";
    private const int WordBits = 64;

    private readonly ulong[] _bits;

    /// <param name="names">The names, in order.</param>
    /// <param name="numbers">Their numbers.</param>
    public TraitSet(IReadOnlyList<string> names, int[] numbers)
    {
        _bits = Bits(numbers);
        IsSharing = names.Contains(SharesViaAggregate);
        Json = JsonSerializer.SerializeToUtf8Bytes(names);
    }

    /// <summary>True when the provider shares what it has.</summary>
    public bool IsSharing { get; }

    /// <summary>A JSON array of the names.</summary>
    public byte[] Json { get; }

    /// <summary>True when one of the bits is in the set.</summary>
    public bool HasAny(ulong[] bits)
    {
        for (var word = Math.Min(bits.Length, _bits.Length) - 1; word >= 0; word--)
            if ((_bits[word] & bits[word]) != 0)
                return true;
        return false;
    }

    /// <summary>Numbers as bits.</summary>
    public static ulong[] Bits(IReadOnlyCollection<int> numbers)
    {
        if (numbers.Count == 0)
            return [];

        var bits = new ulong[numbers.Max() / WordBits + 1];
        foreach (var number in numbers)
            bits[number / WordBits] |= 1UL << (number % WordBits);
        return bits;
    }
}
