using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Nova.Modules.Consoles;
using Nova.Modules.Shared.Database;
using Nova.Tests.Api.Servers;
using Nova.Tests.Support;

namespace Nova.Tests.Consoles;

/// <summary>Consoles as users open them: a real websocket, through the proxy, to a guest of the fake driver.</summary>
public abstract class ConsoleSocketTests(ServerCloud cloud)
{
    private const string Serial = """{"remote_console": {"protocol": "serial", "type": "serial"}}""";
    private const string Screen = """{"remote_console": {"protocol": "vnc", "type": "novnc"}}""";

    [Fact]
    public async Task A_serial_console_answers_what_is_typed()
    {
        var (ada, id) = await Booted();
        await using var user = await ConsoleClient.Open(await Address(ada, id, Serial));
        Assert.Equal("binary", user.Protocol);

        await user.Until("login: ");
        await user.Type("root\r");
        await user.Until("# ");
        await user.SendInPieces("echo one ", "", "two\r");
        await user.Until("one two\r\n# ");
        await user.Type("rm\r");
        await user.Until("-sh: rm: not found\r\n# ");
        await user.Close();
        await NoneOpen();
    }

    [Fact]
    public async Task A_screen_speaks_rfb_and_shows_its_picture()
    {
        var (ada, id) = await Booted();
        await using var user = await ConsoleClient.Open(await Address(ada, id, Screen), protocol: "");
        Assert.Null(user.Protocol);

        Assert.Equal("RFB 003.008\n", Encoding.ASCII.GetString(await user.Until(12)));
        await user.Type("RFB 003.008\n");
        Assert.Equal([1, 1], await user.Until(2));
        await user.Send(new byte[] { 1 });
        Assert.Equal([0, 0, 0, 0], await user.Until(4));
        await user.Send(new byte[] { 1 });
        var init = await user.Until(25);
        Assert.Equal(init.Length - 24, init[23]);
        await user.Send(new byte[] { 3, 0, 0, 0, 0, 0, 0, 64, 0, 48 });
        Assert.Equal(16 + 64 * 48 * 4, (await user.Until(16 + 64 * 48 * 4)).Length);
    }

    [Fact]
    public async Task A_token_opens_until_it_expires_and_what_is_open_stays()
    {
        var (ada, id) = await Booted();
        var url = await Address(ada, id, Serial);
        await using var first = await ConsoleClient.Open(url);
        await using (var again = await ConsoleClient.Open(url))
            await again.Until("login: ");

        await cloud.Services.GetRequiredService<Database>().Write(tx => tx.Execute("UPDATE console_tokens SET expires_at = 1 WHERE server_id = @id", new { id = Guid.Parse(id) }), default);

        Assert.Equal(403, await ConsoleClient.Refusal(url));
        await first.Type("root\r");
        await first.Until("# ");
    }

    [Theory]
    [InlineData("")]
    [InlineData("?token=")]
    [InlineData("?token=00000000-0000-4000-8000-000000000000")]
    [InlineData("?token=%00%ff' OR 1=1")]
    public async Task Without_a_token_that_is_known_nothing_is_opened(string query)
    {
        var url = cloud.Url.Replace("http:", "ws:", StringComparison.Ordinal);
        Assert.Equal((403, "The token is unknown or has expired."), await ConsoleClient.WhyRefused(url + "/console" + query));
        Assert.True(await ConsoleClient.EndsWhenRefused(url + "/console" + query));
        Assert.Equal(403, await ConsoleClient.Refusal(url + "/" + query));
        Assert.Equal(403, await ConsoleClient.Refusal($"{url}/websockify?token={new string('x', 5000)}"));
    }

    [Fact]
    public async Task A_guest_that_ends_ends_its_console_and_its_tokens_go_with_the_server()
    {
        var (ada, id) = await Booted();
        var url = await Address(ada, id, Serial);
        await using (var user = await ConsoleClient.Open(url))
        {
            await cloud.Act(ada, id, """{"os-stop": null}""");
            Assert.Equal((WebSocketCloseStatus.NormalClosure, "The guest's console ended."), await user.Closed());
        }

        Assert.Equal((409, $"Instance {id} is not running."), await ConsoleClient.WhyRefused(url));
        await cloud.Act(ada, id, """{"os-start": null}""");
        await using (var user = await ConsoleClient.Open(url))
        {
            (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
            Assert.Equal((WebSocketCloseStatus.NormalClosure, "The guest's console ended."), await user.Closed());
        }

        await cloud.Settled(id);
        Assert.Equal(403, await ConsoleClient.Refusal(url));
    }

    [Fact]
    public async Task A_server_has_so_many_consoles_at_once_and_no_more()
    {
        var (ada, id) = await Booted();
        var url = await Address(ada, id, Serial);
        var limit = cloud.Services.GetRequiredService<ConsoleOptions>().SessionsPerServer;
        var open = new List<ConsoleClient>();
        for (var i = 0; i < limit; i++)
            open.Add(await ConsoleClient.Open(url));

        Assert.Equal(429, await ConsoleClient.Refusal(await Address(ada, id, Screen)));
        await open[0].Close();
        (await Upgraded(url)).Dispose();

        foreach (var user in open)
            await user.DisposeAsync();
        await NoneOpen();
    }

    [Fact]
    public async Task Pages_of_other_sites_open_nothing()
    {
        var (ada, id) = await Booted();
        var url = await Address(ada, id, Serial);

        foreach (var origin in (string[])["http://evil.example.org", "https://127.0.0.1", "null", "file:///tmp/x", "http://127.0.0.1.evil.example.org"])
            Assert.Equal(403, await ConsoleClient.Refusal(url, origin));
        await using var same = await ConsoleClient.Open(url, "http://127.0.0.1:4711");
        await same.Until("login: ");
    }

    [Fact]
    public async Task A_client_that_speaks_only_another_subprotocol_is_refused()
    {
        var (ada, id) = await Booted();
        Assert.Equal(400, await ConsoleClient.Refusal(await Address(ada, id, Serial), protocol: "base64"));
    }

    [Fact]
    public async Task Whatever_bytes_a_client_sends_only_its_own_console_ends()
    {
        var (ada, id) = await Booted();
        var url = await Address(ada, id, Serial);
        await using var other = await ConsoleClient.Open(url);
        var random = new Random(4711);
        for (var i = 0; i < 8; i++)
        {
            using var socket = await Upgraded(url);
            var junk = new byte[4096];
            random.NextBytes(junk);
            junk[0] = (byte)(i << 4 | 0x0b); // A reserved kind of frame, with and without reserved bits.
            await socket.SendAsync(junk);
            await Ended(socket);
        }

        // Half a request for an upgrade, and a frame that never ends.
        using (var socket = await Upgraded(url))
            await socket.SendAsync(new byte[] { 0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5 });
        await using (var screen = await ConsoleClient.Open(await Address(ada, id, Screen)))
        {
            await screen.Until(12);
            await screen.Type("RFB 003.008\n\u0002");
            Assert.Equal(WebSocketCloseStatus.NormalClosure, (await screen.Closed()).Status);
        }

        await other.Type("root\r");
        await other.Until("# ");
        await other.Close();
        await NoneOpen();
        (await ada.Get($"/v2.1/servers/{id}")).Is(200);
    }

    [Fact]
    public async Task A_client_that_sends_and_never_reads_is_held_up()
    {
        var (ada, id) = await Booted();
        await using var user = await ConsoleClient.Open(await Address(ada, id, Serial));
        await user.Type("root\r");
        var piece = new byte[64 * 1024];
        Array.Fill(piece, (byte)'\r');
        Task sending;
        var sent = 0;

        // Each byte is answered with several, so that everything between is full after a few megabytes.
        do
            sending = user.Send(piece);
        while (await Task.WhenAny(sending, Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, default)) == sending && ++sent < 1000);

        Assert.InRange(sent, 0, 999);
        (await ada.Get($"/v2.1/servers/{id}")).Is(200);
        (await ada.Delete($"/v2.1/servers/{id}")).Is(204);
        await cloud.Settled(id);
    }

    private async Task<(CloudClient Owner, string Id)> Booted()
    {
        var ada = cloud.NewMember().At("2.90");
        return (ada, await cloud.Boot(ada));
    }

    private static async Task<string> Address(CloudClient caller, string id, string body) =>
        (await caller.Post($"/v2.1/servers/{id}/remote-consoles", body)).Is(200)["remote_console", "url"].GetString()!;

    private Task NoneOpen(int but = 0) => Eventually.Is(() => Task.FromResult(cloud.Services.GetRequiredService<ConsoleProxy>().Open <= but));

    // A host may still be closing the console before: as many as may be are then open.
    private static async Task<Socket> Upgraded(string url)
    {
        Socket? upgraded = null;
        await Eventually.Is(async () => (upgraded = await TryUpgrade(url)) is not null);
        return upgraded!;
    }

    private static async Task<Socket?> TryUpgrade(string url)
    {
        var address = new Uri(url);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        var answer = new byte[12];
        await socket.ReceiveAsync(answer);
        if (Encoding.ASCII.GetString(answer) == "HTTP/1.1 101")
            return socket;

        Assert.Equal("HTTP/1.1 429", Encoding.ASCII.GetString(answer));
        socket.Dispose();
        return null;
    }

    private static async Task Ended(Socket socket)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer.AsMemory(), limit.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset is an end too.
        }
    }
}

/// <summary>All roles in one process, called directly.</summary>
public sealed class DirectConsoleTests(DirectConsoleTests.Cloud cloud) : ConsoleSocketTests(cloud), IClassFixture<DirectConsoleTests.Cloud>
{
    public sealed class Cloud : ServerCloud;
}

/// <summary>The same with each call between roles, and each byte of a console, by gRPC.</summary>
public sealed class WiredConsoleTests(WiredConsoleTests.Cloud cloud) : ConsoleSocketTests(cloud), IClassFixture<WiredConsoleTests.Cloud>
{
    public sealed class Cloud : ServerCloud
    {
        protected override IReadOnlyDictionary<string, string> Changed => new Dictionary<string, string> { ["server.wire"] = "grpc" };
    }
}
