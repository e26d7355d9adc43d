using System.Buffers.Binary;
using System.Text;

namespace Nova.Drivers.Hypervisor.Libvirt.Disks;

/// <summary>
/// Writes a small ISO 9660 image with Joliet names: the config drive. Names are at most 31 characters a level and keep
/// their letters as they are in both trees, as every guest's reader accepts.
/// </summary>
internal sealed class IsoImage
{
    private const int Sector = 2048;
    private const int FirstFree = 20;
    private const int LongestName = 31;

    private readonly List<Folder> _folders = [];
    private readonly List<Leaf> _leaves = [];
    private readonly byte[] _image;
    private readonly string _label;

    private IsoImage(string label, IReadOnlyDictionary<string, byte[]> files)
    {
        _label = label;
        var root = new Folder("", null);
        foreach (var (path, content) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
            Add(root, path.Split('/', StringSplitOptions.RemoveEmptyEntries), content);
        Collect(root);
        _image = new byte[(long)Place() * Sector];
    }

    /// <summary>The image of a volume with this label (upper case in strict readers, so compare ignoring case) and these files by path.</summary>
    public static byte[] Of(string label, IReadOnlyDictionary<string, byte[]> files) => new IsoImage(label, files).Write();

    private static void Add(Folder folder, string[] path, byte[] content)
    {
        foreach (var part in path[..^1])
        {
            var next = folder.Children.OfType<Folder>().FirstOrDefault(f => f.Name == part);
            if (next is null)
                folder.Children.Add(next = new(Checked(part), folder));
            folder = next;
        }

        folder.Children.Add(new Leaf(Checked(path[^1]), content));
    }

    private static string Checked(string name) => name.Length <= LongestName && name.All(c => c is > ' ' and < '\x7f' and not (';' or '\\'))
        ? name
        : throw new ArgumentException($"The name '{name}' does not fit on a config drive: 31 printable ASCII characters are the limit.");

    // Breadth first, as the path table wants its folders.
    private void Collect(Folder root)
    {
        _folders.Add(root);
        for (var i = 0; i < _folders.Count; i++)
        {
            _folders[i].Number = i + 1;
            _folders[i].Children.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
            _folders.AddRange(_folders[i].Children.OfType<Folder>());
            _leaves.AddRange(_folders[i].Children.OfType<Leaf>());
        }
    }

    // Sectors 16 and 17 are the descriptors, 18 their end, 19 is empty; then four path tables, the folders twice, the files.
    private int Place()
    {
        var next = FirstFree;
        PathTables = [next, next += Sectors(PathTable(0, joliet: false).Length), 0, 0];
        next += Sectors(PathTable(0, joliet: false).Length);
        PathTables[2] = next;
        PathTables[3] = next += Sectors(PathTable(0, joliet: true).Length);
        next += Sectors(PathTable(0, joliet: true).Length);
        foreach (var joliet in (bool[])[false, true])
            foreach (var folder in _folders)
            {
                folder.At[joliet ? 1 : 0] = next;
                next += folder.Sectors(joliet);
            }

        foreach (var leaf in _leaves)
        {
            leaf.At[0] = leaf.At[1] = next;
            next += Sectors(leaf.Content.Length);
        }

        return next;
    }

    private int[] PathTables { get; set; } = [];

    private byte[] Write()
    {
        Descriptor(16, joliet: false);
        Descriptor(17, joliet: true);
        var end = At(18);
        end[0] = 255;
        "CD001"u8.CopyTo(end[1..]);
        end[6] = 1;

        for (var i = 0; i < 4; i++)
            PathTable(i, joliet: i >= 2).CopyTo(At(PathTables[i]));
        foreach (var folder in _folders)
        {
            WriteFolder(folder, joliet: false);
            WriteFolder(folder, joliet: true);
        }

        foreach (var leaf in _leaves)
            leaf.Content.CopyTo(At(leaf.At[0]));
        return _image;
    }

    private void Descriptor(int sector, bool joliet)
    {
        var volume = At(sector)[..Sector];
        volume[0] = (byte)(joliet ? 2 : 1);
        "CD001"u8.CopyTo(volume[1..]);
        volume[6] = 1;
        Text(volume[8..40], "LINUX", joliet);
        Text(volume[40..72], _label, joliet);
        Both32(volume[80..], _image.Length / Sector);
        if (joliet)
            "%/E"u8.CopyTo(volume[88..]);
        Both16(volume[120..], 1);
        Both16(volume[124..], 1);
        Both16(volume[128..], Sector);
        Both32(volume[132..], PathTable(0, joliet).Length);
        BinaryPrimitives.WriteInt32LittleEndian(volume[140..], PathTables[joliet ? 2 : 0]);
        BinaryPrimitives.WriteInt32BigEndian(volume[148..], PathTables[joliet ? 3 : 1]);
        Record(_folders[0], [0], joliet).CopyTo(volume[156..]);
        Text(volume[190..813], "", joliet);
        for (var date = 813; date < 881; date += 17)
            volume.Slice(date, 16).Fill((byte)'0');
        volume[881] = 1;
    }

    // Tables 0 and 2 are little-endian, 1 and 3 big-endian.
    private byte[] PathTable(int table, bool joliet)
    {
        var bytes = new List<byte>();
        Span<byte> numbers = stackalloc byte[6];
        foreach (var folder in _folders)
        {
            var name = folder.Parent is null ? [0] : Name(folder, joliet);
            var big = table % 2 == 1;
            var at = folder.At[joliet ? 1 : 0];
            var parent = (ushort)(folder.Parent?.Number ?? 1);
            BinaryPrimitives.WriteInt32LittleEndian(numbers, big ? BinaryPrimitives.ReverseEndianness(at) : at);
            BinaryPrimitives.WriteUInt16LittleEndian(numbers[4..], big ? BinaryPrimitives.ReverseEndianness(parent) : parent);
            bytes.AddRange([(byte)name.Length, 0, .. numbers, .. name]);
            if (name.Length % 2 == 1)
                bytes.Add(0);
        }

        return [.. bytes];
    }

    private void WriteFolder(Folder folder, bool joliet)
    {
        var at = folder.At[joliet ? 1 : 0] * Sector;
        foreach (var record in Records(folder, joliet))
        {
            // A record does not cross a sector's end.
            if (at % Sector + record.Length > Sector)
                at += Sector - at % Sector;
            record.CopyTo(_image.AsSpan(at));
            at += record.Length;
        }
    }

    private static IEnumerable<byte[]> Records(Folder folder, bool joliet) =>
    [
        Record(folder, [0], joliet),
        Record(folder.Parent ?? folder, [1], joliet),
        .. folder.Children.Select(c => Record(c, Name(c, joliet), joliet)),
    ];

    private static byte[] Record(Node node, byte[] name, bool joliet)
    {
        var record = new byte[RecordLength(name.Length)];
        record[0] = (byte)record.Length;
        Both32(record.AsSpan(2), node.At[joliet ? 1 : 0]);
        Both32(record.AsSpan(10), node is Leaf leaf ? leaf.Content.Length : ((Folder)node).Sectors(joliet) * Sector);
        // 1 January 1980: contents, not dates, make two images equal.
        new byte[] { 80, 1, 1 }.CopyTo(record, 18);
        record[25] = (byte)(node is Folder ? 2 : 0);
        Both16(record.AsSpan(28), 1);
        record[32] = (byte)name.Length;
        name.CopyTo(record, 33);
        return record;
    }

    private static int RecordLength(int nameLength) => (33 + nameLength + 1) & ~1;

    private static byte[] Name(Node node, bool joliet)
    {
        var name = node is Leaf ? node.Name + ";1" : node.Name;
        return (joliet ? Encoding.BigEndianUnicode : Encoding.ASCII).GetBytes(name);
    }

    private static void Text(Span<byte> field, string text, bool joliet)
    {
        var encoding = joliet ? Encoding.BigEndianUnicode : Encoding.ASCII;
        var padded = encoding.GetBytes(text.PadRight(field.Length / (joliet ? 2 : 1)));
        padded.CopyTo(field);
    }

    private Span<byte> At(int sector) => _image.AsSpan(sector * Sector);

    private static int Sectors(int bytes) => (bytes + Sector - 1) / Sector;

    private static void Both32(Span<byte> field, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(field, value);
        BinaryPrimitives.WriteInt32BigEndian(field[4..], value);
    }

    private static void Both16(Span<byte> field, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(field, value);
        BinaryPrimitives.WriteUInt16BigEndian(field[2..], value);
    }

    private abstract class Node(string name)
    {
        public string Name => name;

        /// <summary>First sector in the plain and in the Joliet tree.</summary>
        public int[] At { get; } = new int[2];
    }

    private sealed class Folder(string name, Folder? parent) : Node(name)
    {
        public Folder? Parent => parent;

        public int Number { get; set; }

        public List<Node> Children { get; } = [];

        public int Sectors(bool joliet)
        {
            var at = 0;
            foreach (var length in (int[])[1, 1, .. Children.Select(c => IsoImage.Name(c, joliet).Length)])
                at += at % Sector + RecordLength(length) > Sector ? Sector - at % Sector + RecordLength(length) : RecordLength(length);
            return IsoImage.Sectors(at);
        }
    }

    private sealed class Leaf(string name, byte[] content) : Node(name)
    {
        public byte[] Content => content;
    }
}
