using Nova.Modules.Compute;
using Nova.Modules.Compute.Live;
using Nova.Modules.Hardware;
using Nova.Modules.Images;
using Nova.Modules.Networks;
using Nova.Modules.Shared;

namespace Nova.Modules.Servers;

/// <summary>Puts together what a host needs to make the guest of a server.</summary>
public sealed class GuestSpecs(INetworkProvider networks, IImageStore images)
{
    /// <summary>The guest of a server that has a host.</summary>
    /// <param name="server">With its host and interfaces.</param>
    /// <param name="image">The image to start from, or null.</param>
    /// <param name="adminPass">The password that the create chose, or null.</param>
    /// <param name="files">The files that the create brought.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="hardware">What the claim gave it of its host's hardware, or null.</param>
    public async Task<GuestSpec> For(
        Server server, ImageInfo? image, Secret? adminPass, IReadOnlyList<GuestFile> files, CancellationToken ct, GivenHardware? hardware = null) => new()
    {
        ServerId = server.Id,
        Epoch = server.Epoch,
        InstanceName = server.InstanceName,
        DisplayName = server.Name,
        Hostname = server.Hostname,
        ProjectId = server.ProjectId,
        UserId = server.UserId,
        Flavor = Of(server.Flavor),
        Image = image is null ? null : await ImageFor(image, server.HostId!.Value, ct),
        Nics = await networks.Describe(server.Networks, ct),
        ConfigDrive = server.ConfigDrive,
        Hardware = hardware,
        Metadata = new()
        {
            AvailabilityZone = server.Zone ?? "nova",
            LaunchIndex = server.LaunchIndex,
            Meta = server.Metadata(),
            SecurityGroups = await GroupNames(server, ct),
            ReservationId = server.ReservationId,
            KeyName = server.KeyName,
            PublicKey = server.PublicKey,
            UserData = server.UserData,
            AdminPass = adminPass,
            Files = files,
            RandomSeed = server.Details.RandomSeed,
        },
    };

    /// <summary>What may change of the guest while it runs.</summary>
    public async Task<GuestFacts> Facts(Server server, CancellationToken ct) => new()
    {
        ServerId = server.Id,
        Epoch = server.Epoch,
        DisplayName = server.Name,
        Hostname = server.Hostname,
        Meta = server.Metadata(),
        SecurityGroups = await GroupNames(server, ct),
        Nics = await networks.Describe([.. server.Networks.Where(port => !port.IsLeaving)], ct),
    };

    private async ValueTask<IReadOnlyList<string>> GroupNames(Server server, CancellationToken ct)
    {
        var names = await networks.GroupNames([.. server.Networks.SelectMany(nic => nic.SecurityGroups).Distinct()], ct);
        return [.. names.Values.Distinct().Order(StringComparer.Ordinal)];
    }

    private static GuestFlavor Of(ServerFlavor flavor) => new()
    {
        Name = flavor.Name,
        Vcpus = flavor.Vcpus,
        MemoryMb = flavor.MemoryMb,
        RootGb = flavor.RootGb,
        EphemeralGb = flavor.EphemeralGb,
        SwapMb = flavor.SwapMb,
        ExtraSpecs = flavor.ExtraSpecs,
    };

    /// <summary>The image as a host has to fetch it.</summary>
    public async ValueTask<GuestImage> ImageFor(ImageInfo image, Guid hostId, CancellationToken ct) => new()
    {
        Id = image.Id,
        DiskFormat = image.DiskFormat ?? "raw",
        ContainerFormat = image.ContainerFormat ?? "bare",
        Size = image.Size,
        HashAlgorithm = image.HashAlgorithm,
        Hash = image.Hash,
        MinDiskGb = image.MinDiskGb,
        Source = await images.SourceFor(image.Id, hostId, ct),
        Properties = image.Properties,
    };
}
