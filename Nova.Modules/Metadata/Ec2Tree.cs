using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nova.Modules.Compute;

namespace Nova.Modules.Metadata;

/// <summary>
/// The tree below an EC2 version. It is kept as JSON: an object is a folder, a list stands for lines, and the config
/// drive stores the whole as one file.
/// </summary>
internal sealed class Ec2Tree(MetadataOptions options)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The <c>meta-data</c> folder of a version.</summary>
    public JsonObject MetaData(string version, GuestSpec guest)
    {
        var hostname = Hostname(guest, options);
        var tree = new JsonObject
        {
            ["ami-id"] = ShortId("ami", guest.Image?.Id ?? ""),
            ["ami-launch-index"] = $"{guest.Metadata.LaunchIndex}",
            ["ami-manifest-path"] = "FIXME",
            ["hostname"] = hostname,
            ["instance-id"] = InstanceId(guest),
            ["local-ipv4"] = FirstV4(guest),
            ["reservation-id"] = guest.Metadata.ReservationId ?? ShortId("r", guest.ServerId.ToString()),
            ["security-groups"] = new JsonArray([.. guest.Metadata.SecurityGroups.Select(name => JsonValue.Create(name))]),
        };
        if (guest.Metadata is { KeyName: { } name, PublicKey: { } key })
            tree["public-keys"] = new JsonObject { ["0"] = new JsonObject { ["_name"] = "0=" + name, ["openssh-key"] = key } };
        Later(tree, version, guest, hostname);
        return tree;
    }

    /// <summary>Host name and domain.</summary>
    public static string Hostname(GuestSpec guest, MetadataOptions options) =>
        options.DhcpDomain.Length == 0 || guest.Hostname.Contains('.', StringComparison.Ordinal) ? guest.Hostname : $"{guest.Hostname}.{options.DhcpDomain}";

    /// <summary>The tree as one document.</summary>
    public byte[] Document(string version, GuestSpec guest) => JsonSerializer.SerializeToUtf8Bytes(MetaData(version, guest), Plain);

    /// <summary>What a path below <c>meta-data</c> shows, or null: a folder lists its names, with a slash after folders.</summary>
    public static string? Show(JsonNode? node) => node switch
    {
        null => null,
        JsonObject folder => string.Join('\n', folder.Where(entry => entry.Key != "_name").Select(Entry)),
        JsonArray lines => string.Join('\n', lines.Select(line => line!.GetValue<string>())),
        _ => node.GetValue<string>(),
    };

    private static string Entry(KeyValuePair<string, JsonNode?> entry) => entry.Value switch
    {
        JsonObject folder when folder["_name"] is { } shown => shown.GetValue<string>(),
        JsonObject => entry.Key + "/",
        _ => entry.Key,
    };

    private static void Later(JsonObject tree, string version, GuestSpec guest, string hostname)
    {
        if (MetadataVersions.Has(version, "2007-01-19"))
        {
            tree["local-hostname"] = hostname;
            tree["public-hostname"] = hostname;
            tree["public-ipv4"] = guest.Nics.SelectMany(nic => nic.Floating ?? []).FirstOrDefault()?.Address ?? "";
        }

        if (MetadataVersions.Has(version, "2007-08-29"))
            tree["instance-type"] = guest.Flavor.Name;
        if (MetadataVersions.Has(version, "2007-12-15"))
            tree["block-device-mapping"] = BlockDevices(guest);
        if (MetadataVersions.Has(version, "2008-02-01"))
            tree["placement"] = new JsonObject { ["availability-zone"] = guest.Metadata.AvailabilityZone };
        if (MetadataVersions.Has(version, "2008-09-01"))
            tree["instance-action"] = "none";
    }

    private static JsonObject BlockDevices(GuestSpec guest)
    {
        var prefix = guest.Image?.Properties.GetValueOrDefault("hw_disk_bus") is "ide" or "sata" or "scsi" ? "sd" : "vd";
        var devices = new JsonObject { ["ami"] = prefix + "a", ["root"] = $"/dev/{prefix}a" };
        var letter = 'b';
        if (guest.Flavor.EphemeralGb > 0)
            devices["ephemeral0"] = $"/dev/{prefix}{letter++}";
        if (guest.Flavor.SwapMb > 0)
            devices["swap"] = $"/dev/{prefix}{letter}";
        return devices;
    }

    /// <summary>The number of the hypervisor's name, which is the server's number in this installation.</summary>
    private static string InstanceId(GuestSpec guest) =>
        guest.InstanceName.Split('-') is [.., { Length: 8 } number] && number.All(char.IsAsciiHexDigit) ? $"i-{number}" : ShortId("i", guest.ServerId.ToString());

    private static string ShortId(string prefix, string of) => $"{prefix}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(of)).AsSpan(0, 4))}";

    private static string FirstV4(GuestSpec guest) => guest.Nics
        .SelectMany(nic => nic.Addresses)
        .Select(entry => IPAddress.Parse(entry.Address))
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork)?.ToString() ?? "";
}
