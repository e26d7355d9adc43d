using System.Collections.Immutable;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Operations;

/// <summary>The conductors that hold a lease, as this process has read them last.</summary>
public sealed class ConductorPeers(Database database)
{
    private ImmutableArray<ConductorPeer> _alive = [];

    /// <summary>Raised after a conductor came, went or restarted.</summary>
    public event Action? Changed;

    /// <summary>In the order of their ids.</summary>
    public IReadOnlyList<ConductorPeer> Alive => _alive;

    /// <summary>The conductor of an incarnation, or null.</summary>
    public ConductorPeer? Find(Guid incarnation) => _alive.FirstOrDefault(peer => peer.Incarnation == incarnation);

    /// <summary>Reads the leases again.</summary>
    public async Task<IReadOnlyList<ConductorPeer>> Refresh(CancellationToken ct)
    {
        var alive = await database.ReadOne(
            rows => rows.Many(
                "SELECT id, incarnation, counter, address FROM instances ORDER BY id",
                row => new ConductorPeer(row.Uuid(0), row.Uuid(1), row.Text(3)) { Counter = row.Long(2) }), ct);
        var changed = !alive.SequenceEqual(_alive, SameProcess.Instance);
        _alive = [.. alive];
        if (changed)
            Changed?.Invoke();
        return alive;
    }

    // The counter rises all the time and says nothing to anybody but the watcher of leases.
    private sealed class SameProcess : EqualityComparer<ConductorPeer>
    {
        public static readonly SameProcess Instance = new();

        public override bool Equals(ConductorPeer? x, ConductorPeer? y) => (x?.Incarnation, x?.Address) == (y?.Incarnation, y?.Address);

        public override int GetHashCode(ConductorPeer obj) => obj.Incarnation.GetHashCode();
    }
}

/// <summary>A conductor as its lease describes it.</summary>
/// <param name="Id">The same after a restart.</param>
/// <param name="Incarnation">What the owner column of its operations says.</param>
/// <param name="Address">HOST:PORT of its role port; empty when it serves nobody else.</param>
public sealed record ConductorPeer(Guid Id, Guid Incarnation, string Address)
{
    /// <summary>Rises while it lives.</summary>
    public long Counter { get; init; }
}
