using System.Xml.Linq;

namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>The standard traits of a host with this driver, under the names of os-traits.</summary>
internal static class HostTraits
{
    private static readonly string[] OfTheDriver =
    [
        "COMPUTE_IMAGE_TYPE_ISO", "COMPUTE_IMAGE_TYPE_QCOW2", "COMPUTE_IMAGE_TYPE_RAW", "COMPUTE_IMAGE_TYPE_VDI",
        "COMPUTE_IMAGE_TYPE_VHD", "COMPUTE_IMAGE_TYPE_VHDX", "COMPUTE_IMAGE_TYPE_VMDK",
        "COMPUTE_STORAGE_BUS_IDE", "COMPUTE_STORAGE_BUS_SATA", "COMPUTE_STORAGE_BUS_SCSI", "COMPUTE_STORAGE_BUS_VIRTIO",
        "COMPUTE_NET_VIF_MODEL_E1000", "COMPUTE_NET_VIF_MODEL_E1000E", "COMPUTE_NET_VIF_MODEL_RTL8139", "COMPUTE_NET_VIF_MODEL_VIRTIO",
        "COMPUTE_GRAPHICS_MODEL_BOCHS", "COMPUTE_GRAPHICS_MODEL_CIRRUS", "COMPUTE_GRAPHICS_MODEL_NONE",
        "COMPUTE_GRAPHICS_MODEL_VGA", "COMPUTE_GRAPHICS_MODEL_VIRTIO",
    ];

    // libvirt's name of a processor feature, and its trait.
    private static readonly Dictionary<string, string> OfTheProcessor = new()
    {
        ["3dnow"] = "HW_CPU_X86_3DNOW",
        ["abm"] = "HW_CPU_X86_ABM",
        ["aes"] = "HW_CPU_X86_AESNI",
        ["amd-ssbd"] = "HW_CPU_X86_AMD_SSBD",
        ["avx"] = "HW_CPU_X86_AVX",
        ["avx2"] = "HW_CPU_X86_AVX2",
        ["avx512bw"] = "HW_CPU_X86_AVX512BW",
        ["avx512cd"] = "HW_CPU_X86_AVX512CD",
        ["avx512dq"] = "HW_CPU_X86_AVX512DQ",
        ["avx512er"] = "HW_CPU_X86_AVX512ER",
        ["avx512f"] = "HW_CPU_X86_AVX512F",
        ["avx512pf"] = "HW_CPU_X86_AVX512PF",
        ["avx512vl"] = "HW_CPU_X86_AVX512VL",
        ["bmi1"] = "HW_CPU_X86_BMI",
        ["bmi2"] = "HW_CPU_X86_BMI2",
        ["f16c"] = "HW_CPU_X86_F16C",
        ["fma"] = "HW_CPU_X86_FMA3",
        ["fma4"] = "HW_CPU_X86_FMA4",
        ["mmx"] = "HW_CPU_X86_MMX",
        ["mpx"] = "HW_CPU_X86_MPX",
        ["pclmuldq"] = "HW_CPU_X86_CLMUL",
        ["pclmulqdq"] = "HW_CPU_X86_CLMUL",
        ["rtm"] = "HW_CPU_X86_TSX",
        ["sha-ni"] = "HW_CPU_X86_SHA",
        ["ssbd"] = "HW_CPU_X86_SSBD",
        ["sse"] = "HW_CPU_X86_SSE",
        ["sse2"] = "HW_CPU_X86_SSE2",
        ["pni"] = "HW_CPU_X86_SSE3",
        ["ssse3"] = "HW_CPU_X86_SSSE3",
        ["sse4.1"] = "HW_CPU_X86_SSE41",
        ["sse4.2"] = "HW_CPU_X86_SSE42",
        ["sse4a"] = "HW_CPU_X86_SSE4A",
        ["svm"] = "HW_CPU_X86_SVM",
        ["tbm"] = "HW_CPU_X86_TBM",
        ["vmx"] = "HW_CPU_X86_VMX",
        ["xop"] = "HW_CPU_X86_XOP",
    };

    /// <param name="guestCpu">libvirt's description of the processor that a guest sees, features expanded; null when it gave none.</param>
    public static IReadOnlyList<string> Of(string? guestCpu)
    {
        var features = guestCpu is null ? [] : XElement.Parse(guestCpu).Elements("feature").Where(f => (string?)f.Attribute("policy") != "disable");
        var processor = features.Select(f => OfTheProcessor.GetValueOrDefault((string?)f.Attribute("name") ?? "")).OfType<string>();
        return [.. OfTheDriver, .. processor.Distinct().Order(StringComparer.Ordinal)];
    }
}
