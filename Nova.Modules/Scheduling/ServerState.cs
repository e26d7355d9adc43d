namespace Nova.Modules.Scheduling;

/// <summary>What a picture knows of a server.</summary>
/// <param name="Id">The server.</param>
/// <param name="HostId">The host that it is on.</param>
/// <param name="IsBusy">True while it is built, moved, resized, rescued or copied.</param>
public sealed record ServerState(Guid Id, Guid HostId, bool IsBusy)
{
    /// <summary>The properties of its image that <c>scheduler:image_props_weight_setting</c> names; null for none.</summary>
    public IReadOnlyDictionary<string, string>? ImageProperties { get; init; }
}
