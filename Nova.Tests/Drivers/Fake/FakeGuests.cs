using Nova.Modules.Compute;

namespace Nova.Tests.Drivers.Fake;

/// <summary>Guests for the fake driver.</summary>
internal static class FakeGuests
{
    private static int _number;

    /// <summary>A guest whose server has this metadata.</summary>
    public static GuestSpec New(params (string Key, string Value)[] metadata) => new()
    {
        ServerId = Guid.CreateVersion7(),
        Epoch = 1,
        InstanceName = $"instance-{Interlocked.Increment(ref _number):x8}",
        DisplayName = "vm",
        Hostname = "vm",
        ProjectId = "demo",
        UserId = "alice",
        Flavor = new() { Name = "small", Vcpus = 1, MemoryMb = 512, RootGb = 1 },
        Metadata = new() { Meta = metadata.ToDictionary(m => m.Key, m => m.Value) },
    };
}
