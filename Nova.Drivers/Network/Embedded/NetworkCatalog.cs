using System.Text.Json;
using Nova.Drivers.Embedded;
using Nova.Drivers.Network.Embedded.FloatingIps;
using Nova.Modules.Identity;
using Nova.Modules.Networks;

namespace Nova.Drivers.Network.Embedded;

/// <summary>The embedded network as the old addresses of the Compute API show it.</summary>
public sealed class NetworkCatalog(NetworkService networks, SecurityGroupService groups, PortService ports, FloatingIpService floating, NetworkSurface surface) : INetworkCatalog
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<CatalogNetwork>> Networks(Caller caller, CancellationToken ct) =>
        [.. (await networks.List(caller, ct)).OrderBy(n => n.Row.Name, StringComparer.Ordinal).ThenBy(n => n.Row.Id).Select(n => new CatalogNetwork(n.Row.Id, n.Row.Name, n.Row.External, n.Row.IsDefault))];

    /// <inheritdoc />
    public async Task<IReadOnlyList<CatalogGroup>> Groups(Caller caller, CancellationToken ct) => [.. (await groups.List(caller, ct)).Select(Of)];

    /// <inheritdoc />
    public Task SetPortGroups(Caller caller, Guid portId, IReadOnlyList<Guid> groups, CancellationToken ct) =>
        ports.Update(caller, portId.ToString(), Body(new() { ["security_groups"] = groups }), ct);

    /// <inheritdoc />
    public async Task<CatalogGroup> CreateGroup(Caller caller, string name, string description, CancellationToken ct) =>
        Of(await groups.Create(caller, Body(new() { ["name"] = name, ["description"] = description }), ct));

    /// <inheritdoc />
    public async Task<CatalogGroup> ChangeGroup(Caller caller, Guid id, string name, string description, CancellationToken ct) =>
        Of(await groups.Update(caller, id.ToString(), Body(new() { ["name"] = name, ["description"] = description }), ct));

    /// <inheritdoc />
    public Task DeleteGroup(Caller caller, Guid id, CancellationToken ct) => groups.Delete(caller, id.ToString(), ct);

    /// <inheritdoc />
    public async Task<CatalogRule> CreateRule(Caller caller, CatalogRule rule, CancellationToken ct) => Of(await groups.CreateRule(
        caller,
        Body(new()
        {
            ["security_group_id"] = rule.GroupId.ToString(),
            ["direction"] = "ingress",
            ["ethertype"] = rule.RemotePrefix?.Contains(':', StringComparison.Ordinal) == true ? "IPv6" : "IPv4",
            ["protocol"] = rule.Protocol,
            ["port_range_min"] = rule.PortMin,
            ["port_range_max"] = rule.PortMax,
            ["remote_group_id"] = rule.RemoteGroupId?.ToString(),
            ["remote_ip_prefix"] = rule.RemotePrefix,
        }),
        ct));

    /// <inheritdoc />
    public Task DeleteRule(Caller caller, Guid id, CancellationToken ct) => groups.DeleteRule(caller, id.ToString(), ct);

    /// <inheritdoc />
    public async Task<IReadOnlyList<CatalogFloatingIp>> FloatingIps(Caller caller, CancellationToken ct)
    {
        var pools = await Pools(caller, ct);
        return [.. (await floating.List(caller, ct)).Select(f => Of(f, pools))];
    }

    /// <inheritdoc />
    public async Task<CatalogFloatingIp> TakeFloatingIp(Caller caller, Guid network, CancellationToken ct) =>
        Of(await floating.Create(caller, Body(new() { ["floating_network_id"] = network.ToString() }), ct), await Pools(caller, ct));

    /// <inheritdoc />
    public Task LeadFloatingIp(Caller caller, Guid id, Guid? port, string? fixedAddress, CancellationToken ct) => floating.Lead(caller, id, port, fixedAddress, ct);

    /// <inheritdoc />
    public Task GiveFloatingIp(Caller caller, Guid id, CancellationToken ct) => floating.Delete(caller, id.ToString(), ct);

    private async Task<IReadOnlyDictionary<Guid, string>> Pools(Caller caller, CancellationToken ct) =>
        (await networks.List(caller, ct)).ToDictionary(n => n.Row.Id, n => n.Row.Name);

    private static CatalogFloatingIp Of(FloatingIp floating, IReadOnlyDictionary<Guid, string> pools) => new(
        floating.Row.Id,
        floating.Row.ProjectId,
        floating.Row.Address,
        pools.GetValueOrDefault(floating.Row.NetworkId) ?? "",
        floating.Row.FixedAddress,
        floating.Port is { } port && Guid.TryParse(port.DeviceId, out var server) ? server : null);

    private JsonBody Body(Dictionary<string, object?> members) => new(JsonSerializer.SerializeToElement(members), surface, "");

    private static CatalogGroup Of(PictureGroup group) =>
        new(group.Row.Id, group.Row.ProjectId, group.Row.Name, group.Row.Description, [.. group.Rules.Where(r => r.Ingress).OrderBy(r => r.Id).Select(Of)]);

    private static CatalogRule Of(SecurityGroupRuleRow rule) => new()
    {
        Id = rule.Id,
        GroupId = rule.GroupId,
        Protocol = rule.Protocol,
        PortMin = rule.PortMin,
        PortMax = rule.PortMax,
        RemoteGroupId = rule.RemoteGroupId,
        RemotePrefix = rule.RemotePrefix,
    };
}
