using System.Globalization;
using System.Text;
using System.Text.Json;
using Nova.Modules.Compute;

namespace Nova.Drivers.Network.Embedded;

/// <summary>The JSON columns of a port; written by hand because every boot writes them.</summary>
internal static class PortJson
{
    public static string Write(IReadOnlyList<AddressSpec> addresses)
    {
        var json = new StringBuilder("[", 96);
        foreach (var address in addresses)
            json.Append(json.Length > 1 ? "," : "")
                .Append(CultureInfo.InvariantCulture, $"{{\"subnet_id\":\"{address.SubnetId}\",\"ip_address\":\"{address.Address}\"}}");
        return json.Append(']').ToString();
    }

    public static string Write(IReadOnlyList<Guid> groups) => groups switch
    {
        [] => "[]",
        [var one] => $"[\"{one}\"]",
        _ => "[\"" + string.Join("\",\"", groups) + "\"]",
    };

    public static IReadOnlyList<AddressSpec> Addresses(string json)
    {
        var addresses = new List<AddressSpec>(1);
        using var document = JsonDocument.Parse(json);
        foreach (var item in document.RootElement.EnumerateArray())
            addresses.Add(new(item.GetProperty("subnet_id").GetGuid(), item.GetProperty("ip_address").GetString()!));
        return addresses;
    }

    public static IReadOnlyList<Guid> Groups(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(item => item.GetGuid())];
    }
}
