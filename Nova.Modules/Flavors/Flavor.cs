using System.Text.Json;

namespace Nova.Modules.Flavors;

/// <summary>The size of a server. A server keeps a copy, so a flavor may be deleted while servers of it run.</summary>
public sealed record Flavor
{
    /// <summary>Chosen by the administrator, or a UUID.</summary>
    public string Id { get; init; } = "";

    /// <summary>The integer by which moves of servers name it.</summary>
    public long Number { get; init; }

    /// <summary>Unique.</summary>
    public string Name { get; init; } = "";

    /// <summary>Memory in MiB.</summary>
    public long MemoryMb { get; init; }

    /// <summary>Virtual CPUs.</summary>
    public int Vcpus { get; init; }

    /// <summary>Root disk in GiB; 0 takes the image's size.</summary>
    public int RootGb { get; init; }

    /// <summary>Second disk in GiB.</summary>
    public int EphemeralGb { get; init; }

    /// <summary>Swap in MiB.</summary>
    public int SwapMb { get; init; }

    /// <summary>Kept for clients; nothing reads it.</summary>
    public double RxtxFactor { get; init; }

    /// <summary>False when only the projects on the access list see it.</summary>
    public bool IsPublic { get; init; }

    /// <summary>Hidden from lists of users.</summary>
    public bool Disabled { get; init; }

    /// <summary>Words for people.</summary>
    public string? Description { get; init; }

    /// <summary>The column of <see cref="Specs"/>.</summary>
    public string ExtraSpecs { get; init; } = "{}";

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long CreatedAt { get; init; }

    /// <summary>What scheduler and driver are told, by name.</summary>
    public IReadOnlyDictionary<string, string> Specs => JsonSerializer.Deserialize<SortedDictionary<string, string>>(ExtraSpecs)!;
}
