using System.Buffers.Binary;
using System.Text;
using Nova.Drivers.Hypervisor.Libvirt.Disks;

namespace Nova.Tests.Drivers.Libvirt;

/// <summary>Reads the images back by the standard, in both trees; a real guest reads one in LibvirtHypervisorTests.</summary>
public class IsoImageTests
{
    private const int Sector = 2048;

    private static readonly Dictionary<string, byte[]> Files = Enumerable.Range(0, 90)
        .ToDictionary(i => $"openstack/content/{i:0000}_with_a_longer_name", i => Enumerable.Repeat((byte)i, i * 50).ToArray());

    static IsoImageTests()
    {
        Files["openstack/latest/meta_data.json"] = "{}"u8.ToArray();
        Files["ec2/2009-04-04/user-data"] = new byte[5000];
        Files["empty"] = [];
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    public void Both_trees_hold_all_files(int descriptor)
    {
        var image = IsoImage.Of("config-2", Files);

        var read = new Dictionary<string, byte[]>();
        Walk(image, image.AsSpan(descriptor * Sector + 156, 34).ToArray(), "", joliet: descriptor == 17, read);

        Assert.Equal(Files.Keys.Order(StringComparer.Ordinal), read.Keys.Order(StringComparer.Ordinal));
        Assert.All(Files, f => Assert.Equal(f.Value, read[f.Key]));
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    public void The_path_tables_point_at_every_folder(int descriptor)
    {
        var image = IsoImage.Of("config-2", Files);
        var volume = image.AsSpan(descriptor * Sector, Sector);
        var size = BinaryPrimitives.ReadInt32LittleEndian(volume[132..]);
        var little = image.AsSpan(BinaryPrimitives.ReadInt32LittleEndian(volume[140..]) * Sector, size);
        var big = image.AsSpan(BinaryPrimitives.ReadInt32BigEndian(volume[148..]) * Sector, size);

        var folders = 0;
        for (var at = 0; at < size; at += 8 + little[at] + little[at] % 2, folders++)
        {
            var sector = BinaryPrimitives.ReadInt32LittleEndian(little[(at + 2)..]);
            Assert.Equal(sector, BinaryPrimitives.ReadInt32BigEndian(big[(at + 2)..]));
            // A folder's first record is itself.
            Assert.Equal(sector, BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(sector * Sector + 2)));
        }

        Assert.Equal(6, folders);
    }

    [Fact]
    public void The_label_is_where_guests_look_for_it()
    {
        var image = IsoImage.Of("config-2", Files);

        Assert.Equal("config-2", Encoding.ASCII.GetString(image, 32808, 32).Trim());
        Assert.Equal(image.Length / Sector, BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(16 * Sector + 80)));
    }

    [Theory]
    [InlineData("a/name-that-is-longer-than-31-characters")]
    [InlineData("semi;colon")]
    [InlineData("ümlaut")]
    public void Names_that_not_every_reader_knows_are_refused(string path) =>
        Assert.Throws<ArgumentException>(() => IsoImage.Of("config-2", new Dictionary<string, byte[]> { [path] = [] }));

    private static void Walk(byte[] image, byte[] folder, string path, bool joliet, Dictionary<string, byte[]> read)
    {
        var start = BinaryPrimitives.ReadInt32LittleEndian(folder.AsSpan(2)) * Sector;
        var length = BinaryPrimitives.ReadInt32LittleEndian(folder.AsSpan(10));
        for (var at = start; at < start + length;)
        {
            if (image[at] == 0)
            {
                at += Sector - at % Sector;
                continue;
            }

            Assert.True(at % Sector + image[at] <= Sector, "A record crosses a sector's end.");
            Visit(image, image.AsSpan(at, image[at]).ToArray(), path, joliet, read);
            at += image[at];
        }
    }

    private static void Visit(byte[] image, byte[] record, string path, bool joliet, Dictionary<string, byte[]> read)
    {
        var name = record.AsSpan(33, record[32]);
        if (name.Length == 1 && name[0] <= 1)
            return;

        var text = path + (joliet ? Encoding.BigEndianUnicode : Encoding.ASCII).GetString(name);
        var (sector, length) = (BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(2)), BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(10)));
        Assert.Equal((sector, length), (BinaryPrimitives.ReadInt32BigEndian(record.AsSpan(6)), BinaryPrimitives.ReadInt32BigEndian(record.AsSpan(14))));
        if ((record[25] & 2) != 0)
            Walk(image, record, text + "/", joliet, read);
        else
            read.Add(text.Replace(";1", "", StringComparison.Ordinal), image.AsSpan(sector * Sector, length).ToArray());
    }
}
