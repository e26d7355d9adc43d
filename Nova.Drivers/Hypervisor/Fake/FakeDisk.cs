using System.Buffers.Binary;
using System.Text;

namespace Nova.Drivers.Hypervisor.Fake;

/// <summary>
/// The copy of a fake guest's disk: a whole qcow2 of the disk's size with one sector that says whose it is. It follows from the
/// guest and the copy's name alone, so nothing has to be kept for it.
/// </summary>
internal static class FakeDisk
{
    private const int ClusterBits = 16;
    private const int Cluster = 1 << ClusterBits;
    private const long PerLevel2 = (long)Cluster / 8 * Cluster;
    private const ulong Copied = 1UL << 63;

    // Header, table of reference counts, their block, both levels of the table of clusters, and the one cluster with data.
    private const int Counts = 1, Block = 2, Level1 = 3, Level2 = 4, Data = 5, Clusters = 6;

    /// <summary>How many bytes every copy has.</summary>
    public const long Bytes = (long)Clusters * Cluster;

    /// <summary>The copy.</summary>
    /// <param name="name">The guest's name.</param>
    /// <param name="server">The server.</param>
    /// <param name="copy">The copy's name.</param>
    /// <param name="size">Bytes that a guest sees; at least one sector.</param>
    public static byte[] Copy(string name, Guid server, Guid copy, long size)
    {
        var file = new byte[Bytes];
        Header(file, Math.Max(size, 512));
        Word(file, Counts, 0, (ulong)Block * Cluster);
        for (var cluster = 0; cluster < Clusters; cluster++)
            BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(Block * Cluster + cluster * 2), 1);
        Word(file, Level1, 0, Copied | ((ulong)Level2 * Cluster));
        Word(file, Level2, 0, Copied | ((ulong)Data * Cluster));
        Encoding.ASCII.GetBytes($"copy {copy} of the disk of the fake guest {name} ({server})", file.AsSpan(Data * Cluster, 440));
        (file[Data * Cluster + 510], file[Data * Cluster + 511]) = (0x55, 0xaa);
        return file;
    }

    private static void Header(byte[] file, long size)
    {
        var at = file.AsSpan();
        BinaryPrimitives.WriteUInt32BigEndian(at, 0x514649fb);
        BinaryPrimitives.WriteUInt32BigEndian(at[4..], 3);
        BinaryPrimitives.WriteUInt32BigEndian(at[20..], ClusterBits);
        BinaryPrimitives.WriteInt64BigEndian(at[24..], size);
        BinaryPrimitives.WriteInt32BigEndian(at[36..], (int)((size + PerLevel2 - 1) / PerLevel2));
        BinaryPrimitives.WriteInt64BigEndian(at[40..], (long)Level1 * Cluster);
        BinaryPrimitives.WriteInt64BigEndian(at[48..], (long)Counts * Cluster);
        BinaryPrimitives.WriteInt32BigEndian(at[56..], 1);
        BinaryPrimitives.WriteInt32BigEndian(at[96..], 4);
        BinaryPrimitives.WriteInt32BigEndian(at[100..], 104);
    }

    private static void Word(byte[] file, int cluster, int index, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(file.AsSpan(cluster * Cluster + index * 8), value);
}
