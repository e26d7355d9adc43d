using System.Xml.Linq;
using Nova.Drivers.Hypervisor.Libvirt.Native;

namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>How far a mirror of a disk is.</summary>
internal enum DiskMirror
{
    /// <summary>There is none, or it has failed.</summary>
    None,
    /// <summary>It copies what was there before it.</summary>
    Copying,
    /// <summary>Both disks have the same bytes, and every write goes to both.</summary>
    Equal,
}

// Mirrors of disks of domains that run.
internal sealed partial class GuestDomains
{
    /// <summary>The whole disk, with what it is based on, is copied to a new qcow2, and writes go to both from now on.</summary>
    public Task BeginMirror(Guid id, string disk, string to, CancellationToken ct)
    {
        var target = new XElement(
            "disk", new XAttribute("type", "file"), new XElement("source", new XAttribute("file", to)), new XElement("driver", new XAttribute("type", "qcow2")));
        return With(
            id, "copy the guest's disk",
            d => LibvirtApi.virDomainBlockCopy(d, disk, target.ToString(SaveOptions.DisableFormatting), 0, 0, Flags.BlockCopyTransient), LibvirtErrorCode.Ok, ct);
    }

    /// <summary>The mirror of a disk.</summary>
    public Task<DiskMirror> MirrorState(Guid id, string disk, CancellationToken ct) => link.Call(
        connection =>
        {
            using var domain = Lookup(connection, id);
            return domain is null || LibvirtApi.OwnText(LibvirtApi.virDomainGetXMLDesc(domain, 0)) is not { } xml ? DiskMirror.None : MirrorOf(xml, disk);
        }, ct);

    /// <summary>The guest writes to its own disk alone; nothing happens when there is no mirror.</summary>
    public async Task EndMirror(Guid id, string disk, CancellationToken ct)
    {
        if (await MirrorState(id, disk, ct) != DiskMirror.None)
            await With(id, "end the copy of the guest's disk", d => LibvirtApi.virDomainBlockJobAbort(d, disk, 0), LibvirtErrorCode.OperationInvalid, ct);
    }

    internal static DiskMirror MirrorOf(string xml, string disk)
    {
        var mirror = XElement.Parse(xml).Element("devices")?.Elements("disk")
            .FirstOrDefault(d => (string?)d.Element("source")?.Attribute("file") == disk)?.Element("mirror");
        return mirror is null ? DiskMirror.None : (string?)mirror.Attribute("ready") == "yes" ? DiskMirror.Equal : DiskMirror.Copying;
    }
}
