namespace Nova.Modules.Shared;

/// <summary>Which release this is.</summary>
public static class Release
{
    /// <summary>MAJOR.MINOR.PATCH of this build.</summary>
    public static readonly string Version = typeof(Release).Assembly.GetName().Version!.ToString(3);

    /// <summary>Which messages between roles this release understands; rises with each release that adds one.</summary>
    public const int WireLevel = 1;

    /// <summary>Which columns this release reads and writes; rises with each release that adds one.</summary>
    public const int SchemaLevel = 1;
}
