using Nova.Modules.Compute;

namespace Nova.Modules.Metadata;

/// <summary>The content of a config drive: both trees as files.</summary>
public sealed class MetadataDocuments(MetadataOptions options) : IMetadataDocuments
{
    /// <summary>The EC2 versions that a config drive carries; older ones are skipped, as by default in the original.</summary>
    private static readonly string[] Ec2Versions = ["2009-04-04", MetadataVersions.Latest];

    private readonly OpenStackTree openStack = new(options);
    private readonly Ec2Tree ec2 = new(options);

    /// <inheritdoc />
    public IReadOnlyDictionary<string, byte[]> Files(GuestSpec guest)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var version in MetadataVersions.OpenStack)
            foreach (var name in OpenStackTree.Names(version, guest))
                if (openStack.Content(version, name, guest, configDrive: true) is { } content)
                    files[$"openstack/{version}/{name}"] = content;

        foreach (var (file, number) in guest.Metadata.Files.Select((file, number) => (file, number)))
            files["openstack/" + OpenStackTree.ContentPath(number)] = Convert.FromBase64String(file.Contents.Reveal);
        foreach (var version in Ec2Versions)
        {
            files[$"ec2/{version}/meta-data.json"] = ec2.Document(version, guest);
            if (guest.Metadata.UserData is { } userData)
                files[$"ec2/{version}/user-data"] = Convert.FromBase64String(userData);
        }

        return files;
    }
}
