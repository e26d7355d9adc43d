using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Nova.Modules.Rpc;
using Nova.Modules.Rpc.Wire;
using Nova.Tests.Rpc.Wire;
using Nova.Tests.Support;

namespace Nova.Tests.Rpc;

/// <summary>The other side is stock gRPC: Debian's python3-grpcio.</summary>
public class RpcInteropTests
{
    private static string Descriptor => Convert.ToHexString(EchoReflection.Descriptor.SerializedData.ToByteArray());

    [NeedsFact(Need.PythonGrpc)]
    public async Task A_stock_client_understands_our_server()
    {
        await using var wire = await EchoWire.Open(false);

        using var document = JsonDocument.Parse(await Output("grpc_client.py", wire.Port.ToString(CultureInfo.InvariantCulture), Descriptor));
        var seen = document.RootElement;

        Assert.Equal("grüß dich", seen.GetProperty("unary").GetString());
        Assert.Equal("", seen.GetProperty("empty").GetString());
        Assert.Equal(4_000_000, seen.GetProperty("large").GetInt32());
        Assert.Equal(Enumerable.Range(0, 500), seen.GetProperty("server_stream").EnumerateArray().Select(e => e.GetInt32()));
        Assert.Equal("abc", seen.GetProperty("client_stream").GetString());
        Assert.Equal(["a", "b", "c"], seen.GetProperty("duplex").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal("""{"headers": {"seen": "what"}, "trailers": {"seen-bin": "00ff07"}}""", seen.GetProperty("metadata").GetRawText());
        Assert.Equal(("OUT_OF_RANGE", "line one\nline two: 100 % Größe"), CodeAndMessage(seen, "refused"));
        foreach (var (call, code) in ((string, string)[])[
            ("bug", "INTERNAL"), ("unknown", "UNIMPLEMENTED"), ("too_large", "RESOURCE_EXHAUSTED"), ("compressed", "UNIMPLEMENTED"),
            ("deadline", "DEADLINE_EXCEEDED"), ("deadline_of_stream", "DEADLINE_EXCEEDED")])
            Assert.Equal((call, code), (call, CodeAndMessage(seen, call).Code));
        Assert.Equal("CANCELLED", seen.GetProperty("cancelled").GetString());
        foreach (var call in (string[])["fault", "fault_in_stream", "fault_in_duplex"])
            IsTheFault(seen, call);
    }

    [NeedsFact(Need.PythonGrpc)]
    public async Task Our_client_understands_a_stock_server()
    {
        await using var server = await StockServer.Start(Descriptor);
        await using var channel = new HttpRpcChannel("127.0.0.1", server.Port, new(), TimeProvider.System);
        var wire = new EchoWire(new(), channel, null);

        Assert.Equal("grüß dich", (await wire.Say(new() { Text = "grüß dich" })).Text);
        Assert.Equal(4_000_000, (await wire.Say(new() { Payload = RpcCallTests.Bytes(4_000_000) })).Payload.Length);
        Assert.Equal(Enumerable.Range(0, 500), (await wire.Repeat(new() { Count = 500 }).ToListAsync()).Select(s => s.Count));
        Assert.Equal("abc", (await wire.Join(RpcCallTests.Texts("a", "b", "c"))).Text);
        await Chats(wire);
    }

    [NeedsFact(Need.PythonGrpc)]
    public async Task Failures_of_a_stock_server_arrive_as_such()
    {
        await using var server = await StockServer.Start(Descriptor);
        await using var channel = new HttpRpcChannel("127.0.0.1", server.Port, new(), TimeProvider.System);
        var wire = new EchoWire(new(), channel, null);
        var answer = new RpcAnswer();

        var refused = await Fails(() => Say("refuse", new() { Answer = answer }));
        Assert.Equal((RpcCode.FailedPrecondition, "line one\nline two: 100 % Größe"), (refused.Code, refused.Message));
        Assert.Equal([1, 255], answer.Trailers.GetBytes("why-bin")!);
        Assert.Equal(RpcCode.Unknown, (await Fails(() => Say("bug", default))).Code);
        Assert.Equal(RpcCode.FailedPrecondition, (await Fails(() => wire.Repeat(new() { Text = "refuse", Count = 2 }).ToListAsync().AsTask())).Code);
        Assert.Equal(RpcCode.DeadlineExceeded, (await Fails(() => Say("wait", new() { Timeout = TimeSpan.FromMilliseconds(200) }))).Code);
        Assert.Equal(RpcCode.ResourceExhausted, (await Fails(() => wire.Say(new() { Text = "huge", Count = 5_000_000 }))).Code);
        Assert.InRange((await Say("time left", new() { Timeout = TimeSpan.FromSeconds(500) })).Count, 400, 500);

        var headers = new RpcMetadata { { "asked", "what" }, { "asked-bin", [0, 255, 7] } };
        await Say("metadata", new() { Headers = headers, Answer = answer });
        Assert.Equal("what", answer.Headers.Get("seen"));
        Assert.Equal([0, 255, 7], answer.Trailers.GetBytes("seen-bin")!);

        Task<Said> Say(string text, CallOptions options) => channel.Unary<Said, Said>(EchoService.Say, new() { Text = text }, options, default);
    }

    private static async Task Chats(EchoWire wire)
    {
        await using var chat = wire.Chat();
        await using var heard = chat.Responses.GetAsyncEnumerator();
        for (var i = 0; i < 20; i++)
        {
            await chat.Write(new() { Count = i }, default);
            Assert.True(await heard.MoveNextAsync());
            Assert.Equal(i, heard.Current.Count);
        }

        await chat.Complete();
        Assert.False(await heard.MoveNextAsync());
    }

    private static Task<RpcException> Fails(Func<Task> call) => Assert.ThrowsAsync<RpcException>(call);

    private static (string? Code, string? Message) CodeAndMessage(JsonElement seen, string call)
    {
        var failure = seen.GetProperty(call);
        return (failure.GetProperty("code").GetString(), failure.TryGetProperty("message", out var message) ? message.GetString() : null);
    }

    private static void IsTheFault(JsonElement seen, string call)
    {
        var original = EchoService.AFault("4711");
        Assert.Equal(("FAILED_PRECONDITION", original.Message), CodeAndMessage(seen, call));
        var detail = seen.GetProperty(call).GetProperty("trailers").GetProperty("grpc-status-details-bin").GetString()!;
        var status = StatusDetail.Parser.ParseFrom(Convert.FromHexString(detail));
        Assert.Equal((9, original.Message), (status.Code, status.Message));
        Assert.Equal(409, FaultDetail.Parser.ParseFrom(status.Details[0].Value).Kind);
    }

    private static Process Python(string script, params string[] arguments) => Process.Start(
        new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Rpc", script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" },
        })!;

    private static async Task<string> Output(string script, params string[] arguments)
    {
        using var python = Python(script, arguments);
        var errors = python.StandardError.ReadToEndAsync();
        var output = await python.StandardOutput.ReadToEndAsync().WaitAsync(EchoWire.Soon);
        await python.WaitForExitAsync().WaitAsync(EchoWire.Soon);
        Assert.True(python.ExitCode == 0, await errors);
        return output;
    }

    private sealed class StockServer(Process python, int port) : IAsyncDisposable
    {
        public int Port => port;

        public static async Task<StockServer> Start(string descriptor)
        {
            var python = Python("grpc_server.py", descriptor);
            python.ErrorDataReceived += (_, _) => { }; // the stock server prints the traceback of its bug
            python.BeginErrorReadLine();
            var line = await python.StandardOutput.ReadLineAsync().WaitAsync(EchoWire.Soon);
            return new(python, int.Parse(line!, CultureInfo.InvariantCulture));
        }

        public async ValueTask DisposeAsync()
        {
            python.StandardInput.Close();
            await python.WaitForExitAsync().WaitAsync(EchoWire.Soon);
            python.Dispose();
        }
    }
}
