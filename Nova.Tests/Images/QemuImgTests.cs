using System.Diagnostics;
using Nova.Modules.Images;
using Nova.Tests.Support;

namespace Nova.Tests.Images;

/// <summary>The inspector on images as qemu-img really writes them.</summary>
public class QemuImgTests
{
    [NeedsTheory(Need.Libvirt)]
    [InlineData("raw", "raw", "")]
    [InlineData("qcow2", "qcow2", "")]
    [InlineData("qcow2", "qcow2", "compat=0.10")]
    [InlineData("qcow2", "qcow2", "extended_l2=on,cluster_size=128k")]
    [InlineData("vmdk", "vmdk", "subformat=monolithicSparse")]
    [InlineData("vmdk", "vmdk", "subformat=streamOptimized")]
    [InlineData("vdi", "vdi", "")]
    [InlineData("vpc", "vhd", "subformat=dynamic,force_size=on")]
    [InlineData("vpc", "vhd", "subformat=fixed,force_size=on")]
    [InlineData("vhdx", "vhdx", "")]
    public async Task What_qemu_img_writes_is_understood(string driver, string format, string options)
    {
        var folder = Directory.CreateTempSubdirectory("nqi");
        var source = Path.Combine(folder.FullName, "source");
        var image = Path.Combine(folder.FullName, "image");
        await File.WriteAllBytesAsync(source, [.. new byte[4 << 20], .. Enumerable.Repeat((byte)7, 4 << 20)]);

        string[] o = options.Length > 0 ? ["-o", options] : [];
        await Run(["convert", "-q", "-f", "raw", "-O", driver, .. o, source, image]);

        Assert.Equal(8 << 20, (await Inspect(image, format)).VirtualSize);
        folder.Delete(recursive: true);
    }

    private static async Task<ImageFacts> Inspect(string path, string format)
    {
        var inspector = new ImageInspector("image", format, 1 << 30);
        inspector.Feed(await File.ReadAllBytesAsync(path));
        return inspector.Finish();
    }

    private static async Task Run(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("qemu-img", arguments) { RedirectStandardInput = true, RedirectStandardError = true })!;
        process.StandardInput.Close();
        var words = await process.StandardError.ReadToEndAsync().WaitAsync(Eventually.Limit);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, words);
    }
}
