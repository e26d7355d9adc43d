using System.Threading.Channels;
using Nova.Modules.Compute.Consoles;

namespace Nova.Drivers.Hypervisor.Fake.Consoles;

/// <summary>A guest's end of a console: what is typed goes in, what the guest says comes out. Who does not read is not listened to.</summary>
internal abstract class FakeStream : IConsoleStream
{
    private const int MostWaiting = 64;

    private readonly Channel<byte[]> _said = Channel.CreateBounded<byte[]>(MostWaiting);
    private readonly List<byte[]> _saying = [];

    /// <summary>Raised when it is closed from here or there.</summary>
    public event Action<FakeStream>? Closed;

    public async ValueTask<ReadOnlyMemory<byte>> Read(CancellationToken ct) =>
        await _said.Reader.WaitToReadAsync(ct) && _said.Reader.TryRead(out var bytes) ? bytes : default(ReadOnlyMemory<byte>);

    public async ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        foreach (var b in bytes.ToArray())
            Take(b);
        await Flush(ct);
    }

    public ValueTask DisposeAsync()
    {
        End();
        return default;
    }

    /// <summary>The guest is off or gone.</summary>
    public void End()
    {
        if (_said.Writer.TryComplete())
            Closed?.Invoke(this);
    }

    /// <summary>One byte from the other end.</summary>
    protected abstract void Take(byte b);

    /// <summary>The guest says this, as one piece.</summary>
    protected void Say(byte[] bytes) => _saying.Add(bytes);

    /// <summary>What was said before anybody could listen.</summary>
    protected void SayFirst(byte[] bytes) => _said.Writer.TryWrite(bytes);

    private async ValueTask Flush(CancellationToken ct)
    {
        try
        {
            foreach (var piece in _saying)
                await _said.Writer.WriteAsync(piece, ct);
        }
        catch (ChannelClosedException e)
        {
            throw new IOException("The console is closed.", e);
        }
        finally
        {
            _saying.Clear();
        }
    }
}
