using System.Net.Sockets;
using Nova.Modules.Compute.Consoles;

namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>A console behind a socket; what is not read waits in QEMU.</summary>
internal sealed class SocketConsole(Socket socket, Action<SocketConsole>? closed = null) : IConsoleStream, IDisposable
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _disposed;

    public async ValueTask<ReadOnlyMemory<byte>> Read(CancellationToken ct)
    {
        try
        {
            return _buffer.AsMemory(0, await socket.ReceiveAsync(_buffer.AsMemory(), ct));
        }
        catch (Exception e) when (IsClosed(e))
        {
            return default; // It was taken over, or the guest is off.
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public async ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[await socket.SendAsync(bytes, ct)..];
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException(e.Message, e);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        socket.Dispose();
        closed?.Invoke(this);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private bool IsClosed(Exception e) =>
        e is ObjectDisposedException || (e is SocketException && Volatile.Read(ref _disposed) != 0) || e is SocketException { SocketErrorCode: SocketError.ConnectionReset };
}
