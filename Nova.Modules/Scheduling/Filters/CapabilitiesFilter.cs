using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Filters;

/// <summary>
/// Only hosts whose facts are as the flavor wants: extra specs <c>capabilities:NAME</c>, and those without a scope that are the
/// name of a fact.
/// </summary>
internal sealed class CapabilitiesFilter : IHostFilter
{
    private const string Scope = "capabilities";

    public string Name => "ComputeCapabilitiesFilter";

    public void Narrow(Picture picture, PlacementRequest request, BitSet alive)
    {
        foreach (var (key, wanted) in request.Specs())
            if (PathOf(key) is { } path)
                Narrow(picture, path, Operators.Of(wanted), alive);
    }

    public Message NearestMiss(Picture picture, PlacementRequest request, BitSet refused)
    {
        var hosts = refused.Count();
        return Message.Of($"{hosts} hosts are not as {string.Join(" and ", request.Specs().Where(s => PathOf(s.Key) is not null).Select(s => $"{s.Key} {s.Value}"))} wants");
    }

    // Thousands of hosts say the same: each distinct value is compared once.
    private static void Narrow(Picture picture, string[] path, Operators wanted, BitSet alive)
    {
        var known = new Dictionary<object, bool>();
        for (var slot = alive.Next(0); slot >= 0; slot = alive.Next(slot + 1))
        {
            var value = HostFacts.Find(picture, slot, path);
            if (value is null)
            {
                alive[slot] = false;
                continue;
            }

            if (!known.TryGetValue(value, out var isFit))
                known.Add(value, isFit = wanted.Matches(HostFacts.Text(value)));
            alive[slot] = isFit;
        }
    }

    private static string[]? PathOf(string key)
    {
        var parts = key.Split(':');
        if (parts.Length == 1)
            return HostFacts.IsKnown(key) ? parts : null;
        return parts[0] == Scope ? parts[1..] : null;
    }
}
