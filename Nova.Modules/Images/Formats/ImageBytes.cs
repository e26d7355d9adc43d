using System.Buffers.Binary;

namespace Nova.Modules.Images.Formats;

/// <summary>
/// The parts of a streamed image that a verdict may need: its first 64 KiB, its last 2 KiB, and windows that the content
/// itself asks for (the region and metadata tables of vhdx).
/// </summary>
internal sealed class ImageBytes
{
    /// <summary>Bytes kept from the start; enough for every signature, iso's at 32 KiB included.</summary>
    public const int HeadSize = 64 << 10;

    private const int TailSize = 2 << 10;

    private readonly byte[] _head = new byte[HeadSize];
    private readonly byte[] _tail = new byte[TailSize];
    private readonly List<Window> _windows = [];
    private int _headLength;
    private int _tailLength;

    /// <summary>Bytes seen.</summary>
    public long Length { get; private set; }

    /// <summary>The first bytes, as many as have come.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _headLength);

    /// <summary>The last bytes that have come, at most 2 KiB.</summary>
    public ReadOnlySpan<byte> Tail => _tail.AsSpan(0, _tailLength);

    /// <summary>Takes the next bytes, in pieces small enough that a window is asked for before its bytes go by.</summary>
    public void Append(ReadOnlySpan<byte> chunk)
    {
        for (var at = 0; at < chunk.Length; at += HeadSize)
            AppendPiece(chunk.Slice(at, Math.Min(HeadSize, chunk.Length - at)));
    }

    private void AppendPiece(ReadOnlySpan<byte> chunk)
    {
        AppendHead(chunk);
        foreach (var window in _windows)
            window.Take(Length, chunk);
        AppendTail(chunk);
        Length += chunk.Length;
        VhdxFormat.AskForTables(this);
    }

    /// <summary>Reads head and tail of a file; what lies between is counted, not read.</summary>
    public void ReadEnds(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        Append(ReadAt(file, 0, (int)Math.Min(length, HeadSize)));
        if (length <= HeadSize)
            return;

        AppendTail(ReadAt(file, Math.Max(HeadSize, length - TailSize), (int)Math.Min(TailSize, length - HeadSize)));
        Length = length;
    }

    /// <summary>Keeps this part when it comes by. Parts that have already gone by stay missing.</summary>
    public void Ask(long offset, int length)
    {
        if (!_windows.Exists(w => w.Offset == offset))
            _windows.Add(new(offset, length));
    }

    /// <summary>The window asked for at this offset, when it has come completely.</summary>
    public ReadOnlySpan<byte> WindowAt(long offset) =>
        _windows.Find(w => w.Offset == offset) is { Complete: true } window ? window.Bytes : [];

    public uint Little32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(At(offset, 4));

    public ulong Little64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(At(offset, 8));

    public uint Big32(int offset) => BinaryPrimitives.ReadUInt32BigEndian(At(offset, 4));

    public ulong Big64(int offset) => BinaryPrimitives.ReadUInt64BigEndian(At(offset, 8));

    private ReadOnlySpan<byte> At(int offset, int length) =>
        offset + length <= _headLength ? _head.AsSpan(offset, length) : throw new MalformedImage("its header is truncated");

    private static byte[] ReadAt(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset, int length)
    {
        var bytes = new byte[length];
        for (var read = 0; read < length;)
        {
            var n = RandomAccess.Read(file, bytes.AsSpan(read), offset + read);
            if (n == 0)
                throw new EndOfStreamException("The image file became shorter while it was inspected.");
            read += n;
        }

        return bytes;
    }

    private void AppendHead(ReadOnlySpan<byte> chunk)
    {
        var take = Math.Min(chunk.Length, HeadSize - _headLength);
        chunk[..take].CopyTo(_head.AsSpan(_headLength));
        _headLength += take;
    }

    private void AppendTail(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length > TailSize)
            chunk = chunk[^TailSize..];

        var keep = Math.Min(_tailLength, TailSize - chunk.Length);
        _tail.AsSpan(_tailLength - keep, keep).CopyTo(_tail);
        chunk.CopyTo(_tail.AsSpan(keep));
        _tailLength = keep + chunk.Length;
    }

    private sealed class Window(long offset, int length)
    {
        private int _filled;

        public long Offset => offset;

        public byte[] Bytes { get; } = new byte[length];

        public bool Complete => _filled == length;

        public void Take(long position, ReadOnlySpan<byte> chunk)
        {
            var from = offset + _filled - position;
            if (Complete || from < 0 || from >= chunk.Length)
                return;

            var part = chunk[(int)from..];
            part = part[..Math.Min(part.Length, length - _filled)];
            part.CopyTo(Bytes.AsSpan(_filled));
            _filled += part.Length;
        }
    }
}
