namespace Nova.Modules.Compute;

/// <summary>The host has a copy of the guest's root disk, named like the operation; the result says of what kind it is.</summary>
public sealed record SnapshotGuest : HostCommand;

/// <summary>The copy is with the image service, and no longer on the host.</summary>
/// <param name="ImageId">The image that waits for it.</param>
/// <param name="Target">Where the host brings it.</param>
public sealed record UploadSnapshot(string ImageId, string Target) : HostCommand;

/// <summary>The copy is no longer on the host.</summary>
public sealed record DropSnapshot : HostCommand;
