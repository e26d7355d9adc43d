using System.Globalization;
using Nova.Modules.Compute;

namespace Nova.Drivers.Hypervisor.Fake;

/// <summary>The fake hosts of one process: one guest file, one script, a small object for each host.</summary>
public sealed class FakeHypervisors : IAsyncDisposable
{
    private readonly FakeOptions _options;
    private readonly HostProfile[] _profiles;
    private readonly FakeHypervisor[] _hosts;

    /// <summary>Opens the guest file in a directory, which is created when it is missing.</summary>
    /// <param name="options">How they behave.</param>
    /// <param name="hosts">How many hosts there are, 1 or more.</param>
    /// <param name="directory">Where their guests are kept.</param>
    /// <param name="time">Measures delays.</param>
    /// <exception cref="IOException">Another process plays these hosts.</exception>
    /// <exception cref="InvalidDataException">The script or the profiles cannot be read.</exception>
    public FakeHypervisors(FakeOptions options, int hosts, string directory, TimeProvider time)
    {
        (_options, Time) = (options, time);
        Script = FaultScript.From(options.ScriptFile);
        _profiles = options.ProfileFile.Length > 0 ? FakeJson.Read(options.ProfileFile, FakeJson.Default.HostProfileArray) : [];
        if (_profiles.Length == 0)
            _profiles = [new()];
        _hosts = [.. Enumerable.Range(0, hosts).Select(number => new FakeHypervisor(this, number))];
        Directory.CreateDirectory(directory);
        Guests = new(Path.Combine(directory, "guests.log"), options.Fsync);
        foreach (var guest in Guests.All())
            if (guest.Host < _hosts.Length)
                _hosts[guest.Host].Recall(guest.Id);
    }

    /// <summary>The hosts, by number.</summary>
    public IReadOnlyList<FakeHypervisor> Hosts => _hosts;

    /// <summary>What goes wrong; may be changed at any time.</summary>
    public FaultScript Script { get; }

    internal GuestFile Guests { get; }

    internal TimeProvider Time { get; }

    public ValueTask DisposeAsync() => Guests.DisposeAsync();

    internal string NameOf(int number) => _options.NamePrefix + (number + 1).ToString("d5", CultureInfo.InvariantCulture);

    internal HostProfile ProfileOf(int number) => HostProfile.For(_profiles, number);
}
