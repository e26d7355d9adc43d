using Nova.Modules.Compute;

namespace Nova.Tests.Cluster;

/// <summary>A hypervisor with no ability beyond what all must have.</summary>
internal sealed class BareHypervisor(IHypervisor inner) : IHypervisor
{
    public string Type => inner.Type;

    public Task<HostInventory> Inspect(CancellationToken ct) => inner.Inspect(ct);

    public Task<IReadOnlyList<GuestStatus>> ListGuests(CancellationToken ct) => inner.ListGuests(ct);

    public IAsyncEnumerable<GuestStatus> Watch(CancellationToken ct) => inner.Watch(ct);

    public Task Ensure(GuestSpec guest, CancellationToken ct) => inner.Ensure(guest, ct);

    public Task SetPower(GuestSpec guest, PowerChange change, CancellationToken ct) => inner.SetPower(guest, change, ct);

    public Task Destroy(Guid serverId, CancellationToken ct) => inner.Destroy(serverId, ct);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
