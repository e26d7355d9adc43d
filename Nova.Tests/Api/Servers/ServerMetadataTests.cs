using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

[Collection(nameof(ServerCloud))]
public class ServerMetadataTests(ServerCloud cloud)
{
    [Fact]
    public async Task Metadata_is_added_replaced_and_removed()
    {
        var ada = cloud.NewMember();
        var id = await cloud.Boot(ada, more: """, "metadata": {"a": "1"}""");
        var path = $"/v2.1/servers/{id}/metadata";

        Assert.Equal("""{"metadata":{"a":"1","b":"2"}}""", (await ada.Post(path, """{"metadata": {"b": "2"}}""")).Is(200).Text);
        Assert.Equal("""{"meta":{"a":"3"}}""", (await ada.Put(path + "/a", """{"meta": {"a": "3"}}""")).Is(200).Text);
        Assert.Equal("""{"meta":{"a":"3"}}""", (await ada.Get(path + "/a")).Is(200).Text);
        Assert.Equal("""{"metadata":{"c":"4"}}""", (await ada.Put(path, """{"metadata": {"c": "4"}}""")).Is(200).Text);
        (await ada.Delete(path + "/c")).Is(204);
        Assert.Equal("""{"metadata":{}}""", (await ada.Get(path)).Is(200).Text);

        (await ada.Get(path + "/c")).Is(404, "Metadata item was not found");
        (await ada.Delete(path + "/c")).Is(404, "Metadata item was not found");
        (await ada.Put(path + "/x", """{"meta": {"y": "3"}}""")).Is(400, "Request body and URI mismatch");
        (await ada.Put(path + "/x", """{"meta": {}}""")).Is(400);
        (await ada.Post(path, """{"metadata": {"ä": "x"}}""")).Is(400);
        var many = string.Join(", ", Enumerable.Range(0, 129).Select(i => $"\"k{i}\": \"v\""));
        (await ada.Put(path, $$$"""{"metadata": {{{{many}}}}}""")).Is(403, "Maximum number of metadata items exceeds 128");
    }

    [Fact]
    public async Task Metadata_and_tags_need_a_settled_server()
    {
        var ada = cloud.NewMember();
        var admin = cloud.As("admin");
        (await admin.Post("/v2.1/flavors", """{"flavor": {"id": "f-vast", "name": "vast", "ram": 1, "vcpus": 1, "disk": 1000000}}""")).Is(200);
        var id = await cloud.Boot(ada, more: """, "flavorRef": "f-vast" """);

        (await ada.Post($"/v2.1/servers/{id}/metadata", """{"metadata": {"b": "2"}}""")).Is(409, $"Cannot 'update metadata' instance {id} while it is in vm_state error");
        (await ada.At("2.26").Put($"/v2.1/servers/{id}/tags/a", null)).Is(409, $"Cannot 'update tag' instance {id} while it is in vm_state error");
        (await ada.Post($"/v2.1/servers/{id}/action", """{"os-stop": null}""")).Is(409, $"Instance {id} is not ready");
        (await ada.Post($"/v2.1/servers/{id}/action", """{"os-getConsoleOutput": {}}""")).Is(409, $"Instance {id} is not ready");
        var server = await ServerCloud.Show(ada, id);
        Assert.Equal("ERROR", server.GetProperty("status").GetString());
        Assert.Equal(500, server.GetProperty("fault").GetProperty("code").GetInt32());
        Assert.StartsWith("No valid host was found.", server.GetProperty("fault").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.False(server.GetProperty("fault").TryGetProperty("details", out _));
        Assert.True((await ServerCloud.Show(admin, id)).GetProperty("fault").TryGetProperty("details", out _));
    }

    [Fact]
    public async Task Tags_are_added_replaced_and_removed()
    {
        var ada = cloud.NewMember().At("2.52");
        var id = await cloud.Boot(ada, more: """, "tags": ["a"]""");
        var path = $"/v2.1/servers/{id}/tags";

        Assert.Equal($"{cloud.Url}{path}/b", (await ada.Put(path + "/b", null)).Is(201).Headers["Location"]);
        (await ada.Put(path + "/b", null)).Is(204);
        Assert.Equal("""{"tags":["a","b"]}""", (await ada.Get(path)).Is(200).Text);
        (await ada.Get(path + "/a")).Is(204);
        (await ada.Delete(path + "/a")).Is(204);
        (await ada.Get(path + "/a")).Is(404, $"Server {id} has no tag 'a'");
        (await ada.Delete(path + "/a")).Is(404, $"Server {id} has no tag 'a'");
        Assert.Equal("""{"tags":["x","y"]}""", (await ada.Put(path, """{"tags": ["x", "y", "x"]}""")).Is(200).Text);
        (await ada.Put(path + "/" + new string('t', 61), null)).Is(400);
        (await ada.Put(path, """{"tags": ["a/b"]}""")).Is(400);
        (await ada.Delete(path)).Is(204);
        Assert.Equal("""{"tags":[]}""", (await ada.Get(path)).Is(200).Text);
        (await ada.At("2.25").Get(path)).Is(404);
    }
}
