using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

/// <summary>What makes a guest anew, or starts it from elsewhere.</summary>
[Collection(nameof(ServerCloud))]
public class RebuildTests(ServerCloud cloud)
{
    [Fact]
    public async Task A_server_is_rebuilt_with_what_its_version_knows()
    {
        var ada = cloud.NewMember().At("2.94");
        var id = await cloud.Boot(ada);
        var address = $"/v2.1/servers/{id}/action";
        string Body(string more) => $$$"""{"rebuild": {"imageRef": "{{{cloud.Image}}}"{{{more}}} }}""";

        var answer = (await ada.Post(address, Body(""", "name": "new", "description": "fresh", "user_data": "ZQ==", "metadata": {"a": "b"}, "hostname": "a.b", "adminPass": "x" """))).Is(202);
        await cloud.Settled(id);
        var server = answer["server"];
        Assert.Equal(("new", "REBUILD", "x", "ZQ=="), (server.GetProperty("name").GetString(), server.GetProperty("status").GetString(), server.GetProperty("adminPass").GetString(), server.GetProperty("user_data").GetString()));
        var shown = await ServerCloud.Show(ada, id);
        Assert.Equal(("ACTIVE", "new", "fresh", "a.b"), (shown.GetProperty("status").GetString(), shown.GetProperty("name").GetString(), shown.GetProperty("description").GetString(), shown.GetProperty("OS-EXT-SRV-ATTR:hostname").GetString()));

        (await ada.At("2.93").Post(address, Body(""", "hostname": "a.b" """))).Is(400);
        (await ada.At("2.89").Post(address, Body(""", "hostname": "ab" """))).Is(400);
        (await ada.At("2.62").Post(address, Body(""", "trusted_image_certificates": null"""))).Is(400);
        (await ada.At("2.56").Post(address, Body(""", "user_data": null"""))).Is(400);
        (await ada.At("2.57").Post(address, Body(""", "personality": []"""))).Is(400);
        (await ada.At("2.53").Post(address, Body(""", "key_name": null"""))).Is(400);
        (await ada.At("2.18").Post(address, Body(""", "description": null"""))).Is(400);
        (await ada.Post(address, Body(""", "key_name": "nobody" """))).Is(400, "Invalid key_name provided.");
        (await ada.Post(address, """{"rebuild": {"imageRef": "4b7ebcda-1d9c-4a8b-9c0f-0123456789ab"}}""")).Is(400, "Cannot find image for rebuild");
        foreach (var version in new[] { "2.1", "2.19", "2.54", "2.57", "2.63", "2.71", "2.74", "2.75", "2.104" })
        {
            (await ada.At(version).Post(address, Body(""))).Is(202);
            await cloud.Settled(id);
        }

        await cloud.Act(ada, id, """{"os-stop": null}""");
        (await ada.Post(address, Body(""))).Is(202);
        await cloud.Settled(id);
        Assert.Equal("SHUTOFF", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        (await ada.Post(address, Body(""", "preserve_ephemeral": true"""))).Is(202);
        await cloud.Settled(id);
        Assert.Equal("The current driver does not support preserving ephemeral partitions.", (await ServerCloud.Show(ada, id)).GetProperty("fault").GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_server_is_rescued_and_comes_back()
    {
        var ada = cloud.NewMember().At("2.87");
        var id = await cloud.Boot(ada);
        var address = $"/v2.1/servers/{id}/action";

        (await ada.Post(address, """{"unrescue": null}""")).Is(409, $"Cannot 'unrescue' instance {id} while it is in vm_state active");
        (await ada.Post(address, """{"rescue": {"rescue_image_ref": "4b7ebcda-1d9c-4a8b-9c0f-0123456789ab"}}""")).Is(400, "Requested rescue image '4b7ebcda-1d9c-4a8b-9c0f-0123456789ab' is not supported");
        (await ada.Post(address, """{"rescue": {"image": "x"}}""")).Is(400);
        Assert.Equal("secret", (await ada.Post(address, """{"rescue": {"adminPass": "secret"}}""")).Is(200)["adminPass"].GetString());
        await cloud.Settled(id);
        Assert.Equal("RESCUE", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        (await ada.Post(address, """{"rescue": null}""")).Is(409, $"Cannot 'rescue' instance {id} while it is in vm_state rescued");
        await cloud.Act(ada, id, """{"unrescue": null}""");
        Assert.Equal("ACTIVE", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        Assert.NotEmpty((await ada.Post(address, $$$"""{"rescue": {"rescue_image_ref": "{{{cloud.Image}}}"}}""")).Is(200)["adminPass"].GetString()!);
        await cloud.Settled(id);
        (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
    }

    [Fact]
    public async Task A_password_is_changed_and_a_crash_dump_is_asked_for()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada);
        var address = $"/v2.1/servers/{id}/action";

        await cloud.Act(ada, id, """{"changePassword": {"adminPass": "n3w"}}""");
        (await ada.Post(address, """{"changePassword": {}}""")).Is(400);
        await cloud.Act(ada, id, """{"trigger_crash_dump": null}""");
        (await ada.Post(address, """{"trigger_crash_dump": {}}""")).Is(400);
        (await ada.At("2.16").Post(address, """{"trigger_crash_dump": null}""")).Is(404);
        await cloud.Act(ada, id, """{"os-stop": null}""");
        (await ada.Post(address, """{"trigger_crash_dump": null}""")).Is(409, $"Cannot 'trigger_crash_dump' instance {id} while it is in vm_state stopped");
        (await ada.Post(address, """{"changePassword": {"adminPass": "n3w"}}""")).Is(409, $"Cannot 'changePassword' instance {id} while it is in vm_state stopped");
        var actions = (await ada.Get($"/v2.1/servers/{id}/os-instance-actions")).Is(200)["instanceActions"].EnumerateArray().Select(a => a.GetProperty("action").GetString());
        Assert.Equal(["stop", "trigger_crash_dump", "changePassword", "create"], actions);
    }
}
