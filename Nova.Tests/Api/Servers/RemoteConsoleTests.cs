using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Shared.Database;
using Nova.Tests.Support;

namespace Nova.Tests.Api.Servers;

/// <summary>Addresses of consoles, and what their tokens open.</summary>
[Collection(nameof(ServerCloud))]
public class RemoteConsoleTests(ServerCloud cloud)
{
    [Fact]
    public async Task A_console_has_an_address_with_a_token()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada);

        var screen = (await ada.Post(Address(id), Body("vnc", "novnc"))).Is(200)["remote_console"];
        Assert.Equal(("vnc", "novnc"), (screen.GetProperty("protocol").GetString(), screen.GetProperty("type").GetString()));
        Assert.Matches($"^{cloud.Url}/console/vnc_auto.html[?]path=%3Ftoken%3D[0-9a-f-]{{36}}$", screen.GetProperty("url").GetString()!);
        var serial = (await ada.Post(Address(id), Body("serial", "serial"))).Is(200)["remote_console", "url"].GetString()!;
        Assert.Matches($"^ws://{new Uri(cloud.Url).Authority}/console[?]token=[0-9a-f-]{{36}}$", serial);
        Assert.NotEqual(serial, (await ada.Post(Address(id), Body("serial", "serial"))).Is(200)["remote_console", "url"].GetString());
    }

    [Theory]
    [InlineData("spice", "spice-html5", "Unavailable console type spice-html5.")]
    [InlineData("mks", "webmks", "Unavailable console type webmks.")]
    [InlineData("spice", "spice-direct", "Unavailable console type spice-direct.")]
    [InlineData("rdp", "rdp-html5", "Unavailable console type rdp-html5.")]
    [InlineData("vnc", "serial", "Invalid console type serial")]
    [InlineData("serial", "novnc", "Invalid console type novnc")]
    [InlineData("vnc", "xvpvnc", "Invalid console type xvpvnc")]
    public async Task A_console_that_the_cloud_does_not_have_is_refused(string protocol, string type, string sentence)
    {
        var ada = cloud.NewMember().At("2.99");
        var id = await cloud.Boot(ada);
        (await ada.Post(Address(id), Body(protocol, type))).Is(400, sentence);
    }

    [Fact]
    public async Task Each_version_has_its_words()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada);
        var action = $"/v2.1/servers/{id}/action";

        // Until 2.5 each protocol was an action; from 2.6 on there is one address for all.
        foreach (var (name, type, status) in ((string, string, int)[])[("os-getVNCConsole", "novnc", 200), ("os-getSerialConsole", "serial", 200), ("os-getSPICEConsole", "spice-html5", 400)])
        {
            var old = (await ada.At("2.5").Post(action, $$$"""{"{{{name}}}": {"type": "{{{type}}}"}}""")).Is(status);
            if (status == 200)
                Assert.Equal(type, old["console", "type"].GetString());
            (await ada.At("2.6").Post(action, $$$"""{"{{{name}}}": {"type": "{{{type}}}"}}""")).Is(404);
            (await ada.At("2.1").Post(action, $$$"""{"{{{name}}}": {"type": "else"}}""")).Is(400);
            (await ada.At("2.1").Post(action, $$$"""{"{{{name}}}": {"type": "{{{type}}}", "more": 1}}""")).Is(400);
        }

        (await ada.At("2.1").Post(action, """{"os-getVNCConsole": {"type": "xvpvnc"}}""")).Is(400, "Invalid console type xvpvnc");
        (await ada.At("2.5").Post(Address(id), Body("vnc", "novnc"))).Is(404);
        (await ada.At("2.6").Post(Address(id), Body("vnc", "novnc"))).Is(200);

        // mks came with 2.8, spice-direct with 2.99: before that they are words that nobody knows.
        Assert.NotEqual("Unavailable console type webmks.", (await ada.At("2.7").Post(Address(id), Body("mks", "webmks"))).Is(400).Fault);
        (await ada.At("2.8").Post(Address(id), Body("mks", "webmks"))).Is(400, "Unavailable console type webmks.");
        Assert.NotEqual("Unavailable console type spice-direct.", (await ada.At("2.98").Post(Address(id), Body("spice", "spice-direct"))).Is(400).Fault);
        (await ada.At("2.99").Post(Address(id), Body("spice", "spice-direct"))).Is(400, "Unavailable console type spice-direct.");
    }

    [Fact]
    public async Task A_token_tells_administrators_what_it_opens()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada);
        var token = (await ada.Post(Address(id), Body("serial", "serial"))).Is(200)["remote_console", "url"].GetString()!.Split("token=")[1];
        var admin = cloud.As("admin");
        var address = $"/v2.1/os-console-auth-tokens/{token}";

        (await admin.At("2.30").Get(address)).Is(400);
        var shown = (await admin.At("2.31").Get(address)).Is(200)["console"];
        Assert.Equal((id, 10_000), (shown.GetProperty("instance_uuid").GetString(), shown.GetProperty("port").GetInt32()));
        Assert.False(shown.TryGetProperty("tls_port", out _));
        (await admin.At("2.98").Get(address + "?x=1")).Is(200);
        Assert.Equal("null", (await admin.At("2.99").Get(address)).Is(200)["console", "tls_port"].GetRawText());
        (await admin.At("2.99").Get(address + "?x=1")).Is(400);
        (await admin.At("2.31").Get("/v2.1/os-console-auth-tokens/nothing")).Is(404, "Token not found");
        (await ada.At("2.31").Get(address)).Is(403);

        (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);
        (await admin.At("2.31").Get(address)).Is(404, "Token not found");
    }

    [Fact]
    public async Task A_server_that_is_not_there_or_not_yours_or_not_ready_has_no_console()
    {
        var ada = cloud.NewMember().At("2.90");
        var id = await cloud.Boot(ada);
        const string missing = "4b7ebcda-1d9c-4a8b-9c0f-0123456789ab";

        (await ada.Post(Address(missing), Body("vnc", "novnc"))).Is(404, $"Instance {missing} could not be found.");
        (await cloud.NewMember().At("2.90").Post(Address(id), Body("vnc", "novnc"))).Is(404, $"Instance {id} could not be found.");
        (await ada.With("x-roles", "reader").Post(Address(id), Body("vnc", "novnc"))).Is(403);
        (await cloud.As("admin").At("2.90").Post(Address(id), Body("vnc", "novnc"))).Is(200);

        foreach (var (task, protocol, type, name) in ((string, string, string, string)[])[("deleting", "vnc", "novnc", "vnc"), ("migrating", "serial", "serial", "serial")])
        {
            await Set(id, "task_state", task);
            (await ada.Post(Address(id), Body(protocol, type))).Is(409, $"Cannot 'get_{name}_console' instance {id} while it is in task_state {task}");
        }

        await Set(id, "task_state", null);
        await Set(id, "host_id", null);
        (await ada.Post(Address(id), Body("vnc", "novnc"))).Is(409, $"Instance {id} is not ready");
    }

    private Task Set(string id, string column, string? value) => cloud.Services.GetRequiredService<Database>().Write(
        tx => tx.Execute($"UPDATE servers SET {column} = @value WHERE id = @id", new { value, id = Guid.Parse(id) }), default);

    private static string Address(string id) => $"/v2.1/servers/{id}/remote-consoles";

    private static string Body(string protocol, string type) => $$$"""{"remote_console": {"protocol": "{{{protocol}}}", "type": "{{{type}}}"}}""";
}
