using System.Text.Json;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Compute.Live;

/// <summary>A port as a member of security groups, before and after a change.</summary>
public sealed record PortChange
{
    /// <summary>The port.</summary>
    public required Guid PortId { get; init; }

    /// <summary>Its network.</summary>
    public required Guid NetworkId { get; init; }

    /// <summary>The groups that it was in.</summary>
    public IReadOnlyList<Guid> GroupsBefore { get; init; } = [];

    /// <summary>The addresses that it had.</summary>
    public IReadOnlyList<string> AddressesBefore { get; init; } = [];

    /// <summary>The groups that it is in; none when it is gone.</summary>
    public IReadOnlyList<Guid> Groups { get; init; } = [];

    /// <summary>The addresses that it has.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];
}

/// <summary>
/// Carries what running guests must hear of from the transaction that changed it to whoever tells the hosts. Where no other
/// process writes it goes there directly after the commit; else as events, because each process must hear of all.
/// </summary>
/// <param name="isShared">True when several processes write to the database.</param>
public sealed class LiveChanges(bool isShared)
{
    private const string PortKind = "live.port", GroupKind = "live.group", GuestKind = "live.guest", NetworkKind = "live.network";

    /// <summary>A port was made, changed or removed.</summary>
    public event Action<PortChange>? PortChanged;

    /// <summary>The rules of a group changed.</summary>
    public event Action<Guid>? GroupChanged;

    /// <summary>A network or its subnets changed; the guests on it are told of apart.</summary>
    public event Action<Guid>? NetworkChanged;

    /// <summary>What a guest may read about itself changed, or an interface of it.</summary>
    public event Action<Guid>? GuestChanged;

    /// <summary>To be called in the transaction that changes a port which has groups or addresses.</summary>
    public void Port(Tx tx, PortChange change)
    {
        if (isShared)
            tx.Emit(new(PortKind, change.PortId.ToString(), null, JsonSerializer.Serialize(change)));
        else
            tx.AfterCommit(() => PortChanged?.Invoke(change));
    }

    /// <summary>To be called in the transaction that changes a group's rules.</summary>
    public void Group(Tx tx, Guid group) => Tell(tx, GroupKind, group, id => GroupChanged?.Invoke(id));

    /// <summary>To be called in the transaction that changes a network, before <see cref="Guest"/> for those on it.</summary>
    public void Network(Tx tx, Guid network) => Tell(tx, NetworkKind, network, id => NetworkChanged?.Invoke(id));

    /// <summary>To be called in the transaction that changes a server's name, host name, metadata or interfaces.</summary>
    public void Guest(Tx tx, Guid server) => Tell(tx, GuestKind, server, id => GuestChanged?.Invoke(id));

    /// <summary>An event of the outbox; kinds of others are passed over.</summary>
    public void Take(EventRow row)
    {
        switch (row.Kind)
        {
            case PortKind when JsonSerializer.Deserialize<PortChange>(row.Body) is { } change:
                PortChanged?.Invoke(change);
                break;
            case GroupKind:
                GroupChanged?.Invoke(Guid.Parse(row.Subject));
                break;
            case NetworkKind:
                NetworkChanged?.Invoke(Guid.Parse(row.Subject));
                break;
            case GuestKind:
                GuestChanged?.Invoke(Guid.Parse(row.Subject));
                break;
        }
    }

    private void Tell(Tx tx, string kind, Guid id, Action<Guid> hear)
    {
        if (isShared)
            tx.Emit(new(kind, id.ToString(), null, "{}"));
        else
            tx.AfterCommit(() => hear(id));
    }
}
