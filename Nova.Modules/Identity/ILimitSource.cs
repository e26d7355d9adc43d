using System.Collections.Frozen;

namespace Nova.Modules.Identity;

/// <summary>Asks the identity service what projects may have of Compute's resources. Implementations cache, for a bounded time.</summary>
public interface ILimitSource
{
    /// <summary>The limits that hold for a project.</summary>
    /// <exception cref="Nova.Modules.Shared.Fault">503 when the identity service does not answer: nothing is given out meanwhile.</exception>
    ValueTask<ServiceLimits> Of(string projectId, CancellationToken ct);
}

/// <summary>Limits by the names of the identity service; -1 is unlimited.</summary>
/// <param name="Registered">What each project may have, of the resources that are registered.</param>
/// <param name="OfProject">What this project may have instead.</param>
public sealed record ServiceLimits(FrozenDictionary<string, long> Registered, FrozenDictionary<string, long> OfProject)
{
    /// <summary>What holds for the project; null for a resource that nobody registered.</summary>
    public long? Find(string resource) => OfProject.TryGetValue(resource, out var own) ? own : Registered.TryGetValue(resource, out var all) ? all : null;
}
