using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Nova.Modules.Shared.Settings;

namespace Nova.Modules.Hardware;

/// <summary>Names by which flavors ask for PCI devices.</summary>
[SettingsSection("pci")]
public sealed record PciOptions : IValidatableObject
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private IReadOnlyDictionary<string, IReadOnlyList<PciAlias>>? _byName;

    /// <summary>The aliases, each as JSON.</summary>
    [Description("Names for pci_passthrough:alias, each a JSON object {name, vendor_id, product_id, device_type (type-PCI, type-PF, type-VF), numa_policy (legacy, required, preferred, socket), resource_class, traits, physical_network, trusted}. Several of one name are alternatives.")]
    public IReadOnlyList<string> Alias { get; init; } = [];

    /// <summary>The aliases by name.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<PciAlias>> ByName => _byName ??= Alias.Select(Read)
        .GroupBy(a => a.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => (IReadOnlyList<PciAlias>)[.. g], StringComparer.Ordinal);

    /// <summary>Says which alias cannot be read.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var text in Alias)
            if (Problem(text) is { } problem)
                yield return new($"The alias {text} is not good: {problem}", [nameof(Alias)]);
    }

    private static string? Problem(string text)
    {
        try
        {
            var alias = Read(text);
            return alias.Name.Length == 0 ? "it needs a name."
                : alias.DeviceType is not (null or "type-PCI" or "type-PF" or "type-VF") ? "device_type is type-PCI, type-PF or type-VF."
                : DemandWords.AffinityOf(alias.NumaPolicy) is null ? "numa_policy is legacy, required, preferred or socket."
                : alias is { VendorId: null, ProductId: null, ResourceClass: null, PhysicalNetwork: null, DeviceType: null } ? "it says nothing of the device."
                : null;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }

    private static PciAlias Read(string text) => JsonSerializer.Deserialize<PciAlias>(text, Json) ?? throw new JsonException("It is null.");
}

/// <summary>One alias.</summary>
internal sealed record PciAlias
{
    public string Name { get; init; } = "";
    public string? VendorId { get; init; }
    public string? ProductId { get; init; }
    public string? DeviceType { get; init; }
    public string? NumaPolicy { get; init; }
    public string? ResourceClass { get; init; }
    public string? PhysicalNetwork { get; init; }
    public bool? Trusted { get; init; }
    public IReadOnlyList<string> Traits { get; init; } = [];

    public DeviceSpec Spec => new()
    {
        VendorId = VendorId, ProductId = ProductId, Type = DeviceType, ResourceClass = ResourceClass, PhysicalNetwork = PhysicalNetwork, Trusted = Trusted, Traits = Traits,
    };
}
