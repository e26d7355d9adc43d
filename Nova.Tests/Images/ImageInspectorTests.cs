using Nova.Modules.Images;
using Nova.Modules.Shared;

namespace Nova.Tests.Images;

public class ImageInspectorTests
{
    private const long Limit = 1L << 40;

    // Where the formats keep their headers and tables.
    private static readonly int[] Offsets = [0, 512, 192 << 10, 3 << 20, (3 << 20) + (64 << 10)];

    public static TheoryData<string, string, long> Good => new()
    {
        { nameof(ImageCorpus.Raw), "raw", 1 << 20 },
        { nameof(ImageCorpus.RawWithPartitions), "raw", 1 << 20 },
        { nameof(ImageCorpus.Tiny), "raw", 3 },
        { nameof(ImageCorpus.Tiny), "aki", 3 },
        { nameof(ImageCorpus.Qcow2), "qcow2", 10 << 20 },
        { nameof(ImageCorpus.Qcow2Version2), "qcow2", 10 << 20 },
        { nameof(ImageCorpus.VmdkSparse), "vmdk", 10 << 20 },
        { nameof(ImageCorpus.VmdkStream), "vmdk", 10 << 20 },
        { nameof(ImageCorpus.Vdi), "vdi", 10 << 20 },
        { nameof(ImageCorpus.VhdDynamic), "vhd", 10 << 20 },
        { nameof(ImageCorpus.VhdFixed), "vhd", 10 << 20 },
        { nameof(ImageCorpus.Vhdx), "vhdx", 10 << 20 },
        { nameof(ImageCorpus.Iso), "iso", 40 << 10 },
        { nameof(ImageCorpus.HybridIso), "iso", 40 << 10 },
    };

    public static TheoryData<string, string, string> Bad => new()
    {
        { nameof(ImageCorpus.Qcow2), "raw", "its bytes are those of a qcow2 image" },
        { nameof(ImageCorpus.Raw), "qcow2", "its bytes are those of a raw image" },
        { nameof(ImageCorpus.Vdi), "vhd", "its bytes are those of a vdi image" },
        { nameof(ImageCorpus.VhdFixed), "raw", "its bytes end as those of a vhd image" },
        { nameof(ImageCorpus.Raw), "vhd", "its bytes are those of a raw image" },
        { nameof(ImageCorpus.Qcow2WithBackingFile), "qcow2", "backing file" },
        { nameof(ImageCorpus.Qcow2WithDataFile), "qcow2", "external data file" },
        { nameof(ImageCorpus.Qcow2NamingDataFile), "qcow2", "names another file" },
        { nameof(ImageCorpus.Qcow2Encrypted), "qcow2", "encrypted" },
        { nameof(ImageCorpus.Qcow2FromTheFuture), "qcow2", "not known" },
        { nameof(ImageCorpus.Qcow1), "qcow2", "version 1" },
        { nameof(ImageCorpus.Qcow2WithEndlessHeader), "qcow2", "header length" },
        { nameof(ImageCorpus.Qcow2WithEndlessExtension), "qcow2", "damaged" },
        { nameof(ImageCorpus.Qcow2Truncated), "qcow2", "truncated" },
        { nameof(ImageCorpus.Qcow2Huge), "qcow2", "larger than the limit" },
        { nameof(ImageCorpus.Qcow2ClaimingNegativeSize), "qcow2", "out of range" },
        { nameof(ImageCorpus.Qed), "qcow2", "not supported" },
        { nameof(ImageCorpus.Qed), "raw", "not supported" },
        { nameof(ImageCorpus.Luks), "raw", "not supported" },
        { nameof(ImageCorpus.IsoAndQcow2), "iso", "several formats at once: qcow2, iso" },
        { nameof(ImageCorpus.IsoAndQcow2), "qcow2", "several formats at once" },
        { nameof(ImageCorpus.VdiAndQcow2), "vdi", "several formats at once" },
        { nameof(ImageCorpus.VmdkText), "vmdk", "external extents" },
        { nameof(ImageCorpus.VmdkFlat), "vmdk", "external extents" },
        { nameof(ImageCorpus.VmdkNamingAPath), "vmdk", "external extents" },
        { nameof(ImageCorpus.VmdkWithoutCapacity), "vmdk", "no capacity" },
        { nameof(ImageCorpus.VmdkWithOtherFooter), "vmdk", "footer differ" },
        { nameof(ImageCorpus.VmdkWithParent), "vmdk", "parent" },
        { nameof(ImageCorpus.VdiDifference), "vdi", "difference" },
        { nameof(ImageCorpus.VdiWithParent), "vdi", "parent" },
        { nameof(ImageCorpus.VhdDifference), "vhd", "difference" },
        { nameof(ImageCorpus.VhdxWithParent), "vhdx", "difference" },
        { nameof(ImageCorpus.VhdxTruncated), "vhdx", "metadata could not be found" },
        { nameof(ImageCorpus.Empty), "qcow2", "raw image" },
    };

    [Theory, MemberData(nameof(Good))]
    public void Good_images_are_accepted_however_they_are_cut_into_chunks(string image, string format, long virtualSize)
    {
        var bytes = ImageCorpus.Named(image);
        foreach (var chunk in (int[])[1 << 30, 65536, 4097])
            Assert.Equal(virtualSize, Inspect(bytes, format, Limit, chunk).VirtualSize);
    }

    [Theory, MemberData(nameof(Bad))]
    public void Bad_images_are_refused_with_the_reason_however_they_are_cut_into_chunks(string image, string format, string reason)
    {
        var bytes = ImageCorpus.Named(image);
        foreach (var chunk in (int[])[1 << 30, 65536, 4097])
        {
            var fault = Assert.Throws<Fault>(() => Inspect(bytes, format, Limit, chunk));
            Assert.Equal(FaultKind.BadRequest, fault.Kind);
            Assert.StartsWith("Image the-image is unacceptable: ", fault.Message, StringComparison.Ordinal);
            Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_bad_image_is_refused_before_its_end()
    {
        var inspector = new ImageInspector("the-image", "raw", Limit);

        Assert.Throws<Fault>(() => inspector.Feed(ImageCorpus.Padded(ImageCorpus.Qcow2, 64 << 10)));
    }

    [Fact]
    public void A_raw_image_is_refused_at_the_first_byte_too_many()
    {
        var inspector = new ImageInspector("the-image", "raw", maxVirtualSize: 1000);
        inspector.Feed(new byte[1000]);

        Assert.Throws<Fault>(() => inspector.Feed(new byte[1]));
    }

    [Theory]
    [InlineData("ploop")]
    [InlineData("qed")]
    [InlineData("")]
    public void An_unknown_declared_format_is_refused(string format) =>
        Assert.Contains("is not supported", Assert.Throws<Fault>(() => new ImageInspector("the-image", format, Limit)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(nameof(ImageCorpus.Raw), "raw")]
    [InlineData(nameof(ImageCorpus.Qcow2), "qcow2")]
    [InlineData(nameof(ImageCorpus.Iso), "iso")]
    public void A_file_gives_the_same_verdict_as_a_stream(string image, string format)
    {
        var bytes = ImageCorpus.Named(image);
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, bytes);

        Assert.Equal(Inspect(bytes, format, Limit, 4096), ImageInspector.OfFile(path, "the-image", format, Limit));

        File.Delete(path);
    }

    [Fact]
    public void Random_headers_never_do_more_than_refuse()
    {
        var random = new Random(7);
        foreach (var (image, format) in new[] { ("Qcow2", "qcow2"), ("VmdkSparse", "vmdk"), ("Vdi", "vdi"), ("VhdDynamic", "vhd"), ("Vhdx", "vhdx") })
            for (var i = 0; i < 300; i++)
            {
                var bytes = (byte[])ImageCorpus.Named(image).Clone();
                for (var n = 0; n < 4; n++)
                    bytes[Offsets[random.Next(Offsets.Length)] is var start && start < bytes.Length ? start + random.Next(Math.Min(512, bytes.Length - start)) : random.Next(512)] = (byte)random.Next(256);
                if (Record.Exception(() => Inspect(bytes, format, Limit, 65536)) is { } e)
                    Assert.IsType<Fault>(e);
            }
    }

    private static ImageFacts Inspect(byte[] bytes, string format, long limit, int chunk)
    {
        var inspector = new ImageInspector("the-image", format, limit);
        for (var at = 0; at < bytes.Length; at += chunk)
            inspector.Feed(bytes.AsSpan(at, Math.Min(chunk, bytes.Length - at)));
        return inspector.Finish();
    }
}
