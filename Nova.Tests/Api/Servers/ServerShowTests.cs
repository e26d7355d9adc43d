using System.Text.Json;
using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

[Collection(nameof(ServerCloud))]
public class ServerShowTests(ServerCloud cloud)
{
    private static readonly int[] Versions = [1, 3, 9, 16, 19, 26, 47, 63, 69, 71, 73, 75, 90, 96, 98, 100, 102, 104];

    [Fact]
    public async Task Every_version_shows_what_it_knows()
    {
        var ada = cloud.NewMember();
        var id = await cloud.Boot(ada, networks: "\"auto\"");

        // The answers themselves are checked against the published schemas by the client.
        foreach (var minor in Versions.SelectMany(v => new[] { v - 1, v }).Where(v => v > 0).Distinct())
            foreach (var caller in new[] { ada, cloud.As("admin") })
            {
                var server = await ServerCloud.Show(caller.At($"2.{minor}"), id);
                Assert.Equal(minor >= 9, server.TryGetProperty("locked", out _));
                Assert.Equal(minor >= 19, server.TryGetProperty("description", out _));
                Assert.Equal(minor >= 26, server.TryGetProperty("tags", out _));
                Assert.Equal(minor >= 47, server.GetProperty("flavor").TryGetProperty("original_name", out _));
                Assert.Equal(minor >= 63, server.TryGetProperty("trusted_image_certificates", out _));
                Assert.Equal(minor >= 71, server.TryGetProperty("server_groups", out _));
                Assert.Equal(minor >= 73, server.TryGetProperty("locked_reason", out _));
                Assert.Equal(minor >= 96, server.TryGetProperty("pinned_availability_zone", out _));
                Assert.Equal(minor >= 98, server.GetProperty("image").TryGetProperty("properties", out _));
                Assert.Equal(minor >= 100, server.TryGetProperty("scheduler_hints", out _));
                Assert.Equal(caller != ada, server.TryGetProperty("OS-EXT-SRV-ATTR:host", out _));
                Assert.Equal(caller != ada && minor >= 16, server.TryGetProperty("host_status", out _));
                Assert.Equal((caller != ada && minor >= 3) || minor >= 90, server.TryGetProperty("OS-EXT-SRV-ATTR:hostname", out _));
                (await caller.At($"2.{minor}").Get($"/v2.1/servers/detail?name=nothing&limit=1")).Is(200);
            }
    }

    [Fact]
    public async Task Unknown_parameters_are_refused_from_2102()
    {
        var ada = cloud.NewMember();
        var id = await cloud.Boot(ada);

        (await ada.At("2.101").Get($"/v2.1/servers/{id}?x=1")).Is(200);
        (await ada.At("2.102").Get($"/v2.1/servers/{id}?x=1")).Is(400);
    }

    [Fact]
    public async Task An_update_changes_what_was_sent()
    {
        var ada = cloud.NewMember();
        var id = await cloud.Boot(ada);
        var path = $"/v2.1/servers/{id}";

        var old = (await ada.At("2.74").Put(path, """{"server": {"name": "new", "description": "words", "accessIPv4": "1.2.3.4", "accessIPv6": "fe80::1", "OS-DCF:diskConfig": "AUTO"}}""")).Is(200)["server"];
        Assert.Equal("new", old.GetProperty("name").GetString());
        Assert.Equal("AUTO", old.GetProperty("OS-DCF:diskConfig").GetString());
        Assert.False(old.TryGetProperty("key_name", out _));
        var whole = (await ada.At("2.75").Put(path, """{"server": {"description": null}}""")).Is(200)["server"];
        Assert.Equal(JsonValueKind.Null, whole.GetProperty("description").ValueKind);
        Assert.Equal("1.2.3.4", whole.GetProperty("accessIPv4").GetString());
        Assert.True(whole.TryGetProperty("OS-EXT-STS:vm_state", out _));
        Assert.Equal("guest", (await ada.At("2.90").Put(path, """{"server": {"hostname": "guest"}}""")).Is(200)["server", "OS-EXT-SRV-ATTR:hostname"].GetString());

        (await ada.At("2.18").Put(path, """{"server": {"description": "x"}}""")).Is(400);
        (await ada.At("2.89").Put(path, """{"server": {"hostname": "x"}}""")).Is(400);
        (await ada.At("2.93").Put(path, """{"server": {"hostname": "x.y"}}""")).Is(400);
        (await ada.At("2.94").Put(path, """{"server": {"hostname": "x.y"}}""")).Is(200);
        (await ada.Put(path, """{"server": {"name": ""}}""")).Is(400);
    }

    [Fact]
    public async Task Updates_and_rebuilds_tell_of_interfaces_from_2_75_on()
    {
        var ada = cloud.NewMember();
        var id = await cloud.Boot(ada, networks: "\"auto\"");
        async Task Check(string version, bool isTold)
        {
            var updated = (await ada.At(version).Put($"/v2.1/servers/{id}", """{"server": {"name": "new"}}""")).Is(200);
            var rebuilt = (await ada.At(version).Post($"/v2.1/servers/{id}/action", $$"""{"rebuild": {"imageRef": "{{cloud.Image}}"} }""")).Is(202);
            await cloud.Settled(id);
            foreach (var answer in new[] { updated, rebuilt })
            {
                var address = answer["server"].GetProperty("addresses").EnumerateObject().Single().Value[0];
                Assert.Equal(isTold, address.TryGetProperty("OS-EXT-IPS:type", out _));
                Assert.Equal(isTold, address.TryGetProperty("OS-EXT-IPS-MAC:mac_addr", out _));
            }
        }

        await Check("2.74", isTold: false);
        await Check("2.75", isTold: true);
    }

    [Fact]
    public async Task An_access_address_is_kept_in_its_short_form()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada, more: """, "accessIPv6": "0000:0000:0000:0000:0000:babe:220.12.22.2" """);
        async Task<string?> Kept() => (await ServerCloud.Show(ada, id)).GetProperty("accessIPv6").GetString();

        Assert.Equal("::babe:dc0c:1602", await Kept());
        (await ada.Put($"/v2.1/servers/{id}", """{"server": {"accessIPv6": "2001:0DB8::0001"}}""")).Is(200);
        Assert.Equal("2001:db8::1", await Kept());
    }

    [Fact]
    public async Task A_zone_is_pinned_and_unpinned_from_2104()
    {
        var ada = cloud.NewMember().At("2.104");
        var id = await cloud.Boot(ada);
        var path = $"/v2.1/servers/{id}";

        Assert.Equal("nova", (await ada.Put(path, """{"server": {"pinned_availability_zone": "nova"}}""")).Is(200)["server", "pinned_availability_zone"].GetString());
        (await ada.Put(path, """{"server": {"pinned_availability_zone": "mars"}}""")).Is(409);
        Assert.Equal(JsonValueKind.Null, (await ada.Put(path, """{"server": {"pinned_availability_zone": null}}""")).Is(200)["server", "pinned_availability_zone"].ValueKind);
        (await ada.At("2.103").Put(path, """{"server": {"pinned_availability_zone": null}}""")).Is(400);
    }
}
