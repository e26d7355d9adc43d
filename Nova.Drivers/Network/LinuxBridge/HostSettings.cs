using Nova.Modules.Shared;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>A change of the whole machine that the network needs.</summary>
/// <param name="What">A kernel setting, or a table of nftables.</param>
/// <param name="Before">What it was; null when it was not there.</param>
/// <param name="Now">What it is.</param>
public sealed record HostChange(string What, string? Before, string Now);

/// <summary>
/// What only a machine has once: slots of the transfer network and kernel settings. Several installations share a
/// machine, so both are claimed in a common directory that a reboot empties, as it undoes what is recorded there. The
/// value from before belongs to the last user, who restores it.
/// </summary>
internal sealed class HostSettings(LinuxBridgeOptions options, HostNaming names, TimeProvider time)
{
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(10);
    private const int LockTries = 1000;

    private readonly string slots = Path.Combine(options.SharedDirectory, "slots");
    private readonly string settings = Path.Combine(options.SharedDirectory, "settings");

    private const string Forward = "net/ipv4/ip_forward", ForwardV6 = "net/ipv6/conf/all/forwarding";

    private (string Key, string Value)[] Wanted => options.ForwardIpv6
        ? [(Forward, "1"), (ForwardV6, "1")]
        : [(Forward, "1")];

    /// <summary>The kernel has the settings that guests need; what was there before is on record.</summary>
    public async Task Apply(CancellationToken ct)
    {
        using var held = await Lock(ct);
        foreach (var (key, value) in Wanted)
        {
            var (before, users) = Read(key);
            before ??= await HostTools.ReadSetting(options.HostNamespace, key) ?? value;
            Write(key, before, [.. users.Union([options.Installation])]);
            if (await HostTools.ReadSetting(options.HostNamespace, key) != value)
                await HostTools.WriteSettings(options.HostNamespace, (key, value));
        }
    }

    /// <summary>This installation needs none of them any more; the last one puts back what was there, unless somebody else changed it since.</summary>
    public async Task Undo(CancellationToken ct)
    {
        using var held = await Lock(ct);
        foreach (var key in Recorded())
        {
            var (before, users) = Read(key);
            var others = users.Except([options.Installation]).ToList();
            if (others.Count > 0)
            {
                Write(key, before!, others);
                continue;
            }

            if (before is not null && await HostTools.ReadSetting(options.HostNamespace, key) == "1")
                await HostTools.WriteSettings(options.HostNamespace, (key, before));
            File.Delete(FileOf(key));
        }
    }

    /// <summary>The settings that are changed now.</summary>
    public IReadOnlyList<HostChange> Changes() =>
        [.. Recorded().Select(key => (key, Read(key))).Where(entry => entry.Item2.Users.Contains(options.Installation)).Select(entry => new HostChange(entry.key, entry.Item2.Before, "1"))];

    /// <summary>The slot of a network: the one it has, or the lowest free one.</summary>
    public async Task<int> Slot(string tag, CancellationToken ct)
    {
        using var held = await Lock(ct);
        var mine = Owner(tag);
        var taken = Directory.EnumerateFiles(slots).ToDictionary(path => int.Parse(Path.GetFileName(path), null), File.ReadAllText);
        foreach (var (slot, owner) in taken)
            if (owner == mine)
                return slot;

        // Zone 0 is what every other connection of the machine is in, so slots start at 1.
        for (var slot = 1; slot < names.Slots; slot++)
            if (!taken.ContainsKey(slot))
            {
                Replace(Path.Combine(slots, $"{slot}"), mine);
                return slot;
            }

        throw Fault.Unavailable($"The transfer network has no room for a further network on this host; at most {names.Slots - 1} fit.");
    }

    /// <summary>Gives back the slot of a network.</summary>
    public async Task ReleaseSlot(string tag, CancellationToken ct)
    {
        using var held = await Lock(ct);
        foreach (var path in Directory.EnumerateFiles(slots).Where(path => File.ReadAllText(path) == Owner(tag)))
            File.Delete(path);
    }

    /// <summary>Gives back the slots of all networks but these.</summary>
    public async Task KeepSlots(IReadOnlySet<string> tags, CancellationToken ct)
    {
        using var held = await Lock(ct);
        foreach (var path in Directory.EnumerateFiles(slots))
            if (File.ReadAllText(path).Split(' ') is [var owner, var tag] && owner == options.Installation && !tags.Contains(tag))
                File.Delete(path);
    }

    private string Owner(string tag) => $"{options.Installation} {tag}";

    private string FileOf(string key) => Path.Combine(settings, key.Replace('/', '.'));

    private IEnumerable<string> Recorded() => new[] { Forward, ForwardV6 }.Where(key => File.Exists(FileOf(key)));

    private (string? Before, IReadOnlyList<string> Users) Read(string key) =>
        File.Exists(FileOf(key)) && File.ReadAllLines(FileOf(key)) is [var before, .. var users] ? (before, users) : (null, []);

    private void Write(string key, string before, IReadOnlyList<string> users) => Replace(FileOf(key), string.Join('\n', [before, .. users]));

    private static void Replace(string path, string text)
    {
        var part = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(path))!, "part");
        File.WriteAllText(part, text);
        File.Move(part, path, overwrite: true);
    }

    private async Task<FileStream> Lock(CancellationToken ct)
    {
        Directory.CreateDirectory(slots);
        Directory.CreateDirectory(settings);
        for (var i = 0; ; i++)
        {
            try
            {
                return new FileStream(Path.Combine(options.SharedDirectory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (i < LockTries)
            {
                // Another installation, or another network of this one, holds it for a few milliseconds.
                await Task.Delay(LockPause, time, ct);
            }
        }
    }
}
