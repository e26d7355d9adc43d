using Nova.Modules.Placement;
using Nova.Modules.Shared;

namespace Nova.Modules.Scheduling.Explain;

/// <summary>Tries a change on pictures of its own.</summary>
internal sealed class Trial(PictureSnapshot picture, SchedulerOptions options, TimeProvider time)
{
    private const int MostMoves = 1000, MostHomeless = 100, MostAdded = 10_000;

    private readonly Dictionary<string, HostState> _hosts = picture.Hosts.GroupBy(h => h.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    /// <summary>What becomes of the change.</summary>
    /// <exception cref="Fault">400: a host that is named is not there.</exception>
    public Outcome Run(Change change, CancellationToken ct)
    {
        var after = After(change);
        var chooser = Load(after);
        var (moves, homeless, placed, unplaced) = (new List<Move>(), new List<Homeless>(), 0, 0);
        foreach (var request in change.Servers)
        {
            ct.ThrowIfCancellationRequested();
            var selection = chooser.Choose(request);
            if (selection.IsComplete && ++placed <= MostMoves)
                moves.Add(new(request.Servers[0], selection.Ranked[0][0].Host));
            else if (!selection.IsComplete && ++unplaced <= MostHomeless)
                homeless.Add(new(request.Servers[0], selection.Refusals));
        }

        return new()
        {
            HostsBefore = picture.Hosts.Count(IsOpen),
            HostsAfter = after.Hosts.Count(IsOpen),
            Displaced = change.Servers.Count,
            Placed = placed,
            Moves = moves,
            Homeless = homeless,
            Before = change.Counted is { } counted ? Load(picture).Room(counted, ct) : null,
            After = change.Counted is { } same ? chooser.Room(same, ct) : null,
        };
    }

    private Chooser Load(PictureSnapshot snapshot)
    {
        var chooser = new Chooser(options, time);
        chooser.Load(snapshot);
        chooser.Begin();
        return chooser;
    }

    // The servers that lose their hosts are nowhere, so that no group and no count keeps them there.
    private PictureSnapshot After(Change change)
    {
        var drained = change.Drained.Select(name => Find(name).Id).ToHashSet();
        var hosts = picture.Hosts.Select(h => drained.Contains(h.Id) ? h with { Disabled = true } : change.LostZones.Contains(h.Zone) ? h with { Health = HostHealth.Down } : h).ToList();
        foreach (var zone in change.LostZones)
            if (!picture.Hosts.Any(h => h.Zone == zone))
                throw Fault.BadRequest($"No host is in the availability zone {zone}.");

        var displaced = change.Servers.SelectMany(r => r.Servers).ToHashSet();
        var next = picture with
        {
            Hosts = hosts,
            Members = [.. picture.Members.Where(m => !displaced.Contains(m.ServerId))],
            Servers = [.. picture.Servers.Where(s => !displaced.Contains(s.Id))],
        };
        return change.Added.Aggregate(next, Add);
    }

    private PictureSnapshot Add(PictureSnapshot to, AddedHosts added)
    {
        if (added.Count is < 1 or > MostAdded)
            throw Fault.BadRequest($"Between 1 and {MostAdded} hosts can be added.");

        var like = Find(added.Like);
        var own = picture.Providers.Where(p => p.Id == like.Id || p.RootId == like.Id).ToList();
        var (hosts, providers) = (new List<HostState>(to.Hosts), new List<ProviderState>(to.Providers));
        var (first, names) = (to.Hosts.Count, NamesBelow(like));
        for (var i = 0; i < added.Count; i++)
        {
            var name = $"{added.Like}+{first + i}";
            var id = NestedProviders.IdOf(like.Id, name);
            hosts.Add(like with { Id = id, Name = name, Node = name, Zone = added.Zone ?? like.Zone, Health = HostHealth.Up, Disabled = false });
            providers.AddRange(own.Select(p => Empty(p, p.Id == like.Id ? id : NestedProviders.IdOf(id, names.GetValueOrDefault(p.Id, p.Id.ToString())), p.RootId is null || p.RootId == p.Id ? null : id)));
        }

        return to with { Hosts = hosts, Providers = providers };
    }

    // What the host says of its devices is found by their addresses.
    private static Dictionary<Guid, string> NamesBelow(HostState like) =>
        (like.Hardware?.Layout.Devices ?? []).Select(d => d.ProviderAddress).Distinct().ToDictionary(address => NestedProviders.IdOf(like.Id, address));

    private static ProviderState Empty(ProviderState like, Guid id, Guid? root) =>
        like with { Id = id, RootId = root, Inventories = [.. like.Inventories.Select(i => i with { Used = 0 })] };

    private HostState Find(string name) => _hosts.GetValueOrDefault(name) ?? throw Fault.BadRequest($"Compute host {name} could not be found.");

    private static bool IsOpen(HostState host) => host is { Disabled: false, Health: HostHealth.Up };
}
