namespace Nova.Modules.Compute;

/// <summary>What a guest is told about itself, as the files of a config drive.</summary>
public interface IMetadataDocuments
{
    /// <summary>
    /// Path to content, such as <c>openstack/latest/meta_data.json</c>. Parts of a path are at most 31 printable ASCII
    /// characters. The same guest gives the same bytes.
    /// </summary>
    IReadOnlyDictionary<string, byte[]> Files(GuestSpec guest);
}
