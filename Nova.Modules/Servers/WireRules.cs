namespace Nova.Modules.Servers;

/// <summary>What keys of metadata look like.</summary>
internal static class MetadataRules
{
    public const string Names = "^[a-zA-Z0-9-_:. ]{1,255}$";
}

/// <summary>What tags look like.</summary>
internal static class TagRules
{
    public const string Pattern = "^[^,/]*$";
    public const int MaxLength = 60;
    public const int MostTags = 50;
}
