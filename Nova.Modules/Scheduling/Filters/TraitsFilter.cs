using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only hosts with every required trait and without any forbidden one.</summary>
public sealed class TraitsFilter : IHostFilter
{
    /// <inheritdoc />
    public string Name => "TraitsFilter";

    /// <inheritdoc />
    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        foreach (var trait in request.RequiredTraits)
            And(picture, trait, alive);
        foreach (var trait in request.ForbiddenTraits)
            alive.AndNot(picture.WithTrait(trait));
    }

    /// <inheritdoc />
    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var misses = Slots(refused).Select(slot => Misses(picture, request, slot)).ToList();
        var fewest = misses.Min(m => m.Count);
        var nearest = misses.First(m => m.Count == fewest);
        var hosts = misses.Count(m => m.SequenceEqual(nearest));
        return Message.Of($"{hosts} hosts would do but for {string.Join(", ", nearest)}");
    }

    // A trait on a provider below the host's may do; which one gives what is CapacityFilter's.
    private static void And(Picture picture, string trait, BitSet alive)
    {
        var below = picture.WithNestedTrait(trait);
        if (below.IsEmpty)
        {
            alive.And(picture.WithTrait(trait));
            return;
        }

        var either = new BitSet();
        either.CopyFrom(picture.WithTrait(trait));
        either.Or(below);
        alive.And(either);
    }

    private static List<string> Misses(Picture picture, PlacementRequest request, int slot) =>
    [
        .. request.RequiredTraits.Where(trait => !picture.WithTrait(trait)[slot] && !picture.WithNestedTrait(trait)[slot]).Select(trait => "the missing trait " + trait),
        .. request.ForbiddenTraits.Where(trait => picture.WithTrait(trait)[slot]).Select(trait => "the forbidden trait " + trait),
    ];

    private static IEnumerable<int> Slots(BitSet hosts)
    {
        for (var slot = hosts.Next(0); slot >= 0; slot = hosts.Next(slot + 1))
            yield return slot;
    }
}
