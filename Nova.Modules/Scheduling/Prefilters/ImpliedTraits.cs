namespace Nova.Modules.Scheduling.Prefilters;

/// <summary>The traits that follow from a flavor's extra specs, an image or its properties.</summary>
internal static class ImpliedTraits
{
    private static readonly (string Property, string Prefix)[] Devices =
    [
        ("hw_architecture", "HW_ARCH_"), ("hw_emulation_architecture", "COMPUTE_ARCH_"), ("hw_cdrom_bus", "COMPUTE_STORAGE_BUS_"),
        ("hw_disk_bus", "COMPUTE_STORAGE_BUS_"), ("hw_video_model", "COMPUTE_GRAPHICS_MODEL_"), ("hw_vif_model", "COMPUTE_NET_VIF_MODEL_"),
        ("hw_viommu_model", "COMPUTE_VIOMMU_MODEL_"),
    ];

    public static IEnumerable<string> OfDiskFormat(PlacementRequest request) =>
        request.Image is { DiskFormat: { Length: > 0 } format } ? ["COMPUTE_IMAGE_TYPE_" + Word(format)] : [];

    public static IEnumerable<string> OfImageDevices(PlacementRequest request) =>
        request.ImageProperties.Count == 0
            ? []
            : Devices.Where(d => request.ImageProperties.ContainsKey(d.Property)).Select(d => d.Prefix + Word(request.ImageProperties[d.Property]));

    public static IEnumerable<string> OfDeviceProfile(PlacementRequest request) =>
        request.Spec("accel:device_profile") is null ? [] : ["COMPUTE_ACCELERATORS"];

    public static IEnumerable<string> OfPackedRing(PlacementRequest request) =>
        IsTrue(request.SpecOrProperty("hw:virtio_packed_ring", "hw_virtio_packed_ring")) ? ["COMPUTE_NET_VIRTIO_PACKED"] : [];

    public static IEnumerable<string> OfRemotePorts(PlacementRequest request) =>
        request.Ports?.VnicTypes.Contains("remote-managed") == true ? ["COMPUTE_REMOTE_MANAGED_PORTS"] : [];

    public static IEnumerable<string> OfEphemeralEncryption(PlacementRequest request)
    {
        if (!IsTrue(request.SpecOrProperty("hw:ephemeral_encryption", "hw_ephemeral_encryption")))
            yield break;

        yield return "COMPUTE_EPHEMERAL_ENCRYPTION";
        if (request.SpecOrProperty("hw:ephemeral_encryption_format", "hw_ephemeral_encryption_format") is { Length: > 0 } format)
            yield return "COMPUTE_EPHEMERAL_ENCRYPTION_" + Word(format);
    }

    public static IEnumerable<string> OfSound(PlacementRequest request) =>
        request.SpecOrProperty("hw:sound_model", "hw_sound_model") is { Length: > 0 } model ? ["COMPUTE_SOUND_MODEL_" + Word(model)] : [];

    public static IEnumerable<string> OfTpmSecret(PlacementRequest request) =>
        request.SpecOrProperty("hw:tpm_secret_security", "hw_tpm_secret_security") is { Length: > 0 } policy
            ? ["COMPUTE_SECURITY_TPM_SECRET_SECURITY_" + Word(policy)]
            : [];

    private static bool IsTrue(string? text) => text?.ToUpperInvariant() is "TRUE" or "YES" or "ON" or "1" or "T" or "Y";

    private static string Word(string value) => value.Replace('-', '_').ToUpperInvariant();
}
