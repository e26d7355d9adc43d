namespace Nova.Modules.Compute.Live;

/// <summary>A security group on one network: two networks may have the same range, so members of one are nobody on the other.</summary>
/// <param name="NetworkId">The network.</param>
/// <param name="GroupId">The group.</param>
public sealed record GroupKey(Guid NetworkId, Guid GroupId)
{
    /// <summary>The groups of these interfaces.</summary>
    public static IEnumerable<GroupKey> Of(IEnumerable<NicSpec> nics) =>
        nics.SelectMany(nic => nic.SecurityGroups.Select(group => new GroupKey(nic.Network.Id, group))).Distinct();
}

/// <summary>
/// What a host is told while its guests run: how their security groups are and what they may read about themselves. Told in
/// full when a host connects, then as changes, in order, on one stream.
/// </summary>
public sealed record HostPicture
{
    /// <summary>True when groups that are not in it are to be forgotten.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Groups that are new or have changed.</summary>
    public IReadOnlyList<GroupPicture> Groups { get; init; } = [];

    /// <summary>Groups that will not be told of any more.</summary>
    public IReadOnlyList<GroupKey> Gone { get; init; } = [];

    /// <summary>Guests that have changed.</summary>
    public IReadOnlyList<GuestFacts> Guests { get; init; } = [];
}

/// <summary>A security group, or what changed of it.</summary>
public sealed record GroupPicture
{
    /// <summary>Which.</summary>
    public required GroupKey Key { get; init; }

    /// <summary>What it allows; null when that did not change, or no port of the host has the group.</summary>
    public IReadOnlyList<RuleSpec>? Rules { get; init; }

    /// <summary>The addresses of all its ports; null when only <see cref="Joined"/> and <see cref="Left"/> tell.</summary>
    public IReadOnlyList<string>? Members { get; init; }

    /// <summary>Addresses that are new.</summary>
    public IReadOnlyList<string> Joined { get; init; } = [];

    /// <summary>Addresses that are gone; taken out before <see cref="Joined"/> is put in.</summary>
    public IReadOnlyList<string> Left { get; init; } = [];
}

/// <summary>What may change of a guest while it runs, as it is now.</summary>
public sealed record GuestFacts
{
    /// <summary>The server.</summary>
    public required Guid ServerId { get; init; }

    /// <summary>The server's epoch when this was read: a host that has seen a higher one does not take it.</summary>
    public required long Epoch { get; init; }

    /// <summary>The server's display name.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The host name that the guest is told.</summary>
    public required string Hostname { get; init; }

    /// <summary>The server's metadata.</summary>
    public required IReadOnlyDictionary<string, string> Meta { get; init; }

    /// <summary>Names of its security groups.</summary>
    public required IReadOnlyList<string> SecurityGroups { get; init; }

    /// <summary>Its interfaces.</summary>
    public required IReadOnlyList<NicSpec> Nics { get; init; }

    /// <summary>What a guest is known to be.</summary>
    public static GuestFacts Of(GuestSpec guest) => new()
    {
        ServerId = guest.ServerId,
        Epoch = guest.Epoch,
        DisplayName = guest.DisplayName,
        Hostname = guest.Hostname,
        Meta = guest.Metadata.Meta,
        SecurityGroups = guest.Metadata.SecurityGroups,
        Nics = guest.Nics,
    };

    /// <summary>The guest with these facts.</summary>
    public GuestSpec ApplyTo(GuestSpec guest) => guest with
    {
        DisplayName = DisplayName,
        Hostname = Hostname,
        Nics = Nics,
        Metadata = guest.Metadata with { Meta = Meta, SecurityGroups = SecurityGroups },
    };
}
