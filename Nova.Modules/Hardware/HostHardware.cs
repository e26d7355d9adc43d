using System.Text.Json.Serialization;

namespace Nova.Modules.Hardware;

/// <summary>
/// What a host has to give out piece by piece. Members can be set, because generated readers of JSON forget the defaults of
/// init-only ones.
/// </summary>
public sealed record HostHardware
{
    private HardwareLayout? _layout;

    /// <summary>Its NUMA cells; empty when it does not tell, and then nothing can be pinned.</summary>
    public IReadOnlyList<HostCell> Cells { get; set; } = [];

    /// <summary>Its PCI devices that guests may get.</summary>
    public IReadOnlyList<HostDevice> Devices { get; set; } = [];

    /// <summary>What it gives out by amount from a provider of its own: virtual GPUs of a card, bandwidth of a network card.</summary>
    public IReadOnlyList<HostPool> Pools { get; set; } = [];

    /// <summary>The processors that are given to one guest each, such as <c>2-15,18-31</c>; empty gives none.</summary>
    public string DedicatedCpus { get; set; } = "";

    /// <summary>The processors that guests share; null is all that are not dedicated.</summary>
    public string? SharedCpus { get; set; }

    /// <summary>True when its devices are providers of Placement.</summary>
    public bool DevicesInPlacement { get; set; }

    /// <summary>The same as numbers.</summary>
    [JsonIgnore]
    internal HardwareLayout Layout => _layout ??= new(this);

    /// <inheritdoc />
    public bool Equals(HostHardware? other) => ReferenceEquals(this, other);

    /// <inheritdoc />
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>A NUMA cell: processors with the memory that is near them.</summary>
public sealed record HostCell
{
    /// <summary>Its number.</summary>
    public int Id { get; set; }

    /// <summary>Its processors, such as <c>0-7,16-23</c>. With several threads a core, the threads of the first core are the first of each part.</summary>
    public string Cpus { get; set; } = "";

    /// <summary>Hardware threads of each core.</summary>
    public int Threads { get; set; } = 1;

    /// <summary>The socket that it is on.</summary>
    public int Socket { get; set; }

    /// <summary>All its memory in MiB.</summary>
    public int MemoryMb { get; set; }

    /// <summary>Its huge pages.</summary>
    public IReadOnlyList<HugePages> Pages { get; set; } = [];
}

/// <summary>Huge pages of one size.</summary>
public sealed record HugePages
{
    /// <summary>KiB of each, such as 2048 or 1048576.</summary>
    public int SizeKb { get; set; }

    /// <summary>How many there are.</summary>
    public int Total { get; set; }

    /// <summary>How many guests do not get.</summary>
    public int Reserved { get; set; }
}

/// <summary>A PCI device.</summary>
public sealed record HostDevice
{
    /// <summary>Such as <c>0000:81:00.0</c>.</summary>
    public string Address { get; set; } = "";

    /// <summary>Four hex digits.</summary>
    public string VendorId { get; set; } = "";

    /// <summary>Four hex digits.</summary>
    public string ProductId { get; set; } = "";

    /// <summary>type-PCI, type-PF or type-VF.</summary>
    public string Type { get; set; } = "type-PCI";

    /// <summary>The NUMA cell that it is on; null when it does not tell.</summary>
    public int? Cell { get; set; }

    /// <summary>Of a virtual function: the address of its physical one.</summary>
    public string? Parent { get; set; }

    /// <summary>The physical network that it reaches; null when it is no network card.</summary>
    public string? PhysicalNetwork { get; set; }

    /// <summary>Whether a guest may change its virtual function's address.</summary>
    public bool Trusted { get; set; }

    /// <summary>Its resource class in Placement; null is <c>CUSTOM_PCI_VENDOR_PRODUCT</c>.</summary>
    public string? ResourceClass { get; set; }

    /// <summary>Its traits in Placement.</summary>
    public IReadOnlyList<string> Traits { get; set; } = [];

    /// <summary>The address whose provider it belongs to: a virtual function is its physical one's.</summary>
    [JsonIgnore]
    public string ProviderAddress => Parent ?? Address;

    /// <summary>The class that Placement counts it in.</summary>
    [JsonIgnore]
    public string Class => ResourceClass ?? $"CUSTOM_PCI_{VendorId}_{ProductId}".ToUpperInvariant();
}

/// <summary>A provider below the host's.</summary>
public sealed record HostPool
{
    /// <summary>Its name on the host.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it gives out, by class.</summary>
    public IReadOnlyDictionary<string, long> Resources { get; set; } = new Dictionary<string, long>();

    /// <summary>Its traits, such as <c>CUSTOM_PHYSNET_ONE</c>.</summary>
    public IReadOnlyList<string> Traits { get; set; } = [];
}
