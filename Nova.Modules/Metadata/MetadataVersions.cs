namespace Nova.Modules.Metadata;

/// <summary>The versions of both trees; a later one holds everything of an earlier one.</summary>
internal static class MetadataVersions
{
    /// <summary>The newest, under a name that never changes.</summary>
    public const string Latest = "latest";

    public static readonly IReadOnlyList<string> OpenStack =
        ["2012-08-10", "2013-04-04", "2013-10-17", "2015-10-15", "2016-06-30", "2016-10-06", "2017-02-22", "2018-08-27", "2020-10-14", "2025-04-04", Latest];

    public static readonly IReadOnlyList<string> Ec2 =
        ["1.0", "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15", "2008-02-01", "2008-09-01", "2009-04-04", Latest];

    /// <summary>True when <paramref name="version"/> is <paramref name="since"/> or later. Dates compare as text; "1.0" sorts before and "latest" after them all.</summary>
    public static bool Has(string version, string since) => string.CompareOrdinal(version, since) >= 0;
}
