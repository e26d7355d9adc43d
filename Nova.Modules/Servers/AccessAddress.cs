using System.Net;

namespace Nova.Modules.Servers;

/// <summary>Addresses that users tell of their servers.</summary>
public static class AccessAddress
{
    /// <summary>An IPv6 address in its one short form, in which it is kept and shown whatever was sent; anything else as it is.</summary>
    public static string? Short(string? text) => text is not null && IPAddress.TryParse(text, out var address) ? address.ToString() : text;
}
