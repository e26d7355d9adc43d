using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

/// <summary>What settings say of images of servers.</summary>
public class SnapshotLimitTests(SnapshotLimitTests.Cloud cloud) : IClassFixture<SnapshotLimitTests.Cloud>
{
    public sealed class Cloud : ServerCloud
    {
        protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string> { ["image.max_virtual_gb"] = "1", ["servers.non_inheritable_image_properties"] = "secret_of_base" };
    }

    [Fact]
    public async Task A_disk_that_is_larger_than_images_may_be_makes_none_and_the_reason_is_told()
    {
        var ada = cloud.NewMember().At("2.104");
        (await cloud.As("admin").Post("/v2.1/flavors", """{"flavor": {"id": "f-two", "name": "two", "ram": 64, "vcpus": 1, "disk": 2}}""")).Is(200);
        var id = (await ada.Post("/v2.1/servers", cloud.Body().Replace("f-small", "f-two", StringComparison.Ordinal))).Is(202)["server", "id"].GetString()!;
        await cloud.Settled(id);

        var image = (await ada.Post($"/v2.1/servers/{id}/action", """{"createImage": {"name": "large"}}""")).Is(202)["image_id"].GetString()!;
        await cloud.Settled(id);

        (await ada.Get($"/image/v2/images/{image}")).Is(404);
        Assert.Equal("ACTIVE", (await ServerCloud.Show(ada, id)).GetProperty("status").GetString());
        var actions = (await cloud.As("admin").At("2.104").Get($"/v2.1/servers/{id}/os-instance-actions")).Is(200)["instanceActions"];
        var request = actions.EnumerateArray().First(a => a.GetProperty("action").GetString() == "createImage").GetProperty("request_id").GetString();
        var events = (await cloud.As("admin").At("2.104").Get($"/v2.1/servers/{id}/os-instance-actions/{request}")).Is(200)["instanceAction", "events"];
        Assert.Contains(events.EnumerateArray(), e => e.GetProperty("details").ToString().Contains("larger than the limit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_an_operator_names_is_not_inherited()
    {
        var ada = cloud.NewMember().At("2.104");
        var image = await cloud.MakeImage("""{"name": "base", "disk_format": "raw", "container_format": "bare", "visibility": "public", "secret_of_base": "1", "cache_in_nova": "1"}""");
        var id = (await ada.Post("/v2.1/servers", cloud.Body().Replace(cloud.Image, image, StringComparison.Ordinal))).Is(202)["server", "id"].GetString()!;
        await cloud.Settled(id);

        var shot = (await ada.Post($"/v2.1/servers/{id}/action", """{"createImage": {"name": "x"}}""")).Is(202)["image_id"].GetString()!;
        await cloud.Settled(id);

        var shown = (await ada.Get($"/image/v2/images/{shot}")).Is(200).Json;
        Assert.False(shown.TryGetProperty("secret_of_base", out _));
        Assert.Equal("1", shown.GetProperty("cache_in_nova").GetString());
    }
}
