namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>What all networks of a host share.</summary>
internal sealed record HostParts(HostTools Tools, HostFirewall Firewall, HostSettings Settings, TapList Taps, RouterPeers Peers, OutsideTraffic Outside, MetadataListener? Metadata, Tracking Tracking);

/// <summary>
/// The taps that this installation made, one empty file each, written before the tap: their names say nothing about who
/// made them, so this list is how leftovers are told from the interfaces of others.
/// </summary>
internal sealed class TapList(string folder)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, (string How, bool Done)> plugged = new();

    /// <summary>Every tap on the list.</summary>
    public IReadOnlyList<string> All => Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))] : [];

    /// <summary>Puts a tap on the list. False when it was already plugged in the same way.</summary>
    public bool Remember(string tap, string how)
    {
        if (plugged.TryGetValue(tap, out var state) && state == (how, true))
            return false;

        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, tap), []);
        plugged[tap] = (how, false);
        return true;
    }

    /// <summary>The tap is in its bridge.</summary>
    public void Plugged(string tap) => plugged[tap] = (plugged[tap].How, true);

    /// <summary>The tap is gone.</summary>
    public void Forget(string tap)
    {
        plugged.TryRemove(tap, out _);
        File.Delete(Path.Combine(folder, tap));
    }
}
