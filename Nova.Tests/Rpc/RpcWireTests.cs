using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;
using Nova.Tests.Rpc.Wire;

namespace Nova.Tests.Rpc;

/// <summary>What only a network can do to a call.</summary>
public class RpcWireTests
{
    [Theory]
    [InlineData("a response too large to send", 1000, 4 << 20)]
    [InlineData("a response too large to receive", 4 << 20, 1000)]
    public async Task A_response_over_the_limit_is_refused(string _, int serverSends, int clientReceives)
    {
        await using var wire = await EchoWire.Open(
            false, new() { MaxSendBytes = serverSends }, ofClient: new() { MaxReceiveBytes = clientReceives });

        await Exhausted(() => wire.Say(new() { Text = "huge", Count = 1001 }));
        Assert.Equal(900, (await wire.Say(new() { Text = "huge", Count = 900 })).Payload.Length);
    }

    [Theory]
    [InlineData("a request too large to send", 4 << 20, 1000)]
    [InlineData("a request too large to receive", 1000, 4 << 20)]
    public async Task A_request_over_the_limit_is_refused(string _, int serverReceives, int clientSends)
    {
        await using var wire = await EchoWire.Open(
            false, new() { MaxReceiveBytes = serverReceives }, ofClient: new() { MaxSendBytes = clientSends });
        var large = new Said { Payload = RpcCallTests.Bytes(1001) };

        await Exhausted(() => wire.Say(large));
        await Exhausted(() => wire.Repeat(large).ToListAsync().AsTask());
        await Exhausted(() => wire.Join(new[] { large }.ToAsyncEnumerable()));
        Assert.Equal("still alive", (await wire.Say(new() { Text = "still alive" })).Text);
    }

    [Fact]
    public async Task The_default_limit_is_four_mebibytes()
    {
        await using var wire = await EchoWire.Open(false);
        const int limit = 4 << 20;

        Assert.Equal(limit - 64, (await wire.Say(new() { Payload = RpcCallTests.Bytes(limit - 64) })).Payload.Length);
        await Exhausted(() => wire.Say(new() { Payload = RpcCallTests.Bytes(limit) }));
    }

    [Fact]
    public async Task A_server_stream_is_never_far_ahead_of_its_reader()
    {
        await using var wire = await EchoWire.Open(false);
        const int messages = 20_000;

        var (heard, lead) = (0, 0);
        await foreach (var said in wire.Repeat(new() { Count = messages, Payload = RpcCallTests.Bytes(10_000) }))
        {
            Assert.Equal((heard++, 10_000), (said.Count, said.Payload.Length));
            lead = Math.Max(lead, Volatile.Read(ref wire.Echo.Produced) - heard);
        }

        // 200 MB in all; the client's window grows to at most 16 MB.
        Assert.Equal(messages, heard);
        Assert.InRange(lead, 0, 4000);
    }

    [Fact]
    public async Task A_client_stream_is_never_far_ahead_of_the_handler()
    {
        await using var wire = await EchoWire.Open(false);
        const int messages = 10_000;
        var (offered, lead) = (0, 0);

        var joined = await wire.Join(Offer());

        // 100 MB in all; the server's window is below 1 MB.
        Assert.Equal(messages * 10_000, joined.Count);
        Assert.InRange(lead, 0, 1000);

        async IAsyncEnumerable<Said> Offer()
        {
            for (; offered < messages; offered++)
            {
                lead = Math.Max(lead, offered - Volatile.Read(ref wire.Echo.Consumed));
                yield return await Task.FromResult(new Said { Payload = RpcCallTests.Bytes(10_000) });
            }
        }
    }

    [Fact]
    public async Task A_caller_who_leaves_without_reading_is_no_error_of_the_server()
    {
        await using var wire = await EchoWire.Open(false);
        var chat = wire.Chat();
        await chat.Write(new() { Payload = RpcCallTests.Bytes(3_000_000) }, default);
        await chat.Write(new() { Text = "wait" }, default);
        await wire.Echo.Waiting.Task.WaitAsync(EchoWire.Soon);

        await chat.DisposeAsync();
        await wire.Echo.Cancelled.Task.WaitAsync(EchoWire.Soon);
        await wire.Listener!.DisposeAsync();

        Assert.Empty(wire.Logged);
    }

    [Fact]
    public async Task A_bug_of_a_handler_is_logged_whole()
    {
        await using var wire = await EchoWire.Open(false);

        await Assert.ThrowsAsync<RpcException>(() => wire.Say(new() { Text = "bug" }));
        await wire.Listener!.DisposeAsync();

        Assert.Contains("a secret of the implementation", Assert.Single(wire.Logged));
    }

    [Fact]
    public async Task A_large_client_stream_arrives_whole()
    {
        await using var wire = await EchoWire.Open(false);

        var joined = await wire.Join(Enumerable.Range(0, 200).Select(_ => new Said { Payload = RpcCallTests.Bytes(500_000) }).ToAsyncEnumerable());

        Assert.Equal(100_000_000, joined.Count);
    }

    [Fact]
    public async Task A_deadline_is_kept_by_the_server_too()
    {
        await using var wire = await EchoWire.Open(false);
        using var http = RawClient();

        // A client that tells a deadline and does not keep it itself.
        using var response = await http.SendAsync(Call(wire.Port, "/nova.tests.Echo/Say", Frame(new Said { Text = "wait" }), r => r.Headers.Add("grpc-timeout", "50m")), default);
        await response.Content.ReadAsByteArrayAsync();

        Assert.Equal("4", StatusOf(response));
        await wire.Echo.Cancelled.Task.WaitAsync(EchoWire.Soon);
    }

    [Theory]
    [InlineData("/nova.tests.Echo/Nothing")]
    [InlineData("/nova.tests.Nobody/Say")]
    [InlineData("/")]
    public async Task An_unknown_method_is_unimplemented(string path)
    {
        await using var wire = await EchoWire.Open(false);
        using var http = RawClient();

        using var response = await http.SendAsync(Call(wire.Port, path, []), default);

        Assert.Equal(("12", HttpStatusCode.OK), (StatusOf(response), response.StatusCode));
    }

    [Theory]
    [InlineData("application/json", 415)]
    [InlineData("application/grpc-web", 415)]
    [InlineData("application/grpc+proto", 200)]
    [InlineData("application/grpc; charset=x", 200)]
    public async Task Another_content_type_is_415(string type, int status)
    {
        await using var wire = await EchoWire.Open(false);
        using var http = RawClient();
        var request = Call(wire.Port, "/nova.tests.Echo/Say", Frame(new Said()));
        request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        using var response = await http.SendAsync(request, default);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 0 }, "12")]             // compressed
    [InlineData(new byte[] { 9, 0, 0, 0, 1, 0 }, "13")]             // no frame of gRPC
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 0 }, "13")]             // cut off
    [InlineData(new byte[] { 0, 0 }, "13")]                         // cut off in the header
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0xff }, "13")]          // no message
    [InlineData(new byte[] { 0, 0xff, 0xff, 0xff, 0xff, 0 }, "8")]  // 4 GiB announced
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "13")] // two where one is expected
    [InlineData(new byte[0], "13")]                                 // none
    public async Task A_broken_request_gets_its_status(byte[] body, string status)
    {
        await using var wire = await EchoWire.Open(false);
        using var http = RawClient();

        using var response = await http.SendAsync(Call(wire.Port, "/nova.tests.Echo/Say", body), default);

        Assert.Equal(status, StatusOf(response));
    }

    [Theory]
    [InlineData(400, RpcCode.Internal)]
    [InlineData(401, RpcCode.Unauthenticated)]
    [InlineData(403, RpcCode.PermissionDenied)]
    [InlineData(404, RpcCode.Unimplemented)]
    [InlineData(429, RpcCode.Unavailable)]
    [InlineData(503, RpcCode.Unavailable)]
    [InlineData(500, RpcCode.Unknown)]
    [InlineData(200, RpcCode.Unknown)]
    public async Task An_answer_that_is_only_HTTP_has_a_meaning(int http, RpcCode code)
    {
        await using var app = await HttpServer(context =>
        {
            context.Response.StatusCode = http;
            return Task.CompletedTask;
        });
        await using var channel = new HttpRpcChannel("127.0.0.1", PortOf(app), new(), TimeProvider.System);

        var failure = await Assert.ThrowsAsync<RpcException>(() => channel.Unary<Said, Said>(EchoService.Say, new(), default, default));

        Assert.Equal(code, failure.Code);
    }

    [Fact]
    public async Task Services_can_be_mapped_among_other_routes()
    {
        await using var app = await HttpServer(null);
        await using var channel = new HttpRpcChannel("127.0.0.1", PortOf(app), new(), TimeProvider.System);

        Assert.Equal("mapped", (await channel.Unary<Said, Said>(EchoService.Say, new() { Text = "mapped" }, default, default)).Text);
        using var http = RawClient();
        using var unknown = await http.SendAsync(Call(PortOf(app), "/nova.tests.Echo/Nothing", []), default);
        Assert.Equal("12", StatusOf(unknown));
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable_and_transient()
    {
        await using var channel = new HttpRpcChannel("127.0.0.1", ClosedPort(), new(), TimeProvider.System);
        await using var chat = channel.Duplex<Said, Said>(EchoService.Chat, default, default);

        var failure = await Assert.ThrowsAsync<RpcException>(() => channel.Unary<Said, Said>(EchoService.Say, new(), default, default));
        Assert.Equal((RpcCode.Unavailable, true), (failure.Code, failure.IsTransient));
        Assert.Equal((FaultKind.Unavailable, true), (failure.ToFault().Kind, failure.ToFault().IsTransient));
        await Assert.ThrowsAsync<RpcException>(() => chat.Write(new(), default).WaitAsync(EchoWire.Soon));
        Assert.Equal(RpcCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(async () => await chat.Responses.ToListAsync())).Code);
    }

    [Fact]
    public async Task A_server_that_stops_ends_streams_as_unavailable_and_is_found_again()
    {
        var wire = await EchoWire.Open(false);
        await using var chat = wire.Chat();
        await chat.Write(new() { Text = "hello" }, default);
        await using var heard = chat.Responses.GetAsyncEnumerator();
        Assert.True(await heard.MoveNextAsync());

        await wire.Listener!.DisposeAsync().AsTask().WaitAsync(EchoWire.Soon);
        Assert.Equal(RpcCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(async () => await heard.MoveNextAsync())).Code);

        await using var again = await RpcListener.Start(wire.Listener.Address, [wire.Echo.Service], new(), TimeProvider.System, NullLoggerFactory.Instance, default);
        Assert.Equal("back", (await wire.Say(new() { Text = "back" })).Text);
        await wire.DisposeAsync();
    }

    [Fact]
    public async Task A_port_in_use_is_an_IOException()
    {
        await using var wire = await EchoWire.Open(false);

        await Assert.ThrowsAsync<IOException>(
            () => RpcListener.Start(wire.Listener!.Address, [wire.Echo.Service], new(), TimeProvider.System, NullLoggerFactory.Instance, default));
    }

    [Fact]
    public async Task A_peer_that_no_longer_answers_is_found_out_by_pings()
    {
        await using var wire = await EchoWire.Open(false);
        await using var cable = new Cable(wire.Port);
        var quick = new RpcOptions { KeepAliveDelay = TimeSpan.FromSeconds(1), KeepAliveTimeout = TimeSpan.FromSeconds(1) };
        await using var channel = new HttpRpcChannel("127.0.0.1", cable.Port, quick, TimeProvider.System);

        var call = channel.Unary<Said, Said>(EchoService.Say, new() { Text = "wait" }, default, default);
        await wire.Echo.Waiting.Task.WaitAsync(EchoWire.Soon);
        cable.Freeze();

        Assert.Equal(RpcCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(EchoWire.Soon))).Code);
    }

    [Fact]
    public async Task A_caller_that_no_longer_answers_is_found_out_by_pings()
    {
        var quick = new RpcOptions { KeepAliveDelay = TimeSpan.FromSeconds(1), KeepAliveTimeout = TimeSpan.FromSeconds(1) };
        await using var wire = await EchoWire.Open(false, quick);
        await using var cable = new Cable(wire.Port);
        await using var channel = new HttpRpcChannel("127.0.0.1", cable.Port, new(), TimeProvider.System);
        using var source = new CancellationTokenSource();

        var call = channel.Unary<Said, Said>(EchoService.Say, new() { Text = "wait" }, default, source.Token);
        await wire.Echo.Waiting.Task.WaitAsync(EchoWire.Soon);
        cable.Freeze();

        await wire.Echo.Cancelled.Task.WaitAsync(EchoWire.Soon);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public void A_long_fault_is_shortened_to_what_stock_clients_accept()
    {
        var fault = new Fault(FaultKind.Internal, Message.Verbatim(new string('ä', 20_000)), new string('x', 20_000));

        var text = RpcFault.Encode(RpcCode.Internal, fault);
        var back = RpcFault.Decode(text)!;

        Assert.InRange(text.Length, 1, 7500);
        Assert.Equal(FaultKind.Internal, back.Kind);
        Assert.StartsWith("ääää", back.Message);
        Assert.StartsWith("xxxx", back.Details);
    }

    private static async Task Exhausted(Func<Task> call) =>
        Assert.Equal(RpcCode.ResourceExhausted, (await Assert.ThrowsAsync<RpcException>(call)).Code);

    private static HttpMessageInvoker RawClient() => new(new SocketsHttpHandler());

    private static HttpRequestMessage Call(int port, string path, byte[] body, Action<HttpRequestMessage>? change = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://127.0.0.1:{port}{path}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        change?.Invoke(request);
        return request;
    }

    private static byte[] Frame(Said said)
    {
        var message = Google.Protobuf.MessageExtensions.ToByteArray(said);
        return [0, 0, 0, 0, (byte)message.Length, .. message];
    }

    private static string StatusOf(HttpResponseMessage response) =>
        (response.Headers.TryGetValues("grpc-status", out var only) ? only : response.TrailingHeaders.GetValues("grpc-status")).Single();

    private static async Task<WebApplication> HttpServer(Func<Microsoft.AspNetCore.Http.HttpContext, Task>? answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        if (answer is not null)
            app.Run(context => answer(context));
        else
            new RpcServer([new EchoService().Service], new(), TimeProvider.System, NullLogger<RpcServer>.Instance).Map(app);
        await app.StartAsync();
        return app;
    }

    private static int PortOf(WebApplication app) => new Uri(app.Urls.First()).Port;

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
