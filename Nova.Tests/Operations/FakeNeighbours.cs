using Nova.Modules.Compute;
using Nova.Modules.Identity;
using Nova.Modules.Images;
using Nova.Modules.Shared.Http;

namespace Nova.Tests.Operations;

/// <summary>One image that everybody may see.</summary>
internal sealed class OneImage : IImageStore
{
    public static readonly ImageInfo Info = new() { Id = "11111111-1111-1111-1111-111111111111", Name = "small", Status = "active", DiskFormat = "raw", ContainerFormat = "bare", Size = 1024 };

    public ValueTask<ImageInfo?> Find(Caller caller, string imageId, CancellationToken ct) => new(imageId == Info.Id ? Info : null);

    public ValueTask<string> SourceFor(string imageId, Guid hostId, CancellationToken ct) => new("/image");
}

/// <summary>Admins may do everything, others nothing that is asked.</summary>
internal sealed class AdminPolicy : IPolicy
{
    public bool Allows(Caller caller, string rule, PolicyTarget target) => caller.HasRole("admin");

    public bool Knows(string rule) => true;
}

/// <summary>The interfaces on all hosts, so that a test sees those that were forgotten.</summary>
internal sealed class PluggedNetwork : IHostNetwork
{
    private readonly Dictionary<Guid, HashSet<Guid>> _plugged = [];

    public IReadOnlyCollection<Guid> Plugged
    {
        get
        {
            lock (_plugged)
                return [.. _plugged.Keys];
        }
    }

    /// <summary>The ports of a server that are plugged.</summary>
    public IReadOnlyCollection<Guid> PortsOf(Guid serverId)
    {
        lock (_plugged)
            return [.. _plugged.GetValueOrDefault(serverId) ?? []];
    }

    public Task Plug(Guid serverId, IReadOnlyList<NicSpec> nics, CancellationToken ct)
    {
        lock (_plugged)
            _plugged[serverId] = [.. nics.Select(nic => nic.PortId)];
        return Task.CompletedTask;
    }

    public Task Unplug(Guid serverId, CancellationToken ct)
    {
        lock (_plugged)
            _plugged.Remove(serverId);
        return Task.CompletedTask;
    }

    public Task Restore(IReadOnlyDictionary<Guid, IReadOnlyList<NicSpec>> guests, CancellationToken ct) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
