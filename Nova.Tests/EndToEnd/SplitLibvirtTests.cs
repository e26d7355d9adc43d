using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Nova.Tests.Cluster;
using Nova.Tests.Consoles;
using Nova.Tests.Drivers.Libvirt;
using Nova.Tests.Support;

namespace Nova.Tests.EndToEnd;

/// <summary>Real guests on a compute of its own, whose data directory is not the image service's.</summary>
[Collection(LibvirtCollection.Name)]
[Trait("Category", "Guest")]
public sealed class SplitLibvirtTests(IsolatedLibvirt libvirt)
{
    [NeedsFact(Need.Libvirt, Need.Root)]
    public async Task A_compute_of_its_own_fetches_the_image_with_a_ticket_once_for_all_guests()
    {
        await using var cluster = ClusterLayout.OnSqlite(computes: 0);
        await cluster.Start();
        var data = Path.Combine(libvirt.Folder, "split");
        await using var compute = new RoleProcess(
            "compute", data, ["--role", "compute", "--conductors", cluster.ConductorAddress, "--admin-listen", $"127.0.0.1:{RoleProcess.FreePort()}"]) { Driver = "libvirt" };
        compute.Environment["NOVA__LIBVIRT__URI"] = libvirt.Uri;
        compute.Environment["NOVA__LIBVIRT__VNC"] = "true";

        // QEMU runs as another user and passes through this folder.
        Directory.CreateDirectory(data, (UnixFileMode)0b111_101_101);
        await compute.Start();
        using var user = new HttpClient { BaseAddress = cluster.Apis[0], DefaultRequestHeaders = { { "X-Auth-Token", "admin" }, { "OpenStack-API-Version", "compute 2.90" } } };
        var create = await Prepared(user);

        var ids = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ => (await Ask(user, "/v2.1/servers", create.DeepClone()))["server"]!["id"]!.ToString()));
        foreach (var id in ids)
            await Eventually.Is(async () => await Status(user, id) is var status && (status != "ERROR" ? status == "ACTIVE" : throw new InvalidOperationException(compute.Log)));
        foreach (var id in ids)
            await Eventually.Is(() => Booted(user, id));

        await Consoles(user, ids[0]);
        var image = new FileInfo(await SmallGuest.Image);
        Assert.Equal(image.Length, new FileInfo(Assert.Single(Directory.GetFiles(Path.Combine(data, "guests", "images")))).Length);
        foreach (var id in ids)
            (await user.DeleteAsync(new Uri($"/v2.1/servers/{id}", UriKind.Relative))).EnsureSuccessStatusCode();
        await Eventually.Is(async () => await Status(user, ids[0]) is null && await Status(user, ids[1]) is null);
        Assert.Empty(Directory.GetDirectories(Path.Combine(data, "guests", "guests")));
        Assert.Equal(0, await compute.Stop());
    }

    // From the user's websocket through the API, the host link and QEMU to the guest's getty, and back.
    private static async Task Consoles(HttpClient user, string id)
    {
        await using (var serial = await ConsoleClient.Open(await Console(user, id, "serial", "serial")))
        {
            await serial.Type("\r");
            await serial.Until("login: ");
            await serial.Type("nobody-of-this-name\r");
            await serial.Until("assword");
        }

        await using var screen = await ConsoleClient.Open(await Console(user, id, "vnc", "novnc"));
        await screen.Until("RFB 003.008\n");
    }

    private static async Task<string> Console(HttpClient user, string id, string protocol, string type) =>
        (await Ask(user, $"/v2.1/servers/{id}/remote-consoles", new JsonObject { ["remote_console"] = new JsonObject { ["protocol"] = protocol, ["type"] = type } }))["remote_console"]!["url"]!.ToString();

    private static async Task<bool> Booted(HttpClient user, string id) =>
        (await Ask(user, $"/v2.1/servers/{id}/action", new JsonObject { ["os-getConsoleOutput"] = new JsonObject() }))["output"]!.ToString() is var log
        && log.Contains($"uuid={id}", StringComparison.Ordinal) && log.Contains("ds=configdrive", StringComparison.Ordinal);

    private static async Task<JsonObject> Prepared(HttpClient user)
    {
        await Ask(user, "/v2.1/flavors", new JsonObject { ["flavor"] = new JsonObject { ["id"] = "small", ["name"] = "small", ["ram"] = 192, ["vcpus"] = 1, ["disk"] = 1 } });
        var image = (await Ask(user, "/image/v2/images", new JsonObject { ["name"] = "small", ["disk_format"] = "qcow2", ["container_format"] = "bare" }))["id"]!.ToString();
        await using var file = File.OpenRead(await SmallGuest.Image);
        using var bytes = new StreamContent(file) { Headers = { ContentType = new("application/octet-stream") } };
        (await user.PutAsync(new Uri($"/image/v2/images/{image}/file", UriKind.Relative), bytes)).EnsureSuccessStatusCode();
        return new() { ["server"] = new JsonObject { ["name"] = "split", ["flavorRef"] = "small", ["imageRef"] = image, ["networks"] = "none", ["config_drive"] = true } };
    }

    private static async Task<string?> Status(HttpClient user, string id)
    {
        using var answer = await user.GetAsync(new Uri($"/v2.1/servers/{id}", UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.NotFound ? null : (await answer.Content.ReadFromJsonAsync<JsonObject>())!["server"]!["status"]!.ToString();
    }

    private static async Task<JsonObject> Ask(HttpClient user, string path, JsonNode body)
    {
        using var answer = await user.PostAsync(new Uri(path, UriKind.Relative), JsonContent.Create(body));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }
}
