using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Nova.Modules.Shared.Settings;

namespace Nova.Drivers.Hypervisor.Fake;

/// <summary>The fake driver: guests in a file, for trying things out and for tests of scale and failure.</summary>
[SettingsSection("fake")]
public sealed record FakeOptions
{
    /// <summary>What each host's name begins with; its number follows.</summary>
    [Description("What the names of the fake hosts begin with; a number of five digits follows.")]
    [RegularExpression("[A-Za-z0-9][A-Za-z0-9.-]{0,200}")]
    public string NamePrefix { get; init; } = "fake-";

    /// <summary>Whether a call returns only after its record is on the disk.</summary>
    [Description("true makes a guest survive a power cut before a call returns (one file synchronisation for all calls that wait); false makes it survive the process only.")]
    public bool Fsync { get; init; }

    /// <summary>A JSON file with what goes wrong; empty for none.</summary>
    [Description("A JSON file with an array of rules {host, operation, times, delay_ms, fail, late}; empty for none. See docs/fake-driver.md.")]
    public string ScriptFile { get; init; } = "";

    /// <summary>A JSON file with the sizes of the hosts; empty for hosts that are all alike.</summary>
    [Description("A JSON file with an array of host profiles {count, vcpus, memory_mb, disk_gb, traits, hardware, metrics}; empty for hosts of 64 VCPU, 256 GiB and 4000 GB. See docs/fake-driver.md.")]
    public string ProfileFile { get; init; } = "";
}
