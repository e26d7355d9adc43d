namespace Nova.Modules.Metadata;

/// <summary>Settings of the metadata service and the config drive.</summary>
public sealed record MetadataOptions
{
    /// <summary>Appended to a guest's host name, with a dot; empty for nothing. As <c>[api] dhcp_domain</c>.</summary>
    public string DhcpDomain { get; init; } = "novalocal";

    /// <summary>One JSON object that all guests get as vendor data.</summary>
    public string VendorData { get; init; } = "{}";
}
