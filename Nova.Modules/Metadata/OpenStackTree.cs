using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Nova.Modules.Compute;

namespace Nova.Modules.Metadata;

/// <summary>The documents below <c>openstack/VERSION</c>.</summary>
internal sealed class OpenStackTree(MetadataOptions options)
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The names of a version's files, in the order in which they were introduced.</summary>
    public static IEnumerable<string> Names(string version, GuestSpec guest)
    {
        yield return "meta_data.json";
        if (guest.Metadata.UserData is not null)
            yield return "user_data";
        if (MetadataVersions.Has(version, "2013-04-04"))
            yield return "password";
        if (MetadataVersions.Has(version, "2013-10-17"))
            yield return "vendor_data.json";
        if (MetadataVersions.Has(version, "2015-10-15"))
            yield return "network_data.json";
        if (MetadataVersions.Has(version, "2016-10-06"))
            yield return "vendor_data2.json";
    }

    /// <summary>One file's content; null for the password, which is no document.</summary>
    public byte[]? Content(string version, string name, GuestSpec guest, bool configDrive) => name switch
    {
        "meta_data.json" => Json(json => MetaData(json, version, guest, configDrive)),
        "user_data" => Convert.FromBase64String(guest.Metadata.UserData!),
        "vendor_data.json" => Json(json => JsonNode.Parse(options.VendorData)!.WriteTo(json)),
        "vendor_data2.json" => Json(VendorData2),
        "network_data.json" => Json(json => NetworkData(json, guest)),
        _ => null,
    };

    private void MetaData(Utf8JsonWriter json, string version, GuestSpec guest, bool configDrive)
    {
        json.WriteStartObject();
        json.WriteString("uuid", guest.ServerId);
        if (configDrive && guest.Metadata.AdminPass is { } password)
            json.WriteString("admin_pass", password.Reveal);
        if (guest.Metadata.Meta.Count > 0)
            Pairs(json, "meta", guest.Metadata.Meta);
        if (configDrive)
            Files(json, guest.Metadata.Files);
        Keys(json, guest.Metadata);
        json.WriteString("hostname", Ec2Tree.Hostname(guest, options));
        json.WriteString("name", guest.DisplayName);
        json.WriteNumber("launch_index", guest.Metadata.LaunchIndex);
        json.WriteString("availability_zone", guest.Metadata.AvailabilityZone);
        if (MetadataVersions.Has(version, "2013-04-04") && guest.Metadata.RandomSeed is { } seed)
            json.WriteString("random_seed", seed);
        if (MetadataVersions.Has(version, "2015-10-15"))
            json.WriteString("project_id", guest.ProjectId);
        if (MetadataVersions.Has(version, "2016-06-30"))
            Devices(json, version, guest);
        if (MetadataVersions.Has(version, "2020-10-14"))
        {
            json.WriteStartArray("dedicated_cpus");
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Where a config drive has a file's content, below its folder <c>openstack</c>.</summary>
    public static string ContentPath(int number) => string.Create(CultureInfo.InvariantCulture, $"content/{number:d4}");

    private static void Files(Utf8JsonWriter json, IReadOnlyList<GuestFile> files)
    {
        if (files.Count == 0)
            return;

        json.WriteStartArray("files");
        foreach (var (file, number) in files.Select((file, number) => (file, number)))
        {
            json.WriteStartObject();
            json.WriteString("content_path", "/" + ContentPath(number));
            json.WriteString("path", file.Path);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Keys(Utf8JsonWriter json, GuestMetadata metadata)
    {
        if (metadata.KeyName is not { } name || metadata.PublicKey is not { } key)
            return;

        Pairs(json, "public_keys", new Dictionary<string, string> { [name] = key });
        json.WriteStartArray("keys");
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("type", "ssh");
        json.WriteString("data", key);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void Devices(Utf8JsonWriter json, string version, GuestSpec guest)
    {
        json.WriteStartArray("devices");
        foreach (var nic in guest.Nics.Where(nic => nic.Tag is not null))
        {
            json.WriteStartObject();
            json.WriteString("type", "nic");
            json.WriteString("bus", "none");
            json.WriteString("address", "none");
            json.WriteString("mac", nic.Mac);
            Strings(json, "tags", [nic.Tag!]);
            if (MetadataVersions.Has(version, "2018-08-27"))
                json.WriteBoolean("vf_trusted", false);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void VendorData2(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("static");
        JsonNode.Parse(options.VendorData)!.WriteTo(json);
        json.WriteEndObject();
    }

    private static void NetworkData(Utf8JsonWriter json, GuestSpec guest)
    {
        json.WriteStartObject();
        json.WriteStartArray("links");
        foreach (var nic in guest.Nics)
            Link(json, nic);
        json.WriteEndArray();

        json.WriteStartArray("networks");
        var number = 0;
        foreach (var nic in guest.Nics)
            foreach (var address in nic.Addresses)
                if (nic.Network.Subnets.FirstOrDefault(subnet => subnet.Id == address.SubnetId) is { } subnet)
                    Network(json, nic, address, subnet, number++);
        json.WriteEndArray();

        Services(json, guest.Nics.SelectMany(nic => nic.Network.Subnets).SelectMany(subnet => subnet.DnsServers).Distinct());
        json.WriteEndObject();
    }

    private static void Link(Utf8JsonWriter json, NicSpec nic)
    {
        json.WriteStartObject();
        json.WriteString("id", HostNames.Tap(nic.PortId));
        json.WriteString("vif_id", nic.PortId);
        json.WriteString("type", "bridge");
        json.WriteNumber("mtu", nic.Network.Mtu);
        json.WriteString("ethernet_mac_address", nic.Mac);
        json.WriteEndObject();
    }

    private static void Network(Utf8JsonWriter json, NicSpec nic, AddressSpec address, SubnetSpec subnet, int number)
    {
        var v6 = IPAddress.Parse(address.Address).AddressFamily == AddressFamily.InterNetworkV6;
        json.WriteStartObject();
        json.WriteString("id", $"network{number}");
        json.WriteString("type", (v6, subnet.Dhcp) switch { (false, false) => "ipv4", (false, true) => "ipv4_dhcp", (true, false) => "ipv6", _ => "ipv6_dhcpv6-stateful" });
        json.WriteString("link", HostNames.Tap(nic.PortId));
        json.WriteString("network_id", nic.Network.Id);
        // A guest that asks DHCP for its IPv4 address is told everything else there too.
        if (v6 || !subnet.Dhcp)
            Fixed(json, address, subnet, v6);
        json.WriteEndObject();
    }

    private static void Fixed(Utf8JsonWriter json, AddressSpec address, SubnetSpec subnet, bool v6)
    {
        json.WriteString("ip_address", address.Address);
        json.WriteString("netmask", Mask(IPNetwork.Parse(subnet.Cidr).PrefixLength, v6));
        json.WriteStartArray("routes");
        if (subnet.Gateway is { } gateway)
            Route(json, new(v6 ? "::/0" : "0.0.0.0/0", gateway), v6);
        foreach (var route in subnet.Routes)
            Route(json, route, v6);
        json.WriteEndArray();
        Services(json, subnet.DnsServers);
    }

    private static void Route(Utf8JsonWriter json, RouteSpec route, bool v6)
    {
        var destination = IPNetwork.Parse(route.Destination);
        json.WriteStartObject();
        json.WriteString("network", destination.BaseAddress.ToString());
        json.WriteString("netmask", Mask(destination.PrefixLength, v6));
        json.WriteString("gateway", route.NextHop);
        json.WriteEndObject();
    }

    private static void Services(Utf8JsonWriter json, IEnumerable<string> servers)
    {
        json.WriteStartArray("services");
        foreach (var server in servers)
        {
            json.WriteStartObject();
            json.WriteString("type", "dns");
            json.WriteString("address", server);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Mask(int prefix, bool v6)
    {
        var bytes = new byte[v6 ? 16 : 4];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(0xff00 >> Math.Clamp(prefix - i * 8, 0, 8));
        return new IPAddress(bytes).ToString();
    }

    private static void Pairs(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> pairs)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in pairs)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
            write(json);
        return buffer.ToArray();
    }
}
