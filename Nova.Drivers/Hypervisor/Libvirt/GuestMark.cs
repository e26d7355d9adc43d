using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Nova.Drivers.Hypervisor.Libvirt.Xml;
using Nova.Modules.Compute;

namespace Nova.Drivers.Hypervisor.Libvirt;

/// <summary>What we write into a domain's metadata: that it is ours, and of whom.</summary>
internal sealed record GuestMark
{
    /// <summary>The XML namespace of the element.</summary>
    public const string Namespace = "urn:nova-host:guest:1";

    /// <summary>The prefix under which it is written.</summary>
    public const string Prefix = "nova";

    public required string Installation { get; init; }

    public required Guid Server { get; init; }

    public required long Epoch { get; init; }

    public required string DisplayName { get; init; }

    public required string Flavor { get; init; }

    public required string Project { get; init; }

    public required string User { get; init; }

    public static GuestMark Of(GuestSpec guest, string installation) => new()
    {
        Installation = CleanText.Of(installation),
        Server = guest.ServerId,
        Epoch = guest.Epoch,
        DisplayName = CleanText.Of(guest.DisplayName),
        Flavor = CleanText.Of(guest.Flavor.Name),
        Project = CleanText.Of(guest.ProjectId),
        User = CleanText.Of(guest.UserId),
    };

    /// <summary>The mark in an element that libvirt gave back; null when it is not one of this release or earlier.</summary>
    public static GuestMark? Parse(string xml)
    {
        var guest = XElement.Parse(xml);
        string Text(string name) => guest.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value ?? "";

        if (!Guid.TryParse(Text("server"), out var server) || !long.TryParse(Text("epoch"), CultureInfo.InvariantCulture, out var epoch))
            return null;

        return new()
        {
            Installation = Text("installation"),
            Server = server,
            Epoch = epoch,
            DisplayName = Text("name"),
            Flavor = Text("flavor"),
            Project = Text("project"),
            User = Text("user"),
        };
    }

    /// <summary>As part of a domain's XML.</summary>
    public void WriteTo(XmlWriter xml) => WriteTo(xml, Prefix, Namespace);

    /// <summary>Alone and without a namespace: libvirt adds it, and refuses an element that has it already.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new() { OmitXmlDeclaration = true }))
            WriteTo(xml, prefix: null, space: null);
        return text.ToString();
    }

    private void WriteTo(XmlWriter xml, string? prefix, string? space)
    {
        xml.WriteStartElement(prefix, "guest", space);
        xml.WriteElementString(prefix, "installation", space, Installation);
        xml.WriteElementString(prefix, "server", space, Server.ToString());
        xml.WriteElementString(prefix, "epoch", space, Epoch.ToString(CultureInfo.InvariantCulture));
        xml.WriteElementString(prefix, "name", space, DisplayName);
        xml.WriteElementString(prefix, "flavor", space, Flavor);
        xml.WriteElementString(prefix, "project", space, Project);
        xml.WriteElementString(prefix, "user", space, User);
        xml.WriteEndElement();
    }
}
