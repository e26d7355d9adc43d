using Nova.Modules.Compute;

namespace Nova.Drivers.Network.LinuxBridge;

/// <summary>
/// The floating addresses of one network's ports on this host. An address that moves may be told of at its new port before
/// its old one: whoever was told last has it.
/// </summary>
internal sealed class FloatingBook
{
    private readonly SortedDictionary<string, (string Fixed, Guid Port)> entries = new(StringComparer.Ordinal);

    /// <summary>Floating address to fixed address. A new object after each change.</summary>
    public IReadOnlyDictionary<string, string> All { get; private set; } = new Dictionary<string, string>();

    /// <summary>These are the port's; true when that changes something.</summary>
    public bool Set(Guid port, IEnumerable<FloatingSpec> floating)
    {
        var before = All;
        foreach (var gone in entries.Where(entry => entry.Value.Port == port).Select(entry => entry.Key).ToList())
            entries.Remove(gone);
        foreach (var spec in floating)
            entries[NamespaceConfig.Address(spec.Address)] = (NamespaceConfig.Address(spec.Fixed), port);
        All = entries.ToDictionary(entry => entry.Key, entry => entry.Value.Fixed);
        return before.Count != All.Count || All.Any(pair => before.GetValueOrDefault(pair.Key) != pair.Value);
    }
}
