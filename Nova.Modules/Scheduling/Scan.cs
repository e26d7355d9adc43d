using System.Numerics;
using Nova.Modules.Scheduling.Explain;
using Nova.Modules.Scheduling.Filters;

namespace Nova.Modules.Scheduling;

/// <summary>
/// One pass over all hosts for a kind of request: which can take it, and how good they are. Servers are then taken from
/// it one after the other; a host that took one is valued again with the pass's own smallest and largest values.
/// </summary>
internal sealed class Scan(IReadOnlyList<IHostFilter> filters, IReadOnlyList<IHostWeigher> weighers, ScanOptions options)
{
    private const int ScoreDigits = 4;

    private readonly BitSet _alive = new();
    private readonly BitSet _rest = new();
    private readonly BitSet _near = new();
    private readonly Scale[] _scales = [.. weighers.Select(_ => new Scale())];
    private readonly List<IFittingFilter> _fitting = [];
    private readonly int[] _refused = new int[filters.Count];
    private float[] _score = [];
    private float[] _peaks = [];
    private float[] _restPeaks = [];
    private Picture _picture = new();
    private PlacementRequest? _request;
    private int _misfits;

    /// <summary>The hosts that can take the request.</summary>
    public BitSet Alive => _alive;

    /// <summary>How many hosts there were before the filters.</summary>
    public int HostsSeen { get; private set; }

    /// <summary>How many hosts each filter refused, of those that the ones before had left.</summary>
    public IReadOnlyList<Refusal> Refusals { get; private set; } = [];

    /// <summary>Looks at all hosts.</summary>
    public void Run(Picture picture, PlacementRequest request)
    {
        (_picture, _request) = (picture, request);
        _alive.CopyFrom(picture.Present, picture.Slots / 64);
        _fitting.Clear();
        _misfits = 0;
        var left = HostsSeen = _alive.Count();
        for (var i = 0; i < filters.Count; i++)
        {
            if (request.SkipFilters && !filters[i].IsAlwaysAsked)
                continue;

            filters[i].Narrow(picture, request, _alive);
            if (filters[i] is IFittingFilter fitting && fitting.Concerns(picture, request))
                _fitting.Add(fitting);
            var now = _alive.Count();
            (_refused[i], left) = (left - now, now);
        }

        Refusals = Counted();
        Weigh();
    }

    /// <summary>
    /// The best hosts for one server, best first: at random among those within the tolerance of the best (and among at least
    /// the subset), then among the next best.
    /// </summary>
    public List<HostChoice> Rank(int count, ulong seed)
    {
        var ranked = new List<HostChoice>(count);
        _rest.CopyFrom(_alive);
        _near.CopyFrom(BitSet.Empty, _rest.Words.Length);
        _peaks.CopyTo(_restPeaks, 0);
        var near = 0;
        while (ranked.Count < count)
        {
            near += FillNear(near);
            if (near == 0)
                break;

            seed = Mix(seed);
            var slot = _near.Select(options.IsShuffled ? (int)(seed % (ulong)near) : 0);
            _near[slot] = false;
            near--;
            if (_fitting.Count == 0 || Fits(slot))
                ranked.Add(_picture.Choice(slot) with { Score = MathF.Round(_score[slot], ScoreDigits) });
            else if (_misfits >= options.MaxMisfits)
                break;
        }

        return ranked;
    }

    // What does not fit once does not fit a later server of the pass either.
    private bool Fits(int slot)
    {
        if (_fitting.TrueForAll(filter => filter.Fits(_picture, _request!, slot)))
            return true;

        _misfits++;
        _alive[slot] = false;
        _peaks[slot >> 6] = Lanes.Peak(_score, _alive.Words[slot >> 6], slot >> 6);
        return false;
    }

    /// <summary>What each weigher adds to the score of a host, for those that tell hosts apart.</summary>
    public List<WeigherShare> SharesOf(int slot)
    {
        var shares = new List<WeigherShare>();
        for (var i = 0; i < weighers.Count; i++)
        {
            var values = Values(i);
            if (!values.IsEmpty && _scales[i].Share(values[slot], slot) is var share and not 0)
                shares.Add(new(weighers[i].Name, values[slot], MathF.Round(share, ScoreDigits)));
        }

        return shares;
    }

    /// <summary>A host took a server, or gave one back: whether it can take another, and how good it is now.</summary>
    public void Revalue(int slot)
    {
        _alive[slot] = _alive[slot] && CapacityFilter.HasRoom(_picture, _request!, slot) && GroupAntiAffinityFilter.Allows(_picture, _request!, slot);
        var score = 0f;
        for (var i = 0; i < weighers.Count; i++)
        {
            var values = Values(i);
            if (!values.IsEmpty)
                score += _scales[i].Revalue(values[slot], slot);
        }

        _score[slot] = score;
        _peaks[slot >> 6] = Lanes.Peak(_score, _alive.Words[slot >> 6], slot >> 6);
    }

    // A multiplier of 0 does not ask, unless an aggregate says another.
    private ReadOnlySpan<int> Values(int weigher) =>
        weighers[weigher].Multiplier == 0 && !_scales[weigher].HasOwnFactors ? [] : weighers[weigher].Values(_picture, _request!);

    private int FillNear(int near)
    {
        var added = 0;
        while (near + added < options.Subset)
        {
            var best = Lanes.Max(_restPeaks);
            if (float.IsNegativeInfinity(best))
                break;

            added += MoveNear(best - options.Tolerance);
        }

        return added;
    }

    // Only the words whose best host is good enough are looked at.
    private int MoveNear(float least)
    {
        var moved = 0;
        Span<ulong> rest = _rest.Words, near = _near.Words;
        for (var w = 0; w < rest.Length; w++)
        {
            if (_restPeaks[w] < least)
                continue;

            var bits = Lanes.AtLeast(_score, least, w) & rest[w];
            rest[w] &= ~bits;
            near[w] |= bits;
            moved += BitOperations.PopCount(bits);
            _restPeaks[w] = Lanes.Peak(_score, rest[w], w);
        }

        return moved;
    }

    private void Weigh()
    {
        if (_score.Length < _picture.Slots)
            (_score, _peaks, _restPeaks) = (new float[_picture.Slots], new float[_picture.Slots / 64], new float[_picture.Slots / 64]);
        else
            _score.AsSpan().Clear();

        for (var i = 0; i < weighers.Count; i++)
        {
            _scales[i].Begin(_picture, weighers[i]);
            var values = Values(i);
            if (!values.IsEmpty)
                _scales[i].Add(values, weighers[i].Multiplier, _alive.Words, _score);
        }

        Lanes.Peaks(_score, _alive.Words, _peaks);
    }

    private List<Refusal> Counted()
    {
        var refusals = new List<Refusal>();
        for (var i = 0; i < filters.Count; i++)
        {
            if (_refused[i] > 0)
                refusals.Add(new(filters[i].Name, _refused[i]));
            _refused[i] = 0;
        }

        return refusals;
    }

    // SplitMix64: a different, well spread number for each seed.
    internal static ulong Mix(ulong seed)
    {
        seed += 0x9E3779B97F4A7C15;
        seed = (seed ^ seed >> 30) * 0xBF58476D1CE4E5B9;
        seed = (seed ^ seed >> 27) * 0x94D049BB133111EB;
        return seed ^ seed >> 31;
    }
}
