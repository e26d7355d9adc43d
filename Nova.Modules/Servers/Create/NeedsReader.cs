using System.Text.Json;
using Nova.Modules.Hardware;
using Nova.Modules.Images;
using Nova.Modules.Scheduling;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers.Create;

/// <summary>Reads what a request wants of a host from its flavor, its image and its hints.</summary>
public sealed class NeedsReader(PciOptions pci)
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    /// <summary>All of it; costs nothing for the flavors and images without extra specs and properties.</summary>
    /// <param name="flavor">The flavor.</param>
    /// <param name="image">The image, or null.</param>
    /// <param name="hints">JSON of the hints, or null.</param>
    /// <param name="hasTrustedCertificates">True when the image is to be checked against certificates.</param>
    /// <exception cref="Fault">400: something contradicts itself or is not understood.</exception>
    public ServerNeeds Of(ServerFlavor flavor, ImageInfo? image, string? hints, bool hasTrustedCertificates)
    {
        var (specs, properties) = (flavor.ExtraSpecs, image?.Properties ?? Nothing);
        var hardware = DemandReader.MayWant(specs, properties) ? new DemandReader(specs, properties, flavor.Vcpus, flavor.MemoryMb, pci).Read() : null;
        return new()
        {
            Resources = Resources.Of(flavor, hardware),
            Groups = Resources.Groups(specs),
            IsolatesGroups = specs.GetValueOrDefault("group_policy") == "isolate",
            RequiredTraits = Required(specs, properties, hasTrustedCertificates, hardware),
            ForbiddenTraits = Resources.Traits(specs, "forbidden"),
            Hardware = hardware,
            Hints = hints is null ? null : HintsOf(hints),
        };
    }

    private static IReadOnlyList<string> Required(
        IReadOnlyDictionary<string, string> specs, IReadOnlyDictionary<string, string> properties, bool hasTrustedCertificates, HardwareDemand? hardware)
    {
        var traits = Resources.Traits(specs, "required");
        if (properties.Count == 0 && specs.Count == 0 && !hasTrustedCertificates)
            return traits;

        return
        [
            .. traits
                .Concat(Resources.Traits(properties, "required"))
                .Concat(hasTrustedCertificates ? ["COMPUTE_TRUSTED_CERTS"] : [])
                .Concat(hardware is { Threads: ThreadPolicy.Require } ? ["HW_CPU_HYPERTHREADING"] : [])
                .Concat(Tpm(specs, properties))
                .Concat((specs.GetValueOrDefault("os:secure_boot") ?? properties.GetValueOrDefault("os_secure_boot")) == "required" ? ["COMPUTE_SECURITY_UEFI_SECURE_BOOT"] : [])
                .Distinct(StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<string> Tpm(IReadOnlyDictionary<string, string> specs, IReadOnlyDictionary<string, string> properties)
    {
        if ((specs.GetValueOrDefault("hw:tpm_version") ?? properties.GetValueOrDefault("hw_tpm_version")) is not { } version)
            yield break;

        yield return "COMPUTE_SECURITY_TPM_" + version.Replace('.', '_');
        yield return (specs.GetValueOrDefault("hw:tpm_model") ?? properties.GetValueOrDefault("hw_tpm_model")) == "tpm-crb" ? "COMPUTE_SECURITY_TPM_CRB" : "COMPUTE_SECURITY_TPM_TIS";
    }

    private static PlacementHints? HintsOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        var hints = document.RootElement;
        var read = new PlacementHints
        {
            SameHost = Servers(hints, "same_host"),
            DifferentHost = Servers(hints, "different_host"),
            Query = hints.TryGetProperty("query", out var query) ? query.ValueKind == JsonValueKind.String ? query.GetString() : query.GetRawText() : null,
            NearHostIp = Text(hints, "build_near_host_ip"),
            Cidr = Text(hints, "cidr"),
        };
        return read == new PlacementHints() ? null : read;
    }

    private static string? Text(JsonElement hints, string name) =>
        hints.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // One id or a list of them; what is none names no server.
    private static IReadOnlyList<Guid>? Servers(JsonElement hints, string name)
    {
        if (!hints.TryGetProperty(name, out var value))
            return null;

        var texts = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(v => v.GetString()) : [value.GetString()];
        return [.. texts.Select(text => Guid.TryParse(text, out var id) ? id : Guid.Empty)];
    }
}
