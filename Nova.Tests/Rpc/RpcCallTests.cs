using Google.Protobuf;
using Nova.Modules.Rpc;
using Nova.Modules.Shared;
using Nova.Tests.Rpc.Wire;

namespace Nova.Tests.Rpc;

/// <summary>What holds for both channels: by direct calls and over a connection.</summary>
public class RpcCallTests
{
    public static TheoryData<bool> Wires => [true, false];

    [Theory, MemberData(nameof(Wires))]
    public async Task A_unary_call_returns_the_response(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);

        Assert.Equal("hello", (await wire.Say(new() { Text = "hello" })).Text);
        Assert.Equal(new Said(), await wire.Say(new()));
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task A_server_stream_comes_in_order(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);

        var heard = await wire.Repeat(new() { Text = "x", Count = 1000 }).ToListAsync();

        Assert.Equal(Enumerable.Range(0, 1000), heard.Select(s => s.Count));
        Assert.Empty(await wire.Repeat(new() { Text = "x" }).ToListAsync());
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task A_client_stream_is_joined(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);

        Assert.Equal("abc", (await wire.Join(Texts("a", "b", "c"))).Text);
        Assert.Equal("", (await wire.Join(Texts())).Text);
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task A_duplex_call_speaks_and_hears_in_turn(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);
        await using var chat = wire.Chat();
        await using var heard = chat.Responses.GetAsyncEnumerator();

        for (var i = 0; i < 100; i++)
        {
            await chat.Write(new() { Count = i }, default);
            Assert.True(await heard.MoveNextAsync());
            Assert.Equal(i, heard.Current.Count);
        }

        await chat.Complete();
        await chat.Complete();
        Assert.False(await heard.MoveNextAsync());
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task Many_writers_share_a_duplex_call(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);
        await using var chat = wire.Chat();

        var writing = Task.WhenAll(Enumerable.Range(0, 50).Select(i => chat.Write(new() { Count = i, Payload = Bytes(5000) }, default)));
        var heard = chat.Responses.Take(50).ToListAsync();
        await writing;

        Assert.Equal(Enumerable.Range(0, 50), (await heard).Select(s => s.Count).Order());
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task A_fault_is_the_same_fault_at_the_caller_of_every_kind(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);
        await using var chat = wire.Chat();
        await chat.Write(new() { Text = "fault" }, default);

        foreach (var call in (Func<Task>[])[
            () => wire.Say(new() { Text = "fault" }),
            async () => await wire.Repeat(new() { Text = "fault" }).ToListAsync(),
            async () => await wire.Repeat(new() { Text = "fault", Count = 3 }).ToListAsync(),
            () => wire.Join(Texts("a", "fault")),
            async () => await chat.Responses.ToListAsync()])
        {
            var fault = await Assert.ThrowsAsync<Fault>(call);
            var original = EchoService.AFault("4711");
            Assert.Equal(original.Kind, fault.Kind);
            Assert.Equal(original.Text.Template, fault.Text.Template);
            Assert.Equal(original.Text.Arguments, fault.Text.Arguments);
            Assert.Equal(original.Message, fault.Message);
            Assert.Equal(original.Details, fault.Details);
            Assert.Equal(original.RetryAfterSeconds, fault.RetryAfterSeconds);
            Assert.Equal(original.IsTransient, fault.IsTransient);
        }
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task A_bug_is_told_without_detail(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);

        var failure = await Assert.ThrowsAsync<RpcException>(() => wire.Say(new() { Text = "bug" }));

        Assert.Equal(RpcCode.Internal, failure.Code);
        Assert.DoesNotContain("secret", failure.Message);
        Assert.Equal(FaultKind.Internal, failure.ToFault().Kind);
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task A_status_of_the_handler_arrives_with_its_message(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);

        var failure = await Assert.ThrowsAsync<RpcException>(() => wire.Say(new() { Text = "refuse" }));

        Assert.Equal((RpcCode.OutOfRange, "line one\nline two: 100 % Größe"), (failure.Code, failure.Message));
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task Metadata_goes_both_ways(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);
        var headers = new RpcMetadata { { "asked", "what" }, { "asked-bin", [0, 255, 7, 9] } };
        var answer = new RpcAnswer();

        await wire.Channel.Unary<Said, Said>(EchoService.Say, new() { Text = "metadata" }, new() { Headers = headers, Answer = answer }, default);

        Assert.Equal("what", answer.Headers.Get("seen"));
        Assert.Equal([0, 255, 7, 9], answer.Trailers.GetBytes("seen-bin")!);
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task The_deadline_ends_the_call_by_the_callers_clock(bool direct)
    {
        var clock = new MovedClock();
        await using var wire = await EchoWire.Open(direct, clock: clock);

        var call = wire.Channel.Unary<Said, Said>(EchoService.Say, new() { Text = "wait" }, new() { Timeout = TimeSpan.FromHours(1) }, default);
        await wire.Echo.Waiting.Task.WaitAsync(EchoWire.Soon);
        Assert.NotNull(wire.Echo.LastContext!.Deadline);
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(RpcCode.DeadlineExceeded, (await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(EchoWire.Soon))).Code);
        await wire.Echo.Cancelled.Task.WaitAsync(EchoWire.Soon);
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task A_deadline_in_the_past_fails_at_once(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);

        var failure = await Assert.ThrowsAsync<RpcException>(
            () => wire.Channel.Unary<Said, Said>(EchoService.Say, new() { Text = "wait" }, new() { Timeout = TimeSpan.Zero }, default));

        Assert.Equal(RpcCode.DeadlineExceeded, failure.Code);
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task A_cancelled_call_is_cancelled_at_the_handler(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);
        using var source = new CancellationTokenSource();

        var call = wire.Channel.Unary<Said, Said>(EchoService.Say, new() { Text = "wait" }, default, source.Token);
        await wire.Echo.Waiting.Task.WaitAsync(EchoWire.Soon);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(EchoWire.Soon));
        await wire.Echo.Cancelled.Task.WaitAsync(EchoWire.Soon);
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task A_reader_that_stops_early_cancels_the_handler(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);

        await foreach (var _ in wire.Repeat(new() { Count = 1, Text = "wait" }))
        {
            if (!direct) // by direct calls the handler runs only while it is read
                await wire.Echo.Waiting.Task.WaitAsync(EchoWire.Soon);
            break;
        }

        if (!direct)
            await wire.Echo.Cancelled.Task.WaitAsync(EchoWire.Soon);
        Assert.Equal(1, wire.Echo.Produced);
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task Disposing_a_duplex_call_cancels_the_handler(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);

        var chat = wire.Chat();
        await chat.Write(new() { Text = "wait" }, default);
        await wire.Echo.Waiting.Task.WaitAsync(EchoWire.Soon);
        await chat.DisposeAsync();

        await wire.Echo.Cancelled.Task.WaitAsync(EchoWire.Soon);
        await Assert.ThrowsAsync<RpcException>(() => chat.Write(new(), default));
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task Writing_to_a_call_that_is_over_fails_and_the_responses_say_why(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);
        await using var chat = wire.Chat();
        await chat.Write(new() { Text = "fault" }, default);

        await Assert.ThrowsAsync<Fault>(async () => await chat.Responses.ToListAsync());

        var failure = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            for (var i = 0; i < 1000; i++)
                await chat.Write(new() { Payload = Bytes(10_000) }, default);
        });
        Assert.Equal(RpcCode.Cancelled, failure.Code);
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task An_exception_of_the_source_of_a_client_stream_ends_the_call_with_it(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);

        await Assert.ThrowsAsync<FormatException>(() => wire.Join(Broken()));

        static async IAsyncEnumerable<Said> Broken()
        {
            yield return new();
            await Task.Yield();
            throw new FormatException("mine");
        }
    }

    [Theory, MemberData(nameof(Wires))]
    public async Task A_method_used_as_another_kind_is_refused(bool direct)
    {
        await using var wire = await EchoWire.Open(direct);

        await Assert.ThrowsAsync<ArgumentException>(() => wire.Channel.Unary<Said, Said>(EchoService.Chat, new(), default, default));
    }

    [Fact]
    public void A_service_with_a_method_without_handler_is_refused_at_start() =>
        Assert.Contains("has no handler", Assert.Throws<InvalidOperationException>(
            () => new LocalRpcChannel([new RpcService(EchoService.Descriptor)], TimeProvider.System)).Message);

    internal static ByteString Bytes(int size) => ByteString.CopyFrom(new byte[size]);

    internal static async IAsyncEnumerable<Said> Texts(params string[] texts)
    {
        foreach (var text in texts)
        {
            await Task.Yield();
            yield return new() { Text = text };
        }
    }
}

internal static class EchoCalls
{
    public static Task<Said> Say(this EchoWire wire, Said said) => wire.Channel.Unary<Said, Said>(EchoService.Say, said, default, default);
    public static IAsyncEnumerable<Said> Repeat(this EchoWire wire, Said said) => wire.Channel.ServerStream<Said, Said>(EchoService.Repeat, said, default, default);
    public static Task<Said> Join(this EchoWire wire, IAsyncEnumerable<Said> said) => wire.Channel.ClientStream<Said, Said>(EchoService.Join, said, default, default);
    public static RpcDuplex<Said, Said> Chat(this EchoWire wire) => wire.Channel.Duplex<Said, Said>(EchoService.Chat, default, default);
}
