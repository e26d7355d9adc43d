using System.Text.Json;
using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

/// <summary>Images and backups of servers, where the hosts are in the process of the image service.</summary>
[Collection(nameof(ServerCloud))]
public class SnapshotTests(ServerCloud cloud) : SnapshotExamples(cloud);

/// <summary>The same where hosts are commanded over gRPC, and bring images with a ticket over HTTP.</summary>
public class WiredSnapshotTests(WiredSnapshotTests.Cloud cloud) : SnapshotExamples(cloud), IClassFixture<WiredSnapshotTests.Cloud>
{
    public sealed class Cloud : ServerCloud
    {
        protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string> { ["server.wire"] = "grpc" };
    }
}

/// <summary>What holds in both.</summary>
public abstract class SnapshotExamples(ServerCloud cloud)
{
    [Fact]
    public async Task An_image_of_a_server_has_its_bytes_and_where_it_comes_from_and_boots()
    {
        var ada = cloud.NewMember().At("2.104");
        var image = await cloud.MakeImage("""{"name": "base", "disk_format": "raw", "container_format": "bare", "visibility": "public", "min_ram": 32, "hw_disk_bus": "scsi", "cache_in_nova": "yes", "img_signature": "x", "os_glance_job": "1"}""");
        var id = await Boot(ada, image);
        await cloud.Act(ada, id, """{"lock": null}""");

        var imageId = await MakeImage(ada, id, """{"createImage": {"name": "shot", "metadata": {"color": "blue", "hw_disk_bus": "virtio"}}}""");

        var shot = (await ada.Get($"/image/v2/images/{imageId}")).Is(200).Json;
        Assert.Equal(("shot", "active", "qcow2", "bare", "private"), (Text(shot, "name"), Text(shot, "status"), Text(shot, "disk_format"), Text(shot, "container_format"), Text(shot, "visibility")));
        Assert.Equal((1, 32), (shot.GetProperty("min_disk").GetInt32(), shot.GetProperty("min_ram").GetInt32()));
        Assert.Equal((id, image, "snapshot", "blue", "virtio"), (Text(shot, "instance_uuid"), Text(shot, "base_image_ref"), Text(shot, "image_type"), Text(shot, "color"), Text(shot, "hw_disk_bus")));
        Assert.Equal(("ada", ada.Token.Split(':')[1], "snapshot", "available"), (Text(shot, "user_id"), Text(shot, "owner_id"), Text(shot, "image_location"), Text(shot, "image_state")));
        Assert.All(["cache_in_nova", "img_signature", "os_glance_job", "instance_owner"], name => Assert.False(shot.TryGetProperty(name, out _)));
        Assert.Equal(1L << 30, shot.GetProperty("virtual_size").GetInt64());
        using (var bytes = await cloud.Http.SendAsync(new(HttpMethod.Get, $"/image/v2/images/{imageId}/file") { Headers = { { "X-Auth-Token", ada.Token } } }))
            Assert.StartsWith("QFI\u00fb", System.Text.Encoding.Latin1.GetString(await bytes.Content.ReadAsByteArrayAsync()), StringComparison.Ordinal);

        var server = await ServerCloud.Show(ada, id);
        Assert.Equal(("ACTIVE", JsonValueKind.Null), (Text(server, "status"), server.GetProperty("OS-EXT-STS:task_state").ValueKind));
        var action = (await ada.Get($"/v2.1/servers/{id}/os-instance-actions")).Is(200)["instanceActions"].EnumerateArray().First(a => Text(a, "action") == "createImage");
        var shown = (await ada.Get($"/v2.1/servers/{id}/os-instance-actions/{Text(action, "request_id")}")).Is(200)["instanceAction", "events"];
        Assert.All(shown.EnumerateArray(), e => Assert.Equal(("compute_snapshot_instance", "Success"), (Text(e, "event"), Text(e, "result"))));

        // Of a server that was made of it an image tells the first.
        var second = await Boot(ada, imageId);
        var again = await MakeImage(ada, second, """{"createImage": {"name": "again"}}""");
        Assert.Equal(image, Text((await ada.Get($"/image/v2/images/{again}")).Is(200).Json, "base_image_ref"));
    }

    [Fact]
    public async Task The_answer_names_the_image_in_a_header_until_244_and_in_the_body_from_245()
    {
        var ada = cloud.NewMember();
        var id = await cloud.Boot(ada);
        foreach (var (version, action) in new[] { ("2.1", "createImage"), ("2.44", "createImage"), ("2.1", "createBackup"), ("2.44", "createBackup") })
        {
            var answer = (await ada.At(version).Post($"/v2.1/servers/{id}/action", Body(action, "x"))).Is(202);
            await cloud.Settled(id);
            var at = answer.Headers["Location"];
            Assert.StartsWith(cloud.Url + (action == "createImage" ? "/image/images/" : "/v2.1/images/"), at, StringComparison.Ordinal);
            Assert.Equal("", answer.Text);
            Assert.Equal("active", Text((await ada.Get("/image/v2/images/" + at.Split('/')[^1])).Is(200).Json, "status"));
        }

        foreach (var (version, action) in new[] { ("2.45", "createImage"), ("2.104", "createImage"), ("2.45", "createBackup"), ("2.104", "createBackup") })
        {
            var answer = (await ada.At(version).Post($"/v2.1/servers/{id}/action", Body(action, "x"))).Is(202);
            await cloud.Settled(id);
            Assert.False(answer.Headers.ContainsKey("Location"));
            Assert.Equal("active", Text((await ada.Get("/image/v2/images/" + Text(answer.Json, "image_id"))).Is(200).Json, "status"));
        }

        var none = (await ada.At("2.44").Post($"/v2.1/servers/{id}/action", Body("createBackup", "x", rotation: "0"))).Is(202);
        Assert.False(none.Headers.ContainsKey("Location"));
        await cloud.Settled(id);
        var alias = (await ada.At("2.102").Post($"/v2.1/os-volumes_boot/{id}/action", Body("createImage", "x"))).Is(202);
        await cloud.Settled(id);
        Assert.NotEmpty(Text(alias.Json, "image_id")!);
        (await ada.At("2.103").Post($"/v2.1/os-volumes_boot/{id}/action", Body("createImage", "x"))).Is(404);
        (await ada.At("2.102").Post($"/v2.1/os-volumes_boot/{id}/action", Body("createBackup", "x"))).Is(400);
    }

    [Fact]
    public async Task Properties_are_counted_as_metadata_until_238()
    {
        var ada = cloud.NewMember();
        var id = await cloud.Boot(ada);
        (await cloud.As("admin").Put($"/v2.1/os-quota-sets/{ada.Token.Split(':')[1]}", """{"quota_set": {"metadata_items": 1}}""")).Is(200);
        foreach (var action in new[] { "createImage", "createBackup" })
        {
            (await ada.At("2.38").Post($"/v2.1/servers/{id}/action", Body(action, "x", metadata: """{"a": "1", "b": "2"}"""))).Is(403, "Image metadata limit exceeded");
            (await ada.At("2.38").Post($"/v2.1/servers/{id}/action", Body(action, "x", metadata: """{"a": "1"}"""))).Is(202);
            await cloud.Settled(id);
            (await ada.At("2.39").Post($"/v2.1/servers/{id}/action", Body(action, "x", metadata: """{"a": "1", "b": "2"}"""))).Is(202);
            await cloud.Settled(id);
        }
    }

    [Fact]
    public async Task Backups_of_a_type_are_rotated()
    {
        var ada = cloud.NewMember().At("2.104");
        var (id, other) = (await cloud.Boot(ada), await cloud.Boot(ada));
        var daily = new List<string>();
        for (var i = 0; i < 3; i++)
            daily.Add(await MakeImage(ada, id, Body("createBackup", $"d{i}", type: "daily", rotation: "2")));
        var weekly = await MakeImage(ada, id, Body("createBackup", "w", type: "weekly", rotation: "\"1\""));
        var others = await MakeImage(ada, other, Body("createBackup", "o", type: "daily", rotation: "1"));
        var shot = await MakeImage(ada, id, """{"createImage": {"name": "s", "metadata": {"backup_type": "daily"}}}""");

        Assert.Equal(new[] { daily[1], daily[2], weekly, others, shot }.Order(), (await Images(ada)).Order());
        Assert.Equal(("backup", "daily"), (Text((await ada.Get($"/image/v2/images/{daily[2]}")).Json, "image_type"), Text((await ada.Get($"/image/v2/images/{daily[2]}")).Json, "backup_type")));

        // One that may not be deleted stays and is counted.
        (await ada.Send(HttpMethod.Patch, $"/image/v2/images/{daily[1]}", """[{"op": "replace", "path": "/protected", "value": true}]""", "application/openstack-images-v2.1-json-patch")).Is(200);
        var fourth = await MakeImage(ada, id, Body("createBackup", "d3", type: "daily", rotation: "1"));
        Assert.Equal(new[] { daily[1], fourth, weekly, others, shot }.Order(), (await Images(ada)).Order());

        // A rotation of 0 keeps none, the new one neither.
        (await ada.Post($"/v2.1/servers/{id}/action", Body("createBackup", "d4", type: "daily", rotation: "0"))).Is(202);
        await cloud.Settled(id);
        Assert.Equal(new[] { daily[1], weekly, others, shot }.Order(), (await Images(ada)).Order());
    }

    [Fact]
    public async Task An_image_that_an_administrator_makes_is_shared_with_the_servers_project()
    {
        var ada = cloud.NewMember().At("2.104");
        var id = await cloud.Boot(ada);

        var imageId = await MakeImage(cloud.As("admin:ops").At("2.104"), id, """{"createImage": {"name": "theirs"}}""");

        var image = (await ada.Get($"/image/v2/images/{imageId}")).Is(200).Json;
        Assert.Equal(("shared", "ops", ada.Token.Split(':')[1]), (Text(image, "visibility"), Text(image, "owner"), Text(image, "instance_owner")));
        (await cloud.NewMember().Get($"/image/v2/images/{imageId}")).Is(404);
    }

    [Fact]
    public async Task A_server_in_another_state_or_at_work_is_refused_and_leaves_no_image()
    {
        var ada = cloud.NewMember().At("2.104");
        var id = await cloud.Boot(ada);
        foreach (var (state, action) in new[] { ("""{"rescue": null}""", """{"unrescue": null}""") })
        {
            (await ada.Post($"/v2.1/servers/{id}/action", state)).Is(200);
            await cloud.Settled(id);
            (await ada.Post($"/v2.1/servers/{id}/action", Body("createImage", "x"))).Is(409, $"Cannot 'createImage' instance {id} while it is in vm_state rescued");
            (await ada.Post($"/v2.1/servers/{id}/action", Body("createBackup", "x"))).Is(409, $"Cannot 'createBackup' instance {id} while it is in vm_state rescued");
            await cloud.Act(ada, id, action);
        }

        foreach (var state in new[] { "pause", "unpause", "suspend", "resume", "os-stop" })
        {
            await cloud.Act(ada, id, $$"""{"{{state}}": null}""");
            await MakeImage(ada, id, Body("createImage", state));
        }

        Assert.Equal(5, (await Images(ada)).Count);
        (await ada.Post($"/v2.1/servers/{id}/action", """{"createImage": {"name": "x", "metadata": {"status": "active"}}}""")).Is(403, "Attribute 'status' is read-only.");
        (await ada.Post($"/v2.1/servers/{id}/action", """{"createImage": {"name": "x", "metadata": {"min_disk": "1"}}}""")).Is(400);
        (await ada.Post($"/v2.1/servers/{id}/action", """{"createImage": {"name": "x", "metadata": {"visibility": "public"}}}""")).Is(403);
        (await ada.Post($"/v2.1/servers/{id}/action", """{"createImage": {"name": " "}}""")).Is(400);
        (await ada.Post($"/v2.1/servers/{id}/action", """{"createBackup": {"name": "x", "backup_type": "daily", "rotation": -1}}""")).Is(400);
        (await ada.Post("/v2.1/servers/nowhere/action", Body("createImage", "x"))).Is(404, "Instance nowhere could not be found.");
        Assert.Equal(5, (await Images(ada)).Count);
    }

    [Fact]
    public async Task Who_may_only_read_or_is_of_another_project_makes_none()
    {
        var ada = cloud.NewMember().At("2.104");
        var id = await cloud.Boot(ada);
        foreach (var action in new[] { "createImage", "createBackup" })
        {
            (await cloud.As(ada.Token).At("2.104").With("x-roles", "reader").Post($"/v2.1/servers/{id}/action", Body(action, "x"))).Is(403);
            (await cloud.NewMember().At("2.104").Post($"/v2.1/servers/{id}/action", Body(action, "x"))).Is(404, $"Instance {id} could not be found.");
            (await cloud.As("").At("2.104").Post($"/v2.1/servers/{id}/action", Body(action, "x"))).Is(401);
        }

        Assert.Empty(await Images(ada));
    }

    [Theory]
    [InlineData("snapshot")]
    [InlineData("upload")]
    public async Task A_failure_leaves_no_half_image_and_the_server_as_it_was(string at)
    {
        var ada = cloud.NewMember().At("2.104");
        var id = await cloud.Boot(ada, more: $$""", "metadata": {"fake:fail_at": "{{at}}", "fake:fail_times": "1"}""");

        var answer = (await ada.Post($"/v2.1/servers/{id}/action", Body("createImage", "x"))).Is(202);
        await cloud.Settled(id);

        (await ada.Get("/image/v2/images/" + Text(answer.Json, "image_id"))).Is(404);
        var server = await ServerCloud.Show(ada, id);
        Assert.Equal(("ACTIVE", JsonValueKind.Null), (Text(server, "status"), server.GetProperty("OS-EXT-STS:task_state").ValueKind));
        var action = (await ada.Get($"/v2.1/servers/{id}/os-instance-actions/{answer.Headers["x-openstack-request-id"]}")).Is(200)["instanceAction"];
        Assert.Equal(("Error", 1), (Text(action, "message"), action.GetProperty("events").EnumerateArray().Count(e => Text(e, "result") == "Error")));
        await MakeImage(ada, id, Body("createImage", "x"));
    }

    [Theory]
    [InlineData("snapshot", "image_snapshot")]
    [InlineData("upload", "image_uploading")]
    public async Task A_delete_of_the_server_or_of_the_image_in_the_middle_ends_it(string at, string task)
    {
        var ada = cloud.NewMember().At("2.104");
        var id = await cloud.Boot(ada, more: $$""", "metadata": {"fake:delay_at": "{{at}}", "fake:delay_ms": "-1"}""");
        var image = Text((await ada.Post($"/v2.1/servers/{id}/action", Body("createImage", "x"))).Is(202).Json, "image_id");
        await Eventually.Is(async () => Text(await ServerCloud.Show(ada, id), "OS-EXT-STS:task_state") == task);
        (await ada.Post($"/v2.1/servers/{id}/action", Body("createImage", "y"))).Is(409, $"Cannot 'createImage' instance {id} while it is in task_state {task}");
        (await ada.Get($"/image/v2/images/{image}")).Is(200);

        (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);

        (await ada.Get($"/v2.1/servers/{id}")).Is(404);
        Assert.Empty(await Images(ada));
    }

    [Fact]
    public async Task An_image_that_is_deleted_in_the_middle_harms_nobody()
    {
        var ada = cloud.NewMember().At("2.104");
        foreach (var at in new[] { "snapshot", "upload" })
        {
            var id = await cloud.Boot(ada, more: $$""", "metadata": {"fake:delay_at": "{{at}}", "fake:delay_ms": "400"}""");
            var task = at == "snapshot" ? "image_snapshot" : "image_uploading";
            var answer = (await ada.Post($"/v2.1/servers/{id}/action", Body("createImage", "x"))).Is(202);
            await Eventually.Is(async () => Text(await ServerCloud.Show(ada, id), "OS-EXT-STS:task_state") == task);
            (await ada.Delete("/image/v2/images/" + Text(answer.Json, "image_id"))).Is(204);
            await cloud.Settled(id);

            var server = await ServerCloud.Show(ada, id);
            Assert.Equal(("ACTIVE", JsonValueKind.Null, false), (Text(server, "status"), server.GetProperty("OS-EXT-STS:task_state").ValueKind, server.TryGetProperty("fault", out _)));
            (await ada.Get("/image/v2/images/" + Text(answer.Json, "image_id"))).Is(404);
        }

    }

    private async Task<string> Boot(CloudClient caller, string image)
    {
        var body = $$$"""{"server": {"name": "vm", "flavorRef": "{{{cloud.Flavor}}}", "imageRef": "{{{image}}}", "networks": "none"}}""";
        var id = Text((await caller.Post("/v2.1/servers", body)).Is(202)["server"], "id")!;
        await cloud.Settled(id);
        Assert.Equal("ACTIVE", Text(await ServerCloud.Show(caller, id), "status"));
        return id;
    }

    private async Task<string> MakeImage(CloudClient caller, string server, string body)
    {
        var id = Text((await caller.Post($"/v2.1/servers/{server}/action", body)).Is(202).Json, "image_id")!;
        await cloud.Settled(server);
        return id;
    }

    private static async Task<IReadOnlyList<string>> Images(CloudClient caller) =>
        [.. (await caller.Get("/image/v2/images?visibility=private")).Is(200)["images"].EnumerateArray().Select(i => Text(i, "id")!)];

    private static string Body(string action, string name, string type = "daily", string rotation = "5", string metadata = "{}") => action == "createImage"
        ? $$$"""{"createImage": {"name": "{{{name}}}", "metadata": {{{metadata}}} }}"""
        : $$$"""{"createBackup": {"name": "{{{name}}}", "backup_type": "{{{type}}}", "rotation": {{{rotation}}}, "metadata": {{{metadata}}} }}""";

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();
}
