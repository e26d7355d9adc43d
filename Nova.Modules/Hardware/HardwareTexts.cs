using System.Collections.Concurrent;
using System.Text.Json;

namespace Nova.Modules.Hardware;

/// <summary>Reads and writes the JSON of hosts' hardware. Thousands of hosts are alike: each distinct text is read once.</summary>
internal static class HardwareTexts
{
    private const int MostKept = 4096;

    private static readonly ConcurrentDictionary<string, HostHardware> Known = new(StringComparer.Ordinal);

    public static string? Write(HostHardware? hardware) => hardware is null ? null : JsonSerializer.Serialize(hardware);

    public static HostHardware Read(string text)
    {
        if (Known.TryGetValue(text, out var known))
            return known;

        if (Known.Count >= MostKept)
            Known.Clear();
        return Known.GetOrAdd(text, JsonSerializer.Deserialize<HostHardware>(text)!);
    }
}
