using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>Which security groups the ports of this host have, so that whoever tells of groups knows of which.</summary>
internal sealed class GroupWishes
{
    private readonly Lock gate = new();
    private readonly Dictionary<Guid, IReadOnlyList<GroupKey>> byServer = [];
    private readonly Dictionary<GroupKey, int> servers = [];

    /// <summary>Raised after the sum has changed.</summary>
    public event Action? Changed;

    /// <summary>The groups of all ports.</summary>
    public IReadOnlyCollection<GroupKey> All
    {
        get
        {
            lock (gate)
                return [.. servers.Keys];
        }
    }

    /// <summary>A guest has these interfaces, or none.</summary>
    public void Set(Guid server, IReadOnlyList<NicSpec> nics)
    {
        if (Enter(server, [.. GroupKey.Of(nics)]))
            Changed?.Invoke();
    }

    private bool Enter(Guid server, IReadOnlyList<GroupKey> keys)
    {
        lock (gate)
        {
            var (before, isChanged) = (byServer.GetValueOrDefault(server) ?? [], false);
            foreach (var key in keys)
                isChanged |= (servers[key] = servers.GetValueOrDefault(key) + 1) == 1;
            foreach (var key in before)
                if (--servers[key] == 0)
                    isChanged |= servers.Remove(key);
            if (keys.Count > 0)
                byServer[server] = keys;
            else
                byServer.Remove(server);
            return isChanged;
        }
    }
}
