using Nova.Modules.Identity;

namespace Nova.Modules.Networks;

/// <summary>The network service as the old addresses of the Compute API show it, until 2.35.</summary>
public interface INetworkCatalog
{
    /// <summary>The networks that the caller may see, by name.</summary>
    Task<IReadOnlyList<CatalogNetwork>> Networks(Caller caller, CancellationToken ct);

    /// <summary>The security groups that the caller may see.</summary>
    Task<IReadOnlyList<CatalogGroup>> Groups(Caller caller, CancellationToken ct);

    /// <summary>A port has these groups; its server and host hear of it.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403, 404 or 409 of the service.</exception>
    Task SetPortGroups(Caller caller, Guid portId, IReadOnlyList<Guid> groups, CancellationToken ct);

    /// <summary>A new group.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403 or 409 of the service.</exception>
    Task<CatalogGroup> CreateGroup(Caller caller, string name, string description, CancellationToken ct);

    /// <summary>Another name and description.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403, 404 or 409 of the service.</exception>
    Task<CatalogGroup> ChangeGroup(Caller caller, Guid id, string name, string description, CancellationToken ct);

    /// <summary>The group is gone.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">403, 404; 409 while it is in use.</exception>
    Task DeleteGroup(Caller caller, Guid id, CancellationToken ct);

    /// <summary>A new rule for incoming traffic.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403, 404 or 409 of the service.</exception>
    Task<CatalogRule> CreateRule(Caller caller, CatalogRule rule, CancellationToken ct);

    /// <summary>The rule is gone.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">403, 404.</exception>
    Task DeleteRule(Caller caller, Guid id, CancellationToken ct);

    /// <summary>The floating addresses that the caller may see.</summary>
    Task<IReadOnlyList<CatalogFloatingIp>> FloatingIps(Caller caller, CancellationToken ct);

    /// <summary>A new floating address of an external network, for the caller's project.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403 or 409 of the service; a 409 is for a full network unless its sentence names a quota.</exception>
    Task<CatalogFloatingIp> TakeFloatingIp(Caller caller, Guid network, CancellationToken ct);

    /// <summary>It leads to a fixed address of a port from now on, wherever it led before; null to none.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403, 404 or 409 of the service.</exception>
    Task LeadFloatingIp(Caller caller, Guid id, Guid? port, string? fixedAddress, CancellationToken ct);

    /// <summary>The floating address is given back.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">403, 404.</exception>
    Task GiveFloatingIp(Caller caller, Guid id, CancellationToken ct);
}

/// <summary>A floating address.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ProjectId">The owner.</param>
/// <param name="Address">On the external network.</param>
/// <param name="Pool">The external network's name.</param>
/// <param name="FixedAddress">Where it leads, or null.</param>
/// <param name="Server">Whose port that is, or null.</param>
public sealed record CatalogFloatingIp(Guid Id, string ProjectId, string Address, string Pool, string? FixedAddress, Guid? Server);

/// <summary>A network.</summary>
public sealed record CatalogNetwork(Guid Id, string Name, bool IsExternal, bool IsDefault = false);

/// <summary>A security group with its rules for incoming traffic.</summary>
public sealed record CatalogGroup(Guid Id, string ProjectId, string Name, string Description, IReadOnlyList<CatalogRule> Rules);

/// <summary>A rule for incoming traffic.</summary>
public sealed record CatalogRule
{
    /// <summary>Empty before it is made.</summary>
    public Guid Id { get; init; }

    /// <summary>Its group.</summary>
    public required Guid GroupId { get; init; }

    /// <summary>A name or number; null for any.</summary>
    public string? Protocol { get; init; }

    /// <summary>The first port, or the ICMP type.</summary>
    public int? PortMin { get; init; }

    /// <summary>The last port, or the ICMP code.</summary>
    public int? PortMax { get; init; }

    /// <summary>Peers are the ports of this group.</summary>
    public Guid? RemoteGroupId { get; init; }

    /// <summary>Peers are in this prefix.</summary>
    public string? RemotePrefix { get; init; }
}
