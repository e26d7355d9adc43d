using System.Net;
using System.Text;
using System.Text.Json;
using Nova.Modules.Compute;
using Nova.Modules.Metadata;
using Nova.Tests.Drivers.Network;

namespace Nova.Tests.Metadata;

/// <summary>The documents that guests read, over HTTP and on the config drive.</summary>
public class MetadataTests : IGuestDirectory, IGuestPasswords
{
    private static readonly NetworkSpec Net = Guests.NetworkOf("10.0.0.0/24", "fd00::/64");
    private readonly GuestSpec guest = Guests.Spec([Guests.Nic(Net, 5) with { Tag = "lan" }]);
    private readonly MetadataService service;
    private string password = "";

    public MetadataTests() => service = new(new MetadataOptions(), this, this);

    [Theory]
    [InlineData("/", 200, "1.0\n2007-01-19\n2007-03-01\n2007-08-29\n2007-10-10\n2007-12-15\n2008-02-01\n2008-09-01\n2009-04-04\nlatest")]
    [InlineData("/openstack/", 200, "2012-08-10\n2013-04-04\n2013-10-17\n2015-10-15\n2016-06-30\n2016-10-06\n2017-02-22\n2018-08-27\n2020-10-14\n2025-04-04\nlatest")]
    [InlineData("/openstack/2012-08-10", 200, "meta_data.json\nuser_data")]
    [InlineData("/openstack/latest/", 200, "meta_data.json\nuser_data\npassword\nvendor_data.json\nnetwork_data.json\nvendor_data2.json")]
    [InlineData("/openstack/latest/user_data", 200, "#!/bin/sh\n")]
    [InlineData("/openstack/latest/vendor_data2.json", 200, "{\"static\":{}}")]
    [InlineData("/openstack/2012-08-10/password", 404, "404 Not Found")]
    [InlineData("/openstack/2011-01-01/meta_data.json", 404, "404 Not Found")]
    [InlineData("/openstack/latest/../secret", 404, "404 Not Found")]
    [InlineData("/latest", 200, "meta-data/\nuser-data")]
    [InlineData("/latest/user-data", 200, "#!/bin/sh\n")]
    [InlineData("/latest/meta-data/instance-id", 200, "i-0000002a")]
    [InlineData("/2009-04-04/meta-data/hostname", 200, "web-1.novalocal")]
    [InlineData("/latest/meta-data/local-ipv4", 200, "10.0.0.5")]
    [InlineData("/latest/meta-data/security-groups", 200, "default\nweb")]
    [InlineData("/latest/meta-data/public-keys/", 200, "0=mykey")]
    [InlineData("/latest/meta-data/public-keys/0/", 200, "openssh-key")]
    [InlineData("/latest/meta-data/public-keys/0/openssh-key", 200, "ssh-ed25519 AAAA me")]
    [InlineData("/latest/meta-data/public-keys/0/_name", 404, "404 Not Found")]
    [InlineData("/latest/meta-data/placement/availability-zone", 200, "nova")]
    [InlineData("/1.0/meta-data/instance-type", 404, "404 Not Found")]
    [InlineData("/2007-08-29/meta-data/instance-type", 200, "m1.tiny")]
    [InlineData("/3.0/meta-data", 404, "404 Not Found")]
    public async Task Paths_answer_as_documented(string path, int status, string text)
    {
        var answer = await Ask(path);

        Assert.Equal((status, text), (answer.Status, Encoding.UTF8.GetString(answer.Body)));
    }

    [Fact]
    public async Task Files_of_the_create_are_on_the_config_drive_alone()
    {
        var withFiles = guest with
        {
            Metadata = guest.Metadata with { Files = [new("/etc/motd", new(Convert.ToBase64String("hello"u8))), new("/srv/key", new(Convert.ToBase64String([0, 255])))] },
        };
        var files = new MetadataDocuments(new()).Files(withFiles);

        Assert.Equal("hello"u8.ToArray(), files["openstack/content/0000"]);
        Assert.Equal([0, 255], files["openstack/content/0001"]);
        using var told = JsonDocument.Parse(files["openstack/latest/meta_data.json"]);
        Assert.Equal(
            """[{"content_path":"/content/0000","path":"/etc/motd"},{"content_path":"/content/0001","path":"/srv/key"}]""",
            told.RootElement.GetProperty("files").GetRawText());
        using var asked = JsonDocument.Parse((await Ask("/openstack/latest/meta_data.json")).Body);
        Assert.False(asked.RootElement.TryGetProperty("files", out _));
        Assert.DoesNotContain("openstack/content/0000", new MetadataDocuments(new()).Files(guest).Keys);
    }

    [Fact]
    public async Task Meta_data_grows_with_its_version()
    {
        using var old = JsonDocument.Parse((await Ask("/openstack/2012-08-10/meta_data.json")).Body);
        using var latest = JsonDocument.Parse((await Ask("/openstack/latest/meta_data.json")).Body);

        Assert.False(old.RootElement.TryGetProperty("random_seed", out _));
        Assert.False(old.RootElement.TryGetProperty("project_id", out _));
        var root = latest.RootElement;
        Assert.Equal("p1", root.GetProperty("project_id").GetString());
        Assert.Equal(guest.DisplayName, root.GetProperty("name").GetString());
        Assert.Equal("käse", root.GetProperty("meta").GetProperty("role").GetString());
        Assert.Equal("ssh-ed25519 AAAA me", root.GetProperty("public_keys").GetProperty("mykey").GetString());
        Assert.Equal("lan", root.GetProperty("devices")[0].GetProperty("tags")[0].GetString());
        Assert.False(root.TryGetProperty("admin_pass", out _));
    }

    [Fact]
    public async Task Network_data_tells_links_networks_and_name_servers()
    {
        using var document = JsonDocument.Parse((await Ask("/openstack/latest/network_data.json")).Body);
        var (link, networks) = (document.RootElement.GetProperty("links")[0], document.RootElement.GetProperty("networks"));

        Assert.Equal(guest.Nics[0].Mac, link.GetProperty("ethernet_mac_address").GetString());
        Assert.Equal("ipv4_dhcp", networks[0].GetProperty("type").GetString());
        Assert.False(networks[0].TryGetProperty("ip_address", out _));
        Assert.Equal("ipv6_dhcpv6-stateful", networks[1].GetProperty("type").GetString());
        Assert.Equal("ffff:ffff:ffff:ffff::", networks[1].GetProperty("netmask").GetString());
        Assert.Equal("fd00::1", networks[1].GetProperty("routes")[0].GetProperty("gateway").GetString());
        Assert.Equal(["10.0.0.2", "fd00::2"], document.RootElement.GetProperty("services").EnumerateArray().Select(entry => entry.GetProperty("address").GetString()));
    }

    [Fact]
    public async Task A_password_is_stored_once_and_has_a_bound()
    {
        Assert.Equal(400, (await Ask("/openstack/latest/password", "POST", new string('x', 1021))).Status);
        Assert.Equal(400, (await Ask("/openstack/latest/password", "POST", "a\0b")).Status);
        Assert.Equal((400, "GET and POST only are supported."), ((await Ask("/openstack/latest/password", "DELETE")).Status, Encoding.UTF8.GetString((await Ask("/openstack/latest/password", "PUT", "x")).Body)));
        Assert.Equal(200, (await Ask("/openstack/latest/password", "POST", "")).Status);
        Assert.Equal(400, (await service.Answer(new(Net.Id, IPAddress.Parse("10.0.0.5"), "POST", "/openstack/latest/password", [0xff, 0xfe]), default)).Status);
        Assert.Equal(200, (await Ask("/openstack/latest/password", "POST", "one")).Status);
        Assert.Equal(409, (await Ask("/openstack/latest/password", "POST", "two")).Status);
        Assert.Equal("one", Encoding.UTF8.GetString((await Ask("/openstack/latest/password")).Body));
        Assert.Equal(405, (await Ask("/openstack/latest/meta_data.json", "POST", "x")).Status);
    }

    [Fact]
    public async Task Another_address_or_network_gets_nothing()
    {
        Assert.Equal(404, (await service.Answer(new(Net.Id, IPAddress.Parse("10.0.0.6"), "GET", "/openstack", []), default)).Status);
        Assert.Equal(404, (await service.Answer(new(Guid.NewGuid(), IPAddress.Parse("10.0.0.5"), "GET", "/openstack", []), default)).Status);
    }

    [Fact]
    public void A_config_drive_has_all_versions_and_the_password_of_the_administrator()
    {
        var files = new MetadataDocuments(new MetadataOptions()).Files(guest);

        using var latest = JsonDocument.Parse(files["openstack/latest/meta_data.json"]);
        using var ec2 = JsonDocument.Parse(files["ec2/latest/meta-data.json"]);
        Assert.Equal("s3cret", latest.RootElement.GetProperty("admin_pass").GetString());
        Assert.Equal("i-0000002a", ec2.RootElement.GetProperty("instance-id").GetString());
        Assert.Equal("#!/bin/sh\n"u8.ToArray(), files["openstack/2012-08-10/user_data"]);
        Assert.Equal("#!/bin/sh\n"u8.ToArray(), files["ec2/2009-04-04/user-data"]);
        Assert.DoesNotContain(files.Keys, path => path.EndsWith("password", StringComparison.Ordinal));
        Assert.Equal(11, files.Keys.Count(path => path.EndsWith("/meta_data.json", StringComparison.Ordinal)));
    }

    public GuestSpec? Find(Guid networkId, IPAddress address) => networkId == Net.Id && address.Equals(IPAddress.Parse("10.0.0.5")) ? guest : null;

    public ValueTask<string> Find(Guid serverId, CancellationToken ct) => new(password);

    public ValueTask<bool> TrySet(Guid serverId, string value, CancellationToken ct)
    {
        var isFirst = password.Length == 0;
        password = isFirst ? value : password;
        return new(isFirst);
    }

    private async Task<MetadataAnswer> Ask(string path, string method = "GET", string body = "") =>
        await service.Answer(new(Net.Id, IPAddress.Parse("10.0.0.5"), method, path, Encoding.UTF8.GetBytes(body)), default);
}
