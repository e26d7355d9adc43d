using System.Text.Json;
using Nova.Drivers.Embedded;
using Nova.Modules.Identity;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;
using Db = Nova.Modules.Shared.Database.Database;

namespace Nova.Drivers.Network.Embedded.Bindings;

/// <summary>A port on a host: the one that carries traffic is active, others wait for a move.</summary>
public sealed record HostBinding
{
    /// <summary>The host.</summary>
    public string Host { get; init; } = "";

    /// <summary>normal unless said.</summary>
    public string VnicType { get; init; } = "normal";

    /// <summary>JSON.</summary>
    public string Profile { get; init; } = "{}";

    /// <summary>True for the one that carries traffic.</summary>
    public bool IsActive { get; init; }
}

/// <summary>Which hosts a port is bound to. For administrators: a move binds the port to its next host before it goes there.</summary>
public sealed class PortBindingService(Db database, PortService ports, TimeProvider time)
{
    /// <summary>The active binding first.</summary>
    public async Task<IReadOnlyList<HostBinding>> List(Caller caller, string portId, CancellationToken ct)
    {
        var port = await Port(caller, portId, "get_port_binding", ct);
        var waiting = await database.Read(
            rows => rows.Query<HostBinding>("SELECT host, vnic_type, profile FROM port_bindings WHERE port_id = @Id ORDER BY host", new { port.Id }), ct);
        return [.. Active(port) is { } active ? [active] : Array.Empty<HostBinding>(), .. waiting];
    }

    /// <summary>The binding to a host.</summary>
    public async Task<HostBinding> Get(Caller caller, string portId, string host, CancellationToken ct) =>
        (await List(caller, portId, ct)).FirstOrDefault(b => b.Host == host) ?? throw NetworkFaults.BindingNotFound(portId, host);

    /// <summary>A new binding: active when the port has none, else waiting.</summary>
    public async Task<HostBinding> Create(Caller caller, string portId, JsonBody body, CancellationToken ct)
    {
        var id = (await Port(caller, portId, "create_port_binding", ct)).Id;
        var wanted = Merge(new() { Host = body.Required("host") }, body);
        return await database.Write(
            tx =>
            {
                var port = Locked(tx, id);
                if (port.Host == wanted.Host)
                    throw NetworkFaults.BindingExists(id, wanted.Host);
                if (port.Host.Length == 0)
                    return Activate(tx, port, wanted);
                return tx.Execute(
                    "INSERT INTO port_bindings (port_id, host, vnic_type, profile) VALUES (@id, @Host, @VnicType, @Profile) ON CONFLICT DO NOTHING",
                    new { id, wanted.Host, wanted.VnicType, wanted.Profile }) == 1
                        ? wanted
                        : throw NetworkFaults.BindingExists(id, wanted.Host);
            },
            ct);
    }

    /// <summary>Changes what the body names.</summary>
    public async Task<HostBinding> Update(Caller caller, string portId, string host, JsonBody body, CancellationToken ct)
    {
        var id = (await Port(caller, portId, "update_port_binding", ct)).Id;
        return await database.Write(
            tx =>
            {
                var port = Locked(tx, id);
                var changed = Merge(port.Host == host && host.Length > 0 ? Active(port)! : Waiting(tx, id, host) ?? throw NetworkFaults.BindingNotFound(portId, host), body);
                if (changed.IsActive)
                    return Activate(tx, port, changed);
                tx.Execute(
                    "UPDATE port_bindings SET vnic_type = @VnicType, profile = @Profile WHERE port_id = @id AND host = @host", new { id, host, changed.VnicType, changed.Profile });
                return changed;
            },
            ct);
    }

    /// <summary>The binding carries traffic from now on; the one that did waits.</summary>
    public async Task<HostBinding> Activate(Caller caller, string portId, string host, CancellationToken ct)
    {
        var id = (await Port(caller, portId, "activate", ct)).Id;
        return await database.Write(
            tx =>
            {
                var port = Locked(tx, id);
                if (port.Host == host)
                    throw NetworkFaults.BindingActive(id, host);
                var next = Waiting(tx, id, host) ?? throw NetworkFaults.BindingNotFound(portId, host);
                tx.Execute("DELETE FROM port_bindings WHERE port_id = @id AND host = @host", new { id, host });
                if (Active(port) is { } former)
                    tx.Execute(
                        "INSERT INTO port_bindings (port_id, host, vnic_type, profile) VALUES (@id, @Host, @VnicType, @Profile)",
                        new { id, former.Host, former.VnicType, former.Profile });
                return Activate(tx, port, next);
            },
            ct);
    }

    /// <summary>The binding is gone. That of a server's present host stays: its host would not hear of it.</summary>
    public async Task Delete(Caller caller, string portId, string host, CancellationToken ct)
    {
        var id = (await Port(caller, portId, "delete_port_binding", ct)).Id;
        await database.Write(
            tx =>
            {
                var port = Locked(tx, id);
                if (port.Host == host && host.Length > 0)
                {
                    if (port.DeviceOwner.StartsWith("compute:", StringComparison.Ordinal))
                        throw NetworkFaults.ServicePortStays(port);
                    Activate(tx, port, new());
                }
                else if (tx.Execute("DELETE FROM port_bindings WHERE port_id = @id AND host = @host", new { id, host }) == 0)
                {
                    throw NetworkFaults.BindingNotFound(portId, host);
                }
            },
            ct);
    }

    private async Task<PortRow> Port(Caller caller, string id, string rule, CancellationToken ct)
    {
        var port = await ports.Get(caller, id, ct);
        return NetworkAccess.IsAdmin(caller) ? port : throw NetworkFaults.NotAllowed(rule);
    }

    private static PortRow Locked(Tx tx, Guid id) =>
        tx.Find<PortRow>($"SELECT {PortRow.Columns} FROM ports WHERE id = @id {tx.Dialect.ForUpdate}", new { id }) ?? throw NetworkFaults.PortNotFound(id.ToString());

    private static HostBinding? Waiting(Tx tx, Guid id, string host) =>
        tx.Find<HostBinding>("SELECT host, vnic_type, profile FROM port_bindings WHERE port_id = @id AND host = @host", new { id, host });

    private static HostBinding? Active(PortRow port) =>
        port.Host.Length == 0 ? null : new() { Host = port.Host, VnicType = port.VnicType ?? "normal", Profile = port.Profile ?? "{}", IsActive = true };

    private HostBinding Activate(Tx tx, PortRow port, HostBinding binding)
    {
        tx.Execute(
            "UPDATE ports SET host = @Host, vnic_type = @VnicType, profile = @Profile, revision = revision + 1, updated_at = @now WHERE id = @Id",
            new { binding.Host, binding.VnicType, binding.Profile, now = time.GetUtcNow().ToUnixTimeMilliseconds(), port.Id });
        return binding with { IsActive = true };
    }

    private static HostBinding Merge(HostBinding binding, JsonBody body) => binding with
    {
        VnicType = body.Text("vnic_type") ?? binding.VnicType,
        Profile = body.Find("profile")?.Element.GetRawText() ?? binding.Profile,
    };
}
