using Nova.Modules.Placement;

namespace Nova.Modules.Scheduling;

/// <summary>Spreads what a request takes over the providers of a host: its own, and those below it.</summary>
internal static class TreeFit
{
    private const int MaxTries = 2000;

    /// <summary>Whether a host's own provider may not be enough: a class or trait that hosts have below it, or groups.</summary>
    public static bool Concerns(Picture picture, PlacementRequest request) =>
        request.ResourceGroups.Count > 0 || request.Resources.Any(r => picture.NestedRoom(r.Class) is not null);

    /// <summary>What is taken of which provider, the host's own first; null when it does not fit.</summary>
    public static IReadOnlyList<ProviderPart>? Find(Picture picture, PlacementRequest request, int slot)
    {
        var (host, tree) = (picture.Host(slot).Id, picture.TreeOf(slot));
        var parts = new List<ProviderPart>();
        var own = request.Resources.Where(r => r.Amount > 0 && picture.FitsOwn(slot, r)).ToList();
        if (own.Count > 0)
            parts.Add(new(host, "", own));
        var taken = new Dictionary<(Guid, string), long>();
        foreach (var rest in request.Resources.Where(r => r.Amount > 0).Except(own).ToList())
        {
            // Where traits are asked for, the provider with them is meant.
            var node = tree.Where(n => n.Fits(rest.Class, rest.Amount) && !request.ForbiddenTraits.Any(n.Traits.Contains))
                .MaxBy(n => request.RequiredTraits.Count(n.Traits.Contains));
            if (node is null)
                return null;
            parts.Add(new(node.Id, "", [rest]));
            taken[(node.Id, rest.Class)] = taken.GetValueOrDefault((node.Id, rest.Class)) + rest.Amount;
        }

        var used = parts.Select(p => p.ProviderId).ToHashSet();
        if (request.RequiredTraits.Any(trait => !picture.WithTrait(trait)[slot] && !tree.Any(n => used.Contains(n.Id) && n.Traits.Contains(trait))))
            return null;

        var tries = 0;
        return request.ResourceGroups.Count == 0 || Place(request, tree, 0, parts, taken, ref tries) ? parts : null;
    }

    private static bool Place(
        PlacementRequest request, IReadOnlyList<NestedProvider> tree, int index, List<ProviderPart> parts, Dictionary<(Guid, string), long> taken, ref int tries)
    {
        if (index == request.ResourceGroups.Count)
            return true;

        var group = request.ResourceGroups[index];
        foreach (var node in tree)
        {
            if (++tries > MaxTries)
                return false;
            if (!group.RequiredTraits.All(node.Traits.Contains) || group.ForbiddenTraits.Any(node.Traits.Contains))
                continue;
            if (request.IsolatesGroups && group.IsNumbered && parts.Exists(p => p.ProviderId == node.Id && p.Group.Length > 0))
                continue;
            if (!group.Resources.All(r => node.Fits(r.Class, r.Amount) && node.Room(r.Class) >= taken.GetValueOrDefault((node.Id, r.Class)) + r.Amount))
                continue;

            Take(node, group, taken, +1);
            parts.Add(new(node.Id, group.Name, group.Resources));
            if (Place(request, tree, index + 1, parts, taken, ref tries))
                return true;
            parts.RemoveAt(parts.Count - 1);
            Take(node, group, taken, -1);
        }

        return false;
    }

    private static void Take(NestedProvider node, ResourceGroup group, Dictionary<(Guid, string), long> taken, int sign)
    {
        foreach (var (name, amount) in group.Resources)
            taken[(node.Id, name)] = taken.GetValueOrDefault((node.Id, name)) + sign * amount;
    }
}
