using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

/// <summary>What no host can do yet, and what belongs to a server without being an operation.</summary>
[Collection(nameof(ServerCloud))]
public class MoveTests(ServerCloud cloud)
{
    private const string Nothing = "4b7ebcda-1d9c-4a8b-9c0f-0123456789ab";

    [Theory]
    [InlineData("""{"migrate": null}""", "2.1", 400, "The requested functionality is not supported.")]
    [InlineData("""{"migrate": {"host": "nowhere"}}""", "2.56", 400, "Compute host nowhere could not be found.")]
    [InlineData("""{"os-migrateLive": {"host": null, "block_migration": "auto"}}""", "2.25", 400, "The requested functionality is not supported.")]
    [InlineData("""{"shelve": null}""", "2.1", 400, "The requested functionality is not supported.")]
    [InlineData("""{"resize": {"flavorRef": "f-none"}}""", "2.1", 400, "The requested functionality is not supported.")]
    [InlineData("""{"resize": {"flavorRef": "f-small"}}""", "2.1", 400, "When resizing, instances must change flavor!")]
    [InlineData("""{"resize": {"flavorRef": "f-absent"}}""", "2.1", 400, "Flavor f-absent could not be found.")]
    [InlineData("""{"evacuate": {}}""", "2.14", 400, null)]
    [InlineData("""{"confirmResize": null}""", "2.1", 409, "Cannot 'confirmResize' instance {0} while it is in vm_state active")]
    [InlineData("""{"revertResize": null}""", "2.1", 409, "Cannot 'revertResize' instance {0} while it is in vm_state active")]
    [InlineData("""{"unshelve": null}""", "2.91", 409, "Cannot 'unshelve' instance {0} while it is in vm_state active")]
    [InlineData("""{"shelveOffload": null}""", "2.1", 409, "Cannot 'shelveOffload' instance {0} while it is in vm_state active")]
    public async Task A_move_is_refused(string body, string version, int status, string? message)
    {
        var id = await cloud.Boot(cloud.NewMember().At("2.90"));
        var answer = await cloud.As("admin").At(version).Post($"/v2.1/servers/{id}/action", body);
        if (message is null)
            answer.Is(status);
        else
            answer.Is(status, message.Replace("{0}", id, StringComparison.Ordinal));
        Assert.Equal("ACTIVE", (await ServerCloud.Show(cloud.As("admin"), id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Volumes_shares_topology_and_interfaces_are_shown_as_they_are()
    {
        var ada = cloud.NewMember().At("2.97");
        var id = await cloud.Boot(ada);
        var server = $"/v2.1/servers/{id}";

        Assert.Equal(0, (await ada.Get($"{server}/os-volume_attachments")).Is(200)["volumeAttachments"].GetArrayLength());
        (await ada.Get($"{server}/os-volume_attachments/{Nothing}")).Is(404, $"Instance {id} is not attached to volume {Nothing}");
        (await ada.Post($"{server}/os-volume_attachments", $$$"""{"volumeAttachment": {"volumeId": "{{{Nothing}}}"}}""")).Is(404, $"Volume {Nothing} could not be found.");
        (await ada.Delete($"{server}/os-volume_attachments/{Nothing}")).Is(404);
        Assert.Equal(0, (await ada.Get($"{server}/shares")).Is(200)["shares"].GetArrayLength());
        (await ada.At("2.96").Get($"{server}/shares")).Is(404);
        (await ada.Post($"{server}/shares", $$$"""{"share": {"share_id": "{{{Nothing}}}"}}""")).Is(409, $"Cannot 'attach_share' instance {id} while it is in vm_state active");
        Assert.Equal(0, (await ada.Get($"{server}/topology")).Is(200)["nodes"].GetArrayLength());
        (await ada.At("2.77").Get($"{server}/topology")).Is(404);
        Assert.Equal(0, (await ada.Get($"{server}/os-interface")).Is(200)["interfaceAttachments"].GetArrayLength());
        (await ada.Get($"{server}/os-interface/{Nothing}")).Is(404, $"Instance {id} does not have a port with id {Nothing}");
        (await ada.Post($"{server}/action", """{"injectNetworkInfo": null}""")).Is(403);
        (await cloud.As("admin").Post($"{server}/action", """{"injectNetworkInfo": null}""")).Is(202);
    }

    [Fact]
    public async Task Security_groups_of_a_server_are_those_of_its_ports()
    {
        var ada = cloud.NewMember().At("2.35");
        var network = (await ada.Post("/network/v2.0/networks", """{"network": {"name": "n"}}""")).Is(201)["network", "id"].GetString();
        (await ada.Post("/network/v2.0/subnets", $$$"""{"subnet": {"network_id": "{{{network}}}", "ip_version": 4, "cidr": "10.77.0.0/24"}}""")).Is(201);
        var id = await cloud.Boot(ada, networks: $$"""[{"uuid": "{{network}}"}]""");
        var server = $"/v2.1/servers/{id}";
        (await ada.Post("/v2.1/os-security-groups", """{"security_group": {"name": "web", "description": "w"}}""")).Is(200);

        (await ada.Post($"{server}/action", """{"addSecurityGroup": {"name": "web"}}""")).Is(202);
        (await ada.Post($"{server}/action", """{"addSecurityGroup": {"name": "web"}}""")).Is(202);
        Assert.Equal(["default", "web"], (await ada.Get($"{server}/os-security-groups")).Is(200)["security_groups"].EnumerateArray().Select(g => g.GetProperty("name").GetString()));
        var port = (await ada.At("2.70").Get($"{server}/os-interface")).Is(200)["interfaceAttachments"][0];
        Assert.Equal(network, (await ada.Get($"{server}/os-interface/{port.GetProperty("port_id").GetString()}")).Is(200)["interfaceAttachment", "net_id"].GetString());
        (await ada.Post($"{server}/action", """{"removeSecurityGroup": {"name": "web"}}""")).Is(202);
        (await ada.Post($"{server}/action", """{"removeSecurityGroup": {"name": "web"}}""")).Is(404, $"Security group web not associated with the instance {id}");
        (await ada.Post($"{server}/action", """{"addSecurityGroup": {"name": "none"}}""")).Is(404, $"Security group none is not found for project {ada.Token.Split(':')[1]}");
        (await ada.Post($"{server}/action", """{"addSecurityGroup": {"name": " "}}""")).Is(400, "Security group name cannot be empty");
    }
}
