namespace Nova.Modules.Services;

/// <summary>A process of the cloud that is bound to a host, as operators see it.</summary>
public sealed record Service
{
    /// <summary>From 2.53 its public id.</summary>
    public Guid Id { get; init; }

    /// <summary>Until 2.52 its public id.</summary>
    public long Number { get; init; }

    /// <summary>Such as <c>nova-compute</c>.</summary>
    public string BinaryName { get; init; } = "";

    /// <summary>The host's name.</summary>
    public string Host { get; init; } = "";

    /// <summary>Gets no new servers.</summary>
    public bool Disabled { get; init; }

    /// <summary>An operator's words.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>An operator says that it is down, whatever it says itself.</summary>
    public bool ForcedDown { get; init; }

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long UpdatedAt { get; init; }

    /// <summary>The hypervisor's host, or null for a service without one.</summary>
    public Guid? HostId { get; init; }

    /// <summary>The host's availability zone, or null for a service without a host.</summary>
    public string? Zone { get; init; }

    /// <summary>True for the service of a hypervisor; only those may be changed.</summary>
    public bool IsCompute => BinaryName == "nova-compute";
}
