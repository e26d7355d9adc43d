using System.Buffers.Binary;
using System.Text;

namespace Nova.Drivers.Hypervisor.Fake.Consoles;

/// <summary>
/// A small black screen that speaks RFB 3.8 without authentication (RFC 6143): whoever asks for the picture gets it, and it
/// never changes.
/// </summary>
internal sealed class FakeScreen : FakeStream
{
    private const int Width = 64, Height = 48;
    private const int LongestClipboard = 1 << 20;

    private readonly List<byte> _message = [];
    private readonly string _name;
    private Func<int> _step;
    private int _skip;
    private byte _bytesPerPixel = 4;

    public FakeScreen(string name)
    {
        _name = name;
        _step = Version;
        SayFirst("RFB 003.008\n"u8.ToArray());
    }

    // Each step says how many bytes it needs; with as many it has done its work, and 0 begins the next message.
    protected override void Take(byte b)
    {
        if (_skip > 0)
        {
            _skip--;
            return;
        }

        _message.Add(b);
        if (_step() <= _message.Count)
            _message.Clear();
    }

    private int Version()
    {
        if (_message.Count < 12)
            return 12;

        Say([1, 1]); // One kind of security: none.
        _step = Security;
        return 0;
    }

    private int Security()
    {
        var isNone = _message[0] == 1;
        Say([0, 0, 0, isNone ? (byte)0 : (byte)1]);
        if (isNone)
            _step = Shared;
        else
            End();
        return 0;
    }

    private int Shared()
    {
        var name = Encoding.ASCII.GetBytes(_name);
        var init = new byte[24 + name.Length];
        BinaryPrimitives.WriteUInt16BigEndian(init, Width);
        BinaryPrimitives.WriteUInt16BigEndian(init.AsSpan(2), Height);
        byte[] format = [32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0];
        format.CopyTo(init, 4);
        BinaryPrimitives.WriteInt32BigEndian(init.AsSpan(20), name.Length);
        name.CopyTo(init, 24);
        Say(init);
        _step = Message;
        return 0;
    }

    private int Message() => _message[0] switch
    {
        0 => PixelFormat(),
        2 => _message.Count < 4 ? 4 : 4 + 4 * Short(2),
        3 => Picture(),
        4 => 8,
        5 => 6,
        6 => Clipboard(),
        _ => Unknown(),
    };

    private int PixelFormat()
    {
        if (_message.Count < 20)
            return 20;

        _bytesPerPixel = _message[4] switch { 8 => 1, 16 => 2, _ => 4 };
        return 0;
    }

    private int Picture()
    {
        if (_message.Count < 10)
            return 10;
        if (_message[1] != 0)
            return 0; // Only what has changed: nothing.

        var picture = new byte[16 + Width * Height * _bytesPerPixel];
        picture[3] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(picture.AsSpan(8), Width);
        BinaryPrimitives.WriteUInt16BigEndian(picture.AsSpan(10), Height);
        Say(picture);
        return 0;
    }

    private int Clipboard()
    {
        if (_message.Count < 8)
            return 8;

        var length = (long)Short(4) << 16 | (uint)Short(6);
        if (length > LongestClipboard)
            return Unknown();
        _skip = (int)length;
        return 0;
    }

    private int Unknown()
    {
        End();
        return 0;
    }

    private int Short(int at) => _message[at] << 8 | _message[at + 1];
}
