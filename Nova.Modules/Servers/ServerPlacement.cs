using Nova.Modules.Networks;
using Nova.Modules.Placement;
using Nova.Modules.Scheduling;
using Nova.Modules.ServerGroups;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Database;

namespace Nova.Modules.Servers;

/// <summary>Puts a server on a host inside a unit of work: capacity, ports and addresses together, or nothing.</summary>
public sealed class ServerPlacement(IClaims claims, HardwareClaims hardware, ITransactionalNetwork network, GroupStates groups)
{
    /// <summary>Claims the first of the ranked hosts that may have it and still has room, and fills the server's host and interfaces.</summary>
    /// <param name="tx">The unit.</param>
    /// <param name="server">The server; new, or without a host.</param>
    /// <param name="request">What it takes.</param>
    /// <param name="ranked">The chosen host and its alternates.</param>
    /// <param name="nics">Its interfaces.</param>
    /// <param name="group">Its group, locked in this unit, or null when it is in none.</param>
    /// <returns>How many hosts were refused for each reason; a server that was placed has a host.</returns>
    public ClaimResult Place(
        Tx tx, Server server, PlacementRequest request, IReadOnlyList<HostChoice> ranked, IReadOnlyList<PlannedNic> nics, LockedGroup? group)
    {
        var (full, unfit) = (0, 0);
        foreach (var choice in ranked)
        {
            if (group?.Allows(choice.HostId) == false)
            {
                Measures.RefusedClaims.Add(1);
                unfit++;
                continue;
            }

            if (!TryClaim(tx, server, request, choice))
            {
                Measures.RefusedClaims.Add(1);
                full++;
                continue;
            }

            if (group is not null)
                Join(tx, group, server.Id, choice.HostId);
            (server.HostId, server.Host, server.Node, server.Zone) = (choice.HostId, choice.Host, choice.Node, choice.Zone);
            if (nics.Count > 0)
            {
                var bindings = network.Ensure(tx, new(server.Id, server.ProjectId, choice.Zone, choice.HostId, choice.Host, server.Hostname), Given(server, request, choice, nics));
                server.SetNetworks(bindings);
            }

            return new(true, full, unfit);
        }

        return new(false, full, unfit);
    }

    // Ports that take something of a host learn which provider gives it, and which device they are.
    private static IReadOnlyList<PlannedNic> Given(Server server, PlacementRequest request, HostChoice choice, IReadOnlyList<PlannedNic> nics) =>
        nics.All(nic => nic.Groups is null && nic.Device is null)
            ? nics
            : [.. nics.Select(nic => nic with
            {
                Held = nic.Groups is { } groups ? [.. (choice.Parts ?? []).Where(part => groups.Any(g => g.Name == part.Group))] : null,
                PciSlot = nic.Device is { } device ? SlotOf(server, request, device.Name) : null,
            })];

    private static string? SlotOf(Server server, PlacementRequest request, string demand)
    {
        var devices = request.Hardware?.Devices ?? [];
        var index = Enumerable.Range(0, devices.Count).FirstOrDefault(i => devices[i].Name == demand, -1);
        return server.Hardware?.Devices.Where(d => d.Demand == index).Select(d => d.Address).FirstOrDefault();
    }

    private bool TryClaim(Tx tx, Server server, PlacementRequest request, HostChoice choice)
    {
        if (request.Hardware is null && choice.Parts is null)
            return claims.TryClaim(tx, ClaimOf(server, request, choice.HostId, request.Resources) with { IsWhole = true });

        var given = request.Hardware is { } demand ? hardware.TryClaim(tx, choice.HostId, server.Id, demand) : null;
        if (request.Hardware is null || given is not null)
        {
            var parts = (choice.Parts ?? [new(choice.HostId, "", request.Resources)]).Concat(given?.Parts ?? [])
                .GroupBy(p => p.ProviderId, p => p.Resources).OrderBy(p => p.Key);
            if (parts.All(part => claims.TryClaim(tx, ClaimOf(server, request, part.Key, Sum(part)))))
            {
                server.Hardware = given?.Given;
                return true;
            }
        }

        // Some provider had no room: what the others gave goes back, so that the next host can be tried.
        hardware.Release(tx, server.Id);
        claims.Release(tx, server.Id);
        return false;
    }

    private static Claim ClaimOf(Server server, PlacementRequest request, Guid providerId, IReadOnlyList<ResourceAmount> resources) =>
        new(providerId, server.Id, server.ProjectId, server.UserId, resources) { ImageProperties = request.ImageProperties.Count > 0 ? request.ImageProperties : null };

    private static List<ResourceAmount> Sum(IEnumerable<IReadOnlyList<ResourceAmount>> parts) =>
        [.. parts.SelectMany(p => p).GroupBy(r => r.Class).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new ResourceAmount(g.Key, g.Sum(r => r.Amount)))];

    /// <summary>Capacity, ports and addresses are free again, and the place in the server's group; harmless when repeated.</summary>
    /// <param name="tx">The unit.</param>
    /// <param name="serverId">The server.</param>
    /// <param name="groupId">Its group, or null.</param>
    /// <param name="hasHardware">False for a server that asked for no pieces of hardware: nothing is looked for then.</param>
    public void Release(Tx tx, Guid serverId, Guid? groupId, bool hasHardware)
    {
        if (hasHardware)
            hardware.Release(tx, serverId);
        claims.Release(tx, serverId);
        network.Release(tx, serverId);
        if (groupId is { } group)
            groups.Changed(tx, new(group, serverId, null));
    }

    private void Join(Tx tx, LockedGroup group, Guid serverId, Guid hostId)
    {
        group.Add(hostId);
        groups.Changed(tx, new(group.Id, serverId, hostId));
    }
}

/// <summary>What became of a claim.</summary>
/// <param name="IsPlaced">True when a host took the server.</param>
/// <param name="Full">How many hosts had no room any more.</param>
/// <param name="Unfit">How many hosts the policy of the server's group refused.</param>
public readonly record struct ClaimResult(bool IsPlaced, int Full, int Unfit);
