using Nova.Modules.Images.Formats;
using Nova.Modules.Shared;

namespace Nova.Modules.Images;

/// <summary>
/// Reads an image as it streams by and refuses what could make the host open another file, decrypt, or allocate more than
/// it may: backing files, external data files, encryption, several formats at once, a format other than the declared one.
/// Keeps the first 64 KiB, the last 2 KiB and (for vhdx) two tables, whatever the image's size. Every refusal is a
/// <see cref="Fault"/> of kind BadRequest that says why; it comes with the first chunk that allows the verdict.
/// </summary>
public sealed class ImageInspector
{
    /// <summary>Formats that an image may be declared as. ami, aki and ari are plain bytes, as raw is.</summary>
    public static readonly IReadOnlyList<string> Accepted = ["raw", "qcow2", "vmdk", "vdi", "vhd", "vhdx", "iso", "ami", "aki", "ari"];

    private readonly string _imageId;
    private readonly string _declared;
    private readonly long _maxVirtualSize;
    private readonly ImageBytes _bytes = new();
    private bool _headChecked;

    /// <param name="imageId">Named in the refusals.</param>
    /// <param name="declaredFormat">The image's <c>disk_format</c>.</param>
    /// <param name="maxVirtualSize">Bytes that a guest may see at most.</param>
    public ImageInspector(string imageId, string declaredFormat, long maxVirtualSize)
    {
        _imageId = imageId;
        _maxVirtualSize = maxVirtualSize;
        _declared = declaredFormat is "ami" or "aki" or "ari" ? "raw" : declaredFormat;
        if (!Accepted.Contains(declaredFormat))
            throw Refused($"disk format {declaredFormat} is not supported");
    }

    /// <summary>The next bytes of the image, in order.</summary>
    public void Feed(ReadOnlySpan<byte> chunk)
    {
        _bytes.Append(chunk);
        if (_bytes.Length > _maxVirtualSize && _declared is "raw" or "iso")
            throw TooLarge(_bytes.Length);
        if (_headChecked || _bytes.Length < ImageBytes.HeadSize)
            return;

        _headChecked = true;
        CheckHead(ended: false);
    }

    /// <summary>The verdict over the whole image.</summary>
    public ImageFacts Finish()
    {
        CheckHead(ended: true);
        if (_declared != "vhd" && VhdFormat.HasFooter(_bytes))
            throw Refused($"it is declared as {_declared}, but its bytes end as those of a vhd image");

        return new(_declared, VirtualSize());
    }

    /// <summary>Inspects a file of a format whose verdict needs only its head and its tail: raw, qcow2, iso.</summary>
    public static ImageFacts OfFile(string path, string imageId, string declaredFormat, long maxVirtualSize)
    {
        var inspector = new ImageInspector(imageId, declaredFormat, maxVirtualSize);
        using var file = File.OpenHandle(path);
        inspector._bytes.ReadEnds(file);
        return inspector.Finish();
    }

    private void CheckHead(bool ended)
    {
        var found = Signatures.Of(_bytes.Head);
        if (found.Count > 1)
            throw Refused($"its bytes match several formats at once: {string.Join(", ", found)}");

        var actual = found.Count == 1 ? found[0] : FormatWithoutSignature(ended);
        if (actual is "qed" or "luks")
            throw Refused($"its bytes are those of a {actual} image, which is not supported");
        if (actual != _declared)
            throw Refused($"it is declared as {_declared}, but its bytes are those of a {actual} image");
        if (_declared is "qcow2" or "vdi")
            VirtualSize();
    }

    // A fixed vhd shows itself only in its last bytes.
    private string FormatWithoutSignature(bool ended) =>
        _declared == "vhd" && (!ended || VhdFormat.HasFooter(_bytes)) ? "vhd" : "raw";

    private long VirtualSize()
    {
        var size = ReadVirtualSize();
        return size <= _maxVirtualSize ? size : throw TooLarge(size);
    }

    private long ReadVirtualSize()
    {
        try
        {
            return _declared switch
            {
                "qcow2" => Qcow2Format.VirtualSize(_bytes),
                "vmdk" => VmdkFormat.VirtualSize(_bytes),
                "vdi" => VdiFormat.VirtualSize(_bytes),
                "vhd" => VhdFormat.VirtualSize(_bytes),
                "vhdx" => VhdxFormat.VirtualSize(_bytes),
                _ => _bytes.Length,
            };
        }
        catch (MalformedImage e)
        {
            throw Refused(e.Message);
        }
    }

    private Fault TooLarge(long size) =>
        Refused($"its virtual size of {size} bytes is larger than the limit of {_maxVirtualSize} bytes");

    private Fault Refused(string reason)
    {
        var imageId = _imageId;
        return Fault.BadRequest($"Image {imageId} is unacceptable: {reason}.");
    }
}
