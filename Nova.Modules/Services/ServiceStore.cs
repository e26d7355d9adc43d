using Nova.Modules.Shared.Database;

namespace Nova.Modules.Services;

/// <summary>The table <c>services</c>, with what <c>hosts</c> adds.</summary>
public sealed class ServiceStore(Database database)
{
    private const string Select =
        """
        SELECT s.id, s.number, s.binary_name, s.host, s.disabled, s.disabled_reason, s.forced_down, s.updated_at, h.id AS host_id, h.zone
        FROM services s LEFT JOIN hosts h ON h.service_id = s.id
        """;

    /// <summary>All services of a host and a binary (null: of any), in the order of their numbers.</summary>
    public Task<IReadOnlyList<Service>> List(string? host, string? binary, CancellationToken ct) => database.Read(
        rows => rows.Query<Service>(
            $"""
            {Select}
            WHERE TRUE {(host is null ? "" : "AND s.host = @host")} {(binary is null ? "" : "AND s.binary_name = @binary")}
            ORDER BY s.number
            """, new { host, binary }),
        ct);

    /// <summary>The service of an id, or null.</summary>
    public Task<Service?> Find(Guid id, CancellationToken ct) => database.Read(rows => rows.Find<Service>($"{Select} WHERE s.id = @id", new { id }), ct);

    /// <summary>The service of an old number, or null.</summary>
    public Task<Service?> Find(long number, CancellationToken ct) => database.Read(rows => rows.Find<Service>($"{Select} WHERE s.number = @number", new { number }), ct);

    /// <summary>The service of an id as the unit of work sees it, or null.</summary>
    public Service? Find(Tx tx, Guid id) => tx.Find<Service>($"{Select} WHERE s.id = @id", new { id });

    /// <summary>Writes what an operator may change.</summary>
    public void Update(Tx tx, Service service) => tx.Execute(
        """
        UPDATE services SET disabled = @Disabled, disabled_reason = @DisabledReason, forced_down = @ForcedDown, updated_at = @UpdatedAt WHERE id = @Id
        """, new { service.Id, service.Disabled, service.DisabledReason, service.ForcedDown, service.UpdatedAt });

    /// <summary>Removes the service; its host is gone already.</summary>
    public void Delete(Tx tx, Guid id) => tx.Execute("DELETE FROM services WHERE id = @id", new { id });
}
