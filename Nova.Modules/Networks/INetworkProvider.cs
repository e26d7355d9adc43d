using System.Text.Json.Serialization;
using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Hardware;
using Nova.Modules.Identity;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Networks;

/// <summary>The network service, embedded or external, as servers need it.</summary>
public interface INetworkProvider
{
    /// <summary>
    /// Checks what a create asks for and says which interfaces it will get. Identifiers of ports that have to be made are
    /// chosen here, so that a repeated step finds its own port.
    /// </summary>
    /// <param name="caller">Whose networks count.</param>
    /// <param name="request">none, auto, or a list.</param>
    /// <param name="servers">How many servers the request makes; more than one refuses fixed addresses and existing ports.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>For each server its planned interfaces.</returns>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403, 404 or 409 in the words of the original.</exception>
    Task<IReadOnlyList<IReadOnlyList<PlannedNic>>> Plan(Caller caller, NetworkRequest request, int servers, CancellationToken ct);

    /// <summary>Checks what is to be attached to a server that exists, and says which interface it will get; its port's identifier is chosen here.</summary>
    /// <param name="caller">Whose networks and ports count.</param>
    /// <param name="request">A network, a port, or neither where the project has one network only.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403, 404 or 409 in the words of the original.</exception>
    Task<PlannedNic> PlanAttach(Caller caller, AttachRequest request, CancellationToken ct);

    /// <summary>What a host must know to plug these ports. From memory where possible.</summary>
    Task<IReadOnlyList<NicSpec>> Describe(IReadOnlyList<PortBinding> ports, CancellationToken ct);

    /// <summary>The names of security groups, as far as they exist. From memory where possible.</summary>
    ValueTask<IReadOnlyDictionary<Guid, string>> GroupNames(IReadOnlyCollection<Guid> groups, CancellationToken ct);
}

/// <summary>A network service whose rows are in our own database: a port then costs no commit of its own.</summary>
public interface ITransactionalNetwork : INetworkProvider
{
    /// <summary>
    /// The ports exist, are bound to the server and host, and have addresses. Repeating it finds the same ports.
    /// </summary>
    /// <exception cref="Nova.Modules.Shared.Fault">409 when a subnet has no free address, or an address or port is taken.</exception>
    IReadOnlyList<PortBinding> Ensure(Tx tx, ServerPorts server, IReadOnlyList<PlannedNic> nics);

    /// <summary>Ports that were made for the server are gone with their addresses; ports that the user made are unbound. Harmless when repeated.</summary>
    void Release(Tx tx, Guid serverId);

    /// <summary>As <see cref="Ensure"/> for one more interface of a server that has a host already; a new port counts against the quota of ports.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">400, 403, 404 or 409 in the words of the original.</exception>
    PortBinding Attach(Tx tx, ServerPorts server, PlannedNic nic);

    /// <summary>As <see cref="Release(Tx, Guid)"/> for one port of the server. Harmless when the server does not have it.</summary>
    void Release(Tx tx, Guid serverId, Guid portId);

    /// <summary>The server's first port on a network has one more address.</summary>
    /// <returns>False when the server has no port there.</returns>
    /// <exception cref="Nova.Modules.Shared.Fault">400: no address is free.</exception>
    bool AddAddress(Tx tx, Guid serverId, Guid networkId);

    /// <summary>A port of the server no longer has this address.</summary>
    /// <returns>False when none has it.</returns>
    bool RemoveAddress(Tx tx, Guid serverId, string address);
}

/// <summary>Security groups as running guests need them. A network service that enforces groups by itself has none of it.</summary>
public interface ISecurityGroups
{
    /// <summary>What a group allows; nothing when it is gone. The same list for as long as nothing changed.</summary>
    ValueTask<IReadOnlyList<RuleSpec>> RulesOf(Guid group, CancellationToken ct);

    /// <summary>Who is in a group, or who joined and left since.</summary>
    /// <param name="key">The group on one network.</param>
    /// <param name="after">The version of the last answer; 0 for the whole.</param>
    /// <param name="ct">Cancels.</param>
    ValueTask<GroupMembership> MembersOf(GroupKey key, long after, CancellationToken ct);
}

/// <summary>Members of a group, or their changes.</summary>
/// <param name="Version">To be given the next time.</param>
/// <param name="IsWhole">True when <paramref name="Joined"/> are all, whatever was told before.</param>
/// <param name="Joined">Addresses.</param>
/// <param name="Left">Addresses.</param>
public sealed record GroupMembership(long Version, bool IsWhole, IReadOnlyList<string> Joined, IReadOnlyList<string> Left);

/// <summary>Whose ports.</summary>
public sealed record ServerPorts(Guid ServerId, string ProjectId, string Zone, Guid HostId, string Host, string Hostname);

/// <summary>One interface for a server that exists.</summary>
/// <param name="ServerId">The server.</param>
/// <param name="ProjectId">The server's project, whose the port is.</param>
/// <param name="NetworkId">The network, or null.</param>
/// <param name="PortId">The port, or null.</param>
/// <param name="FixedIp">The address on the network, or null.</param>
/// <param name="Tag">The device tag, or null.</param>
public sealed record AttachRequest(Guid ServerId, string ProjectId, string? NetworkId, string? PortId, string? FixedIp, string? Tag);

/// <summary>The <c>networks</c> member of a create.</summary>
public sealed record NetworkRequest
{
    /// <summary>none.</summary>
    public static readonly NetworkRequest None = new() { IsNone = true };

    /// <summary>auto, or the member left out before 2.37.</summary>
    public static readonly NetworkRequest Auto = new() { IsAuto = true };

    /// <summary>True for none.</summary>
    public bool IsNone { get; init; }

    /// <summary>True for auto.</summary>
    public bool IsAuto { get; init; }

    /// <summary>With <see cref="IsAuto"/>: the member was left out (before 2.37), so a project without networks gets no interface instead of a new network.</summary>
    public bool IsOmitted { get; init; }

    /// <summary>The list.</summary>
    public IReadOnlyList<NicRequest> Nics { get; init; } = [];

    /// <summary>Names or ids of security groups for ports that are made; empty takes the default group.</summary>
    public IReadOnlyList<string> SecurityGroups { get; init; } = [];
}

/// <summary>One requested interface: a network (with or without a fixed address) or a port.</summary>
public sealed record NicRequest(string? NetworkId, string? FixedIp, string? PortId, string? Tag);

/// <summary>One interface that a server will get.</summary>
public sealed record PlannedNic
{
    /// <summary>The port, existing or to be made.</summary>
    public required Guid PortId { get; init; }

    /// <summary>True when the port has to be made, and goes with the server.</summary>
    public required bool Create { get; init; }

    /// <summary>The network.</summary>
    public required Guid NetworkId { get; init; }

    /// <summary>The requested address, or null.</summary>
    public string? FixedIp { get; init; }

    /// <summary>The device tag, or null.</summary>
    public string? Tag { get; init; }

    /// <summary>The security groups of a port that is made.</summary>
    public IReadOnlyList<Guid> SecurityGroups { get; init; } = [];

    /// <summary>The kind of an existing port: direct, macvtap …; null for a normal one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? VnicType { get; init; }

    /// <summary>What an existing port takes of providers of its host, such as bandwidth; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ResourceGroup>? Groups { get; init; }

    /// <summary>The device of its host that an existing port is; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DeviceDemand? Device { get; init; }

    /// <summary>Which provider gives what of <see cref="Groups"/>; set with the claim.</summary>
    [JsonIgnore]
    public IReadOnlyList<ProviderPart>? Held { get; init; }

    /// <summary>The address of <see cref="Device"/>; set with the claim.</summary>
    [JsonIgnore]
    public string? PciSlot { get; init; }
}

/// <summary>A server's port as the server row keeps it (column <c>networks</c>) and as lists show it.</summary>
public sealed record PortBinding
{
    /// <summary>The port.</summary>
    public required Guid PortId { get; init; }

    /// <summary>The network.</summary>
    public required Guid NetworkId { get; init; }

    /// <summary>The network's name: the key of <c>addresses</c>.</summary>
    public required string NetworkName { get; init; }

    /// <summary>Lower-case, colon separated.</summary>
    public required string Mac { get; init; }

    /// <summary>Fixed addresses.</summary>
    public IReadOnlyList<AddressSpec> Addresses { get; init; } = [];

    /// <summary>The security groups.</summary>
    public IReadOnlyList<Guid> SecurityGroups { get; init; } = [];

    /// <summary>True when the port goes with the server.</summary>
    public bool Owned { get; init; } = true;

    /// <summary>True when anti-spoofing and security groups are off.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsOpen { get; init; }

    /// <summary>The device tag, or null.</summary>
    public string? Tag { get; init; }

    /// <summary>Floating addresses; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FloatingSpec>? Floating { get; init; }

    /// <summary>What it has of providers of its host; null for nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ProviderPart>? Held { get; init; }

    /// <summary>The address of the device of its host that it is; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PciSlot { get; init; }

    /// <summary>True while it is being detached: what the host is told of the server's interfaces is without it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsLeaving { get; init; }
}
