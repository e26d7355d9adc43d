using Nova.Modules.Placement;
using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>Only hosts with room for every resource class: the same condition as the claim's, on the picture.</summary>
public sealed class CapacityFilter : IFittingFilter
{
    /// <inheritdoc />
    public string Name => "CapacityFilter";

    /// <inheritdoc />
    public bool IsAlwaysAsked => true;

    /// <inheritdoc />
    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        foreach (var (name, amount) in request.Resources)
            if (amount > 0 && picture.NestedRoom(name) is { } below)
                NarrowTree(picture.Resource(name), below, amount, alive);
            else if (amount > 0)
                Narrow(picture.Resource(name), amount, alive);

        foreach (var (name, amount) in request.ResourceGroups.SelectMany(g => g.Resources))
            if (picture.NestedRoom(name) is { } below && IsPossible(amount))
                below.KeepAtLeast((int)amount, alive);
            else
                alive.Clear();
    }

    /// <inheritdoc />
    public bool Concerns(Picture picture, PlacementRequest request) => TreeFit.Concerns(picture, request);

    /// <inheritdoc />
    public bool Fits(Picture picture, PlacementRequest request, int slot) => TreeFit.Find(picture, request, slot) is not null;

    /// <summary>Whether one more server has room on this host, as far as one look at each class can tell.</summary>
    public static bool HasRoom(Picture picture, PlacementRequest request, int slot)
    {
        foreach (var wanted in request.Resources)
            if (wanted.Amount > 0 && !picture.FitsOwn(slot, wanted) && !(picture.NestedRoom(wanted.Class) is { } below && below[slot] >= wanted.Amount))
                return false;

        return true;
    }

    /// <inheritdoc />
    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var (nearest, hosts) = Nearest(picture, request, refused);
        return hosts == 1
            ? Message.Of($"1 host lacks only {Words(nearest)}")
            : Message.Of($"{hosts} hosts lack only {Words(nearest)}");
    }

    private static bool IsPossible(long amount) => ResourceColumn.Clamp(amount) == amount;

    private static void Narrow(ResourceColumn? column, long amount, BitSet alive)
    {
        if (column is null || !IsPossible(amount))
        {
            alive.Clear();
            return;
        }

        Lanes.KeepAtLeast(column.Room, (int)amount, alive.Words);
        for (var slot = column.Irregular.Next(0); slot >= 0; slot = column.Irregular.Next(slot + 1))
            if (alive[slot] && !column.IsRegular(slot, (int)amount))
                alive[slot] = false;
    }

    // On the host's own provider, or on one below it.
    private static void NarrowTree(ResourceColumn? own, IntColumn below, long amount, BitSet alive)
    {
        var (onOwn, onOthers) = (new BitSet(), new BitSet());
        onOwn.CopyFrom(alive);
        onOthers.CopyFrom(alive);
        Narrow(own, amount, onOwn);
        if (IsPossible(amount))
            below.KeepAtLeast((int)amount, onOthers);
        else
            onOthers.Clear();
        onOwn.Or(onOthers);
        alive.And(onOwn);
    }

    // The smallest shortfall relative to what is asked, and how many hosts have exactly that one.
    private static (List<ResourceAmount> Lacks, int Hosts) Nearest(Picture picture, PlacementRequest request, BitSet refused)
    {
        var (nearest, least, hosts) = (new List<ResourceAmount>(), double.PositiveInfinity, 0);
        for (var slot = refused.Next(0); slot >= 0; slot = refused.Next(slot + 1))
        {
            var lacks = Lacks(picture, request, slot);
            var distance = lacks.Sum(l => (double)l.Amount / request.Resources.Concat(request.ResourceGroups.SelectMany(g => g.Resources)).First(r => r.Class == l.Class).Amount);
            if (distance < least)
                (nearest, least, hosts) = (lacks, distance, 1);
            else if (lacks.SequenceEqual(nearest))
                hosts++;
        }

        return (nearest, hosts);
    }

    private static List<ResourceAmount> Lacks(Picture picture, PlacementRequest request, int slot)
    {
        var lacks = new List<ResourceAmount>();
        foreach (var (name, amount) in request.Resources)
            if (amount > 0 && !picture.FitsOwn(slot, new(name, amount)) && !(picture.NestedRoom(name) is { } below && below[slot] >= amount))
                lacks.Add(new(name, Math.Max(0, amount - Math.Max(0, Math.Max(picture.Resource(name)?.Room[slot] ?? 0, picture.NestedRoom(name)?[slot] ?? 0)))));
        foreach (var (name, amount) in request.ResourceGroups.SelectMany(g => g.Resources))
            if ((picture.NestedRoom(name)?[slot] ?? 0) is var room && room < amount)
                lacks.Add(new(name, amount - room));
        return lacks;
    }

    private static string Words(IReadOnlyCollection<ResourceAmount> lacks) => lacks.Count == 0 ? "an arrangement of what is left that has all of it together" : string.Join(" and ", lacks.Select(l => l switch
    {
        (var name, 0) => "a fitting minimum or step of " + name,
        ("MEMORY_MB", var amount) => $"{amount} MB of memory",
        ("DISK_GB", var amount) => $"{amount} GB of disk",
        ("VCPU", var amount) => $"{amount} VCPU",
        var (name, amount) => $"{amount} of {name}",
    }));
}
