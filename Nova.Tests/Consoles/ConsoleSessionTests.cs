using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Threading.Channels;
using Nova.Modules.Compute.Consoles;
using Nova.Modules.Consoles;
using Nova.Tests.Support;

namespace Nova.Tests.Consoles;

/// <summary>How long a console stays open, by a clock that the test moves.</summary>
public sealed class ConsoleSessionTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly ConsoleOptions _options = new() { IdleSeconds = 60, SessionSeconds = 300 };
    private readonly GuestEnd _guest = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly WebSocket _user;
    private readonly Task<string> _running;

    public ConsoleSessionTests()
    {
        var (to, from) = (new Pipe(), new Pipe());
        var service = WebSocket.CreateFromStream(new Ends(to.Reader, from.Writer), new WebSocketCreationOptions { IsServer = true });
        _user = WebSocket.CreateFromStream(new Ends(from.Reader, to.Writer), new WebSocketCreationOptions());
        _running = new ConsoleSession(service, _guest, _options, _time).Run(_stopping.Token);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        _user.Dispose();
        _stopping.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Nothing_for_too_long_closes_it_and_each_byte_either_way_counts()
    {
        _time.Advance(TimeSpan.FromSeconds(59));
        await _user.SendAsync(new byte[] { 1 }.AsMemory(), WebSocketMessageType.Binary, true, default);
        Assert.Equal([1], await _guest.Taken());
        _time.Advance(TimeSpan.FromSeconds(59));
        await _guest.Say([2]);
        Assert.Equal(WebSocketMessageType.Binary, (await Receive()).Type);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(_running.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.PolicyViolation), await Receive());
        await _user.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        Assert.Equal("Nothing happened in the console for too long.", await _running.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task After_its_time_it_is_closed_whatever_happens_in_it()
    {
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(50));
            await _user.SendAsync(new byte[] { 1 }.AsMemory(), WebSocketMessageType.Binary, true, default);
            await _guest.Taken();
        }

        _time.Advance(TimeSpan.FromSeconds(50));

        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.PolicyViolation), await Receive());
        Assert.Equal("The console was open for as long as it may be.", _user.CloseStatusDescription);
    }

    [Fact]
    public async Task A_service_that_stops_says_so_and_does_not_wait_for_ever()
    {
        await _stopping.CancelAsync();
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.EndpointUnavailable), await Receive());

        // The client says nothing to that.
        await _time.WhenOneWaits();
        await Eventually.Is(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            return Task.FromResult(_running.IsCompleted);
        });
        Assert.Equal("The service is being stopped.", await _running);
    }

    [Fact]
    public async Task A_guest_that_breaks_closes_it()
    {
        _guest.Break();
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.NormalClosure), await Receive());
    }

    private async Task<(WebSocketMessageType Type, WebSocketCloseStatus? Status)> Receive()
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        var got = await _user.ReceiveAsync(new byte[16].AsMemory(), limit.Token);
        return (got.MessageType, _user.CloseStatus);
    }

    private sealed class GuestEnd : IConsoleStream
    {
        private readonly Channel<byte[]> _taken = Channel.CreateUnbounded<byte[]>();
        private readonly Channel<byte[]> _said = Channel.CreateUnbounded<byte[]>();

        public async Task<byte[]> Taken() => await _taken.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Limit);

        public ValueTask Say(byte[] bytes) => _said.Writer.WriteAsync(bytes);

        public void Break() => _said.Writer.Complete(new IOException("broken"));

        public async ValueTask<ReadOnlyMemory<byte>> Read(CancellationToken ct) => await _said.Reader.ReadAsync(ct);

        public ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken ct) => _taken.Writer.WriteAsync(bytes.ToArray(), ct);

        public ValueTask DisposeAsync() => default;
    }

    /// <summary>One end of a pair of pipes.</summary>
    private sealed class Ends(PipeReader reader, PipeWriter writer) : Stream
    {
        private readonly Stream _in = reader.AsStream();
        private readonly Stream _out = writer.AsStream();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _in.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _out.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => _out.FlushAsync(cancellationToken);

        public override void Flush() => _out.Flush();

        public override int Read(byte[] buffer, int offset, int count) => _in.Read(buffer, offset, count);

        public override void Write(byte[] buffer, int offset, int count) => _out.Write(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _in.Dispose();
                _out.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
