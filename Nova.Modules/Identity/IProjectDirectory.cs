namespace Nova.Modules.Identity;

/// <summary>Knows which projects there are, where the identity service can say so.</summary>
public interface IProjectDirectory
{
    /// <summary>True when the project exists.</summary>
    Task<bool> Exists(string projectId, CancellationToken ct);
}
